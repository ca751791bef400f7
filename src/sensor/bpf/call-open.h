/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* open and its kin: told by the file on success, by the path on failure; for reading only where it proves persistence. */
#pragma once

#include "call.h"

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

static __always_inline int on_open(struct pt_regs *regs, long result, __u32 number, struct call *call,
				   struct process *process)
{
	__u64 flags = argument(regs, call->arg[0]);
	__u64 mode = argument(regs, call->arg[1]);
	if (call->flags & CALL_OPEN_HOW) {
		__u64 how[2] = {};
		bpf_probe_read_user(how, sizeof(how), (void *)flags);
		flags = how[0];
		mode = how[1];
	} else if (call->flags & CALL_IMPLIED_CREATE) {
		mode = flags;
		flags = O_CREAT | O_TRUNC | 1;
	}
	if (flags & O_PATH)
		return 0;
	int writes = (flags & (O_ACCMODE | O_CREAT | O_TRUNC | O_TMPFILE_BIT)) != 0;
	if (failed(result)) {
		if (!writes || (call->flags & CALL_BY_HANDLE))
			return 0;
		struct scratch *scratch = begin(RECORD_CALL, process->slot, process->exec_id);
		if (!scratch)
			return 0;
		finish_call(scratch, number, result, regs, call);
		scratch->record.arg[0] = flags;
		scratch->record.arg[1] = mode;
		const char *path = (void *)argument(regs, call->path);
		int dirfd = call->dirfd >= 0 ? (int)argument(regs, call->dirfd) : AT_FDCWD;
		int absolute = first_of(path) == '/';
		append_root(scratch, absolute);
		if (absolute)
			scratch->record.flags |= RECORD_BASE_IS_ROOT;
		else if (append_base(scratch, STRING_BASE, dirfd, 1))
			return 0;
		scratch->record.length[STRING_PATH] = append_user_text(scratch, path);
		deliver(scratch);
		return 0;
	}
	struct file *file = file_of(result);
	if (!file)
		return 0;
	struct inode *inode = inode_of(file);
	__u8 kind = RECORD_CALL;
	if (!writes) {
		struct target *target = bpf_map_lookup_elem(&targets, &process->slot);
		if (!target || !changed_later_than(inode, target))
			return 0;
		if (!is_regular(inode) || keeps_nothing(BPF_CORE_READ(inode, i_sb, s_magic)))
			return 0;
		struct inode_key key = key_of(inode, process->slot);
		if (!first_time(&key, SEEN_READ))
			return 0;
		kind = RECORD_READ;
	} else if (!is_regular(inode) || is_internal(position_of(file))) {
		return 0;
	}
	int created = writes && ((BPF_CORE_READ(file, f_mode) & FMODE_CREATED) || (flags & O_TMPFILE_BIT));
	if (created || (writes && (flags & O_TRUNC)))
		close_total(inode, process);
	struct scratch *scratch = begin(kind, process->slot, process->exec_id);
	if (!scratch)
		return 0;
	finish_call(scratch, number, result, regs, call);
	scratch->record.arg[0] = flags;
	scratch->record.arg[1] = mode;
	if (created)
		scratch->record.flags |= RECORD_CREATED;
	describe_file(scratch, position_of(file), inode);
	deliver(scratch);
	return 0;
}
