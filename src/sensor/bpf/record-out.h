/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Beginning and delivering a record. */
#pragma once

#include "maps.h"
#include "repeats.h"
#include <bpf/bpf_core_read.h>

static __always_inline struct scratch *begin(__u8 kind, __u32 slot, __u32 exec_id)
{
	__u32 zero = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratch_space, &zero);
	if (!scratch)
		return 0;
	struct record *record = &scratch->record;
	__builtin_memset(record, 0, sizeof(*record));
	/* Typed by the verifier: its members are plain loads, which cost a tenth of BPF_CORE_READ. */
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	record->kind = kind;
	record->slot = slot;
	record->exec_id = exec_id;
	record->time_ns = bpf_ktime_get_ns();
	record->pid = task->tgid;
	record->uid = task->cred->fsuid.val;
	record->gid = task->cred->fsgid.val;
	record->mount_namespace = task->nsproxy->mnt_ns->ns.inum;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	return scratch;
}

/* Functions that are not static are looked at by the verifier once, and not at each of their calls. */
__noinline int deliver(struct scratch *scratch)
{
	struct counters *counters = count();
	if (!scratch || !counters)
		return 0;
	if (scratch->record.flags & (RECORD_UNREADABLE | RECORD_CUT))
		counters->unreadable++;
	__u32 used = scratch->record.text_bytes;
	barrier_var(used);
	if (used > TEXT_BYTES)
		return 0;
	struct told_key key = {};
	int repeats = may_repeat(scratch, &key);
	if (repeats && was_told(&key)) {
		counters->repeated++;
		return 0;
	}
	/* The reader polls: a wake-up per record costs more than the record. */
	if (bpf_ringbuf_output(&ring, &scratch->record, sizeof(struct record) + used, BPF_RB_NO_WAKEUP)) {
		counters->ring_full++;
		return 0;
	}
	counters->records++;
	if (repeats)
		mark_told(&key);
	return 0;
}
