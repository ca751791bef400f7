/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * io_uring: what a process asks for in a shared ring makes no system call. A request's paths are there when it is submitted
 * and gone when it has been carried out; its result is there when it completes, perhaps in a thread of the kernel's own that
 * belongs to the process. So a request with a path is held as a record without result from the one to the other.
 *
 * Both tracepoints changed before they had this form (Linux 6.3, 6.10): the programs touch their arguments by type, so that
 * a kernel with another form refuses them, and the loader goes on without.
 */
#pragma once

#include "call-file.h"
#include "call-open.h"
#include "container.h"

/* include/uapi/linux/io_uring.h */
enum ring_operation {
	RING_OPENAT = 18,
	RING_OPENAT2 = 28,
	RING_RENAMEAT = 35,
	RING_UNLINKAT = 36,
	RING_MKDIRAT = 37,
	RING_SYMLINKAT = 38,
	RING_LINKAT = 39,
	RING_SETXATTR = 42,
	RING_BIND = 56,
};
#define RING_OPERATIONS 256
#define ECANCELED 125

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RING_OPERATIONS);
	__type(key, __u32);
	__type(value, struct call);
} ring_calls SEC(".maps");

#define HELD_TEXT 2048

struct held_request {
	struct record record;
	char text[HELD_TEXT];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct held_request);
} held_requests SEC(".maps");

static __always_inline void on_io_uring_setup(void)
{
	__u32 zero = 0;
	struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	if (!set || !set->rings_are_decoded)
		COUNT(undecoded_rings);
}

static __always_inline void hold(struct io_kiocb *request, struct scratch *scratch)
{
	__u64 key = (__u64)request;
	/* A map takes the value from the record on: what lies behind its text in the scratch space does no harm. */
	if (scratch->record.text_bytes > HELD_TEXT || bpf_map_update_elem(&held_requests, &key, scratch, BPF_ANY))
		COUNT(unreadable);
}

static __always_inline int describe_one(struct scratch *scratch, struct filename *filename, int dirfd, __u64 argument)
{
	scratch->record.arg[0] = argument;
	return describe_path(scratch, KERNEL_TEXT, BPF_CORE_READ(filename, name), dirfd);
}

/* `struct io_link` is that of symlinks too, where the old path is only a text. */
static __always_inline int describe_link(struct scratch *scratch, struct io_link *link, int is_symlink)
{
	const char *old = BPF_CORE_READ(link, oldpath, name);
	const char *new = BPF_CORE_READ(link, newpath, name);
	int dirfd = BPF_CORE_READ(link, new_dfd);
	scratch->record.arg[0] = BPF_CORE_READ(link, flags);
	if (!is_symlink)
		return describe_path(scratch, KERNEL_TEXT, old, BPF_CORE_READ(link, old_dfd)) ||
		       describe_path2(scratch, KERNEL_TEXT, new, dirfd);
	if (describe_path(scratch, KERNEL_TEXT, new, dirfd))
		return -1;
	scratch->record.length[STRING_PATH2] = append_text(scratch, KERNEL_TEXT, old);
	return 0;
}

static __always_inline int describe_rename(struct scratch *scratch, struct io_rename *rename)
{
	scratch->record.arg[0] = BPF_CORE_READ(rename, flags);
	return describe_path(scratch, KERNEL_TEXT, BPF_CORE_READ(rename, oldpath, name), BPF_CORE_READ(rename, old_dfd)) ||
	       describe_path2(scratch, KERNEL_TEXT, BPF_CORE_READ(rename, newpath, name), BPF_CORE_READ(rename, new_dfd));
}

static __always_inline int describe_open(struct scratch *scratch, struct io_open *open)
{
	__u64 flags = BPF_CORE_READ(open, how.flags);
	if ((flags & O_PATH) || !(flags & CHANGES_A_FILE))
		return -1;
	scratch->record.arg[1] = BPF_CORE_READ(open, how.mode);
	return describe_one(scratch, BPF_CORE_READ(open, filename), BPF_CORE_READ(open, dfd), flags);
}

static __always_inline int describe_bind(struct scratch *scratch, struct io_kiocb *request)
{
	struct io_bind *bind = (void *)request;
	struct io_async_msghdr *message = BPF_CORE_READ(request, async_data);
	const char *address = (void *)message + bpf_core_field_offset(struct io_async_msghdr, addr);
	int length = BPF_CORE_READ(bind, addr_len);
	if (!names_a_file(KERNEL_TEXT, address, length))
		return -1;
	scratch->record.arg[0] = length;
	return describe_path(scratch, KERNEL_TEXT, address + SUN_PATH, AT_FDCWD);
}

/* Nonzero when the request names no path, or changes nothing. */
static __always_inline int describe_request(struct scratch *scratch, struct io_kiocb *request, __u32 operation)
{
	struct io_unlink *unlink = (void *)request;
	struct io_mkdir *mkdir = (void *)request;
	struct io_xattr *xattr = (void *)request;
	switch (operation) {
	case RING_OPENAT:
	case RING_OPENAT2:
		return describe_open(scratch, (void *)request);
	case RING_UNLINKAT:
		return describe_one(scratch, BPF_CORE_READ(unlink, filename), BPF_CORE_READ(unlink, dfd), BPF_CORE_READ(unlink, flags));
	case RING_MKDIRAT:
		return describe_one(scratch, BPF_CORE_READ(mkdir, filename), BPF_CORE_READ(mkdir, dfd), BPF_CORE_READ(mkdir, mode));
	case RING_SETXATTR:
		return describe_one(scratch, BPF_CORE_READ(xattr, filename), AT_FDCWD, 0);
	case RING_RENAMEAT:
		return describe_rename(scratch, (void *)request);
	case RING_LINKAT:
		return describe_link(scratch, (void *)request, 0);
	case RING_SYMLINKAT:
		return describe_link(scratch, (void *)request, 1);
	case RING_BIND:
		return describe_bind(scratch, request);
	}
	return -1;
}

static __always_inline int on_ring_submit(struct io_kiocb *request, __u32 operation)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *row = bpf_map_lookup_elem(&ring_calls, &operation);
	if (!row || !row->kind)
		return 0;
	struct process *process = observed(task, task->tgid);
	if (!process)
		return 0;
	struct ended_call call = { .row = row, .process = process, .number = row->number };
	struct scratch *scratch = begin_call(&call);
	if (scratch && !describe_request(scratch, request, operation))
		hold(request, scratch);
	return 0;
}

static __always_inline int tell_held(__u64 request, long result)
{
	struct held_request *held = bpf_map_lookup_elem(&held_requests, &request);
	__u32 zero = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratch_space, &zero);
	if (!held || !scratch)
		return 0;
	bpf_probe_read_kernel(scratch, sizeof(*held), held);
	scratch->record.result = result;
	scratch->record.time_ns = bpf_ktime_get_ns();
	deliver(scratch);
	return 0;
}

static __always_inline int on_ring_result(struct ended_call *call, struct io_kiocb *request)
{
	struct io_open *open = (void *)request;
	switch (call->row->kind) {
	case CALL_WRITE:
		return on_write(call, BPF_CORE_READ(request, file));
	case CALL_FD:
		return on_open_file(call, BPF_CORE_READ(request, file));
	case CALL_OPEN:
		/* A file that goes into the ring's own table has no descriptor to be found by. */
		if (failed(call->result) || BPF_CORE_READ(open, file_slot))
			break;
		if (BPF_CORE_READ(open, how.flags) & O_PATH)
			return 0;
		return on_opened(call, file_of(call->result), BPF_CORE_READ(open, how.flags), BPF_CORE_READ(open, how.mode));
	}
	return tell_held((__u64)request, call->result);
}

static __always_inline int on_ring_complete(struct io_kiocb *request, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 operation = BPF_CORE_READ(request, opcode);
	struct call *row = bpf_map_lookup_elem(&ring_calls, &operation);
	if (!row || !row->kind)
		return 0;
	struct process *process = observed(task, task->tgid);
	if (process && was_attempted(result) && result != -ECANCELED) {
		struct ended_call call = { .row = row, .process = process, .number = row->number, .result = result };
		on_ring_result(&call, request);
	}
	__u64 key = (__u64)request;
	bpf_map_delete_elem(&held_requests, &key);
	return 0;
}
