/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* open and its kin: told by the file on success, by the path on failure; for reading only where it proves persistence. */
#pragma once

#include "call-path.h"

/* An inode starts anew (emptied, or its number given to a new file): what was not told yet is told now. */
static __always_inline void close_total(struct inode *inode, struct process *process)
{
	struct inode_key key = key_of(inode, process->slot);
	struct inode_total *total = bpf_map_lookup_elem(&inodes, &key);
	if (!total)
		return;
	if (total->bytes != total->told_bytes || total->size != total->told_size) {
		struct scratch *scratch = begin(RECORD_TOTAL, process->slot, process->exec_id);
		if (!scratch)
			return;
		scratch->record.ino = key.ino;
		scratch->record.dev = key.dev;
		scratch->record.generation = key.generation;
		scratch->record.bytes = total->bytes;
		scratch->record.size = total->size;
		deliver(scratch);
	}
	bpf_map_delete_elem(&inodes, &key);
}

#define CHANGES_A_FILE (O_ACCMODE | O_CREAT | O_TRUNC | O_TMPFILE_BIT)

/* A file that was opened, and that this open emptied or made or may write; for reading only where it proves persistence. */
static __always_inline int on_opened(struct ended_call *call, struct file *file, __u64 flags, __u64 mode)
{
	if (!file)
		return 0;
	int writes = (flags & CHANGES_A_FILE) != 0;
	struct inode *inode = inode_of(file);
	if (!writes) {
		struct target *target = bpf_map_lookup_elem(&targets, &call->process->slot);
		if (!target || !changed_later_than(inode, target))
			return 0;
		if (!is_regular(inode) || keeps_nothing(BPF_CORE_READ(inode, i_sb, s_magic)))
			return 0;
		struct inode_key key = key_of(inode, call->process->slot);
		if (!first_time(&key, SEEN_READ))
			return 0;
	} else if (!is_regular(inode) || is_internal(position_of(file))) {
		return 0;
	}
	int created = writes && ((BPF_CORE_READ(file, f_mode) & FMODE_CREATED) || (flags & O_TMPFILE_BIT));
	if (created || (writes && (flags & O_TRUNC)))
		close_total(inode, call->process);
	struct scratch *scratch = begin_call(call);
	if (!scratch)
		return 0;
	if (!writes)
		scratch->record.kind = RECORD_READ;
	scratch->record.arg[0] = flags;
	scratch->record.arg[1] = mode;
	if (created)
		scratch->record.flags |= RECORD_CREATED;
	describe_file(scratch, position_of(file), inode);
	deliver(scratch);
	return 0;
}

static __always_inline int on_open(struct ended_call *call)
{
	__u64 flags = argument(call, call->row->arg[0]);
	__u64 mode = argument(call, call->row->arg[1]);
	if (call->row->flags & CALL_OPEN_HOW) {
		__u64 how[2] = {};
		bpf_probe_read_user(how, sizeof(how), (void *)flags);
		flags = how[0];
		mode = how[1];
	} else if (call->row->flags & CALL_IMPLIED_CREATE) {
		mode = flags;
		flags = O_CREAT | O_TRUNC | 1;
	}
	if (flags & O_PATH)
		return 0;
	if (!failed(call->result))
		return on_opened(call, file_of(call->result), flags, mode);
	if (!(flags & CHANGES_A_FILE) || (call->row->flags & CALL_BY_HANDLE))
		return 0;
	struct scratch *scratch = begin_call(call);
	if (!scratch)
		return 0;
	scratch->record.arg[0] = flags;
	scratch->record.arg[1] = mode;
	int dirfd = call->row->dirfd >= 0 ? (int)argument(call, call->row->dirfd) : AT_FDCWD;
	if (describe_path(scratch, USER_TEXT, (void *)argument(call, call->row->path), dirfd))
		return 0;
	deliver(scratch);
	return 0;
}
