/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a flood repeats. A program that is refused a file can ask for it a million times a second, which no reader keeps up
 * with, and the second time says nothing new. So while the reader is behind, and for a moment after, what was told before is
 * counted instead: the same program, user, call, arguments, result and paths. Writes are always told, because each says how
 * large a file is by now.
 */
#pragma once

#include "maps.h"
#include <bpf/bpf_core_read.h>

/* The reader is behind when this part of the ring waits for it. */
#define BEHIND_PART 4
#define PRESSURE_LASTS_NS 1000000000ULL
/* include/uapi/linux/bpf.h */
#define BPF_RB_AVAIL_DATA 0
#define BPF_RB_RING_SIZE 1
/* The constants of FNV-1a, for words instead of bytes. */
#define HASH_START 0xcbf29ce484222325ULL
#define HASH_FACTOR 0x100000001b3ULL

struct told_key {
	__u64 text_hash;
	__u64 arg[2];
	__s64 result;
	__u32 slot;
	__u32 exec_id;
	__u32 uid;
	__u16 call;
	__u16 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct told_key);
	__type(value, __u8);
} told SEC(".maps");

/* Monotonic: until then repetitions are counted. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} pressure_until SEC(".maps");

static __always_inline int is_under_pressure(__u64 now)
{
	__u32 zero = 0;
	__u64 *until = bpf_map_lookup_elem(&pressure_until, &zero);
	if (!until)
		return 0;
	if (bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / BEHIND_PART)
		*until = now + PRESSURE_LASTS_NS;
	return now < *until;
}

struct hashed {
	struct scratch *scratch;
	__u64 hash;
};

static long hash_word(__u32 index, struct hashed *hashed)
{
	__u32 at = index * sizeof(__u64);
	if (at > TEXT_BYTES - sizeof(__u64))
		return 1;
	__u64 word = *(__u64 *)(hashed->scratch->text + at);
	hashed->hash = (hashed->hash ^ word) * HASH_FACTOR;
	hashed->hash ^= hashed->hash >> 29;
	return 0;
}

static __always_inline __u64 hash_of_text(struct scratch *scratch)
{
	__u32 used = scratch->record.text_bytes;
	if (used > TEXT_BYTES - sizeof(__u64))
		return 0;
	/* What an earlier record left behind the text is no part of it. */
	__builtin_memset(scratch->text + used, 0, sizeof(__u64));
	struct hashed hashed = { .scratch = scratch, .hash = HASH_START };
	bpf_loop(used / sizeof(__u64) + 1, hash_word, &hashed, 0);
	return hashed.hash;
}

/* Whether a repetition of the record would be counted now, and what makes one. */
static __always_inline int may_repeat(struct scratch *scratch, struct told_key *key)
{
	struct record *record = &scratch->record;
	if (record->kind != RECORD_CALL || record->bytes || !is_under_pressure(record->time_ns))
		return 0;
	key->text_hash = hash_of_text(scratch);
	key->arg[0] = record->arg[0];
	key->arg[1] = record->arg[1];
	key->result = record->result < 0 ? record->result : 0;
	key->slot = record->slot;
	key->exec_id = record->exec_id;
	key->uid = record->uid;
	key->call = record->call;
	key->flags = record->flags;
	return 1;
}

static __always_inline int was_told(struct told_key *key)
{
	return bpf_map_lookup_elem(&told, key) != 0;
}

static __always_inline void mark_told(struct told_key *key)
{
	__u8 one = 1;
	bpf_map_update_elem(&told, key, &one, BPF_ANY);
}
