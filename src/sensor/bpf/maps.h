/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "record.h"
#include <bpf/bpf_helpers.h>

#define PATH_BYTES 4096
#define NAME_BYTES 256
/* Five strings of at most PATH_BYTES, and slack that lets each append check one bound. */
#define TEXT_BYTES (6 * PATH_BYTES)

/* The record is put together here and copied out once its length is known. Safe per CPU: nothing preempts a tracepoint program. */
struct scratch {
	struct record record;
	char text[TEXT_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch_space SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

/* x32 has calls of its own from 512 on (arch/x86/entry/syscalls/syscall_64.tbl). */
#define CALL_NUMBERS 1024

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_NUMBERS);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALL_NUMBERS);
	__type(key, __u32);
	__type(value, struct call);
} compat_calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

/* Name of a cgroup -> slot of the container it belongs to. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct cgroup_name);
	__type(value, __u32);
} armed_names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct target);
} targets SEC(".maps");

struct process {
	__u32 slot;
	__u32 exec_id;
};

/* Every process of every armed container that has passed its first exec, by thread group. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct process);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 20);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct inode_key);
	__type(value, struct inode_total);
} inodes SEC(".maps");

/* The same container is found by its cgroup in the default hierarchy or in the v1 `pids` hierarchy: both ids are the key. */
struct cgroup_pair {
	__u64 unified;
	__u64 pids;
};
struct cached_slot {
	__u32 slot;
	__u32 epoch;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct cgroup_pair);
	__type(value, struct cached_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgroup_name);
} name_space SEC(".maps");

static __always_inline struct counters *count(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&counters, &zero);
}

#define COUNT(field)                          \
	({                                    \
		struct counters *c = count(); \
		if (c)                        \
			c->field++;           \
	})
