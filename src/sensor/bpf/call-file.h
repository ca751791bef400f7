/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that name a file by what is open or mapped. */
#pragma once

#include "call.h"

/* Said of a way of copying (copy_file_range across file systems), after which every program takes another way. */
static __always_inline int is_about_the_way(long result)
{
	return result == -EXDEV || result == -EINVAL || result == -EOPNOTSUPP || result == -ENOSYS || result == -EAGAIN;
}

static __always_inline int on_write(struct ended_call *call, struct file *file)
{
	if (call->result == 0 || is_about_the_way(call->result) || !file)
		return 0;
	struct inode *inode = inode_of(file);
	if (!is_regular(inode))
		return 0;
	struct written written = {};
	if (!failed(call->result)) {
		struct inode_key key = key_of(inode, call->process->slot);
		written = add_write(&key, call->result, BPF_CORE_READ(inode, i_size));
		if (!written.tell)
			return 0;
	}
	struct position at = position_of(file);
	if (is_internal(at))
		return 0;
	struct scratch *scratch = begin_call(call);
	if (!scratch)
		return 0;
	scratch->record.bytes = written.bytes;
	if (written.unsummed)
		scratch->record.flags |= RECORD_UNSUMMED;
	describe_file(scratch, at, inode);
	deliver(scratch);
	return 0;
}

static __always_inline int on_file(struct ended_call *call, struct position at, struct inode *inode)
{
	struct scratch *scratch = begin_call(call);
	if (!scratch)
		return 0;
	describe_file(scratch, at, inode);
	deliver(scratch);
	return 0;
}

static __always_inline int on_open_file(struct ended_call *call, struct file *file)
{
	if (!file)
		return 0;
	struct position at = position_of(file);
	if (is_internal(at))
		return 0;
	return on_file(call, at, inode_of(file));
}

static __always_inline int on_mapping(struct ended_call *call, struct file *file)
{
	if (!file)
		return 0;
	struct position at = position_of_mapped(file);
	struct dentry *dentry = at.dentry;
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	if (!is_regular(inode) || is_internal(at))
		return 0;
	if (!failed(call->result)) {
		struct inode_key key = key_of(inode, call->process->slot);
		if (!first_time(&key, SEEN_MAPPED))
			return 0;
	}
	return on_file(call, at, inode);
}

struct found_file {
	struct file *file;
};

static long take_file(struct task_struct *task, struct vm_area_struct *area, struct found_file *found)
{
	found->file = BPF_CORE_READ(area, vm_file);
	return 0;
}

static __always_inline int on_mprotect(struct ended_call *call)
{
	if (!(argument(call, call->row->arg[0]) & PROT_EXEC))
		return 0;
	struct found_file found = {};
	long error = bpf_find_vma((void *)bpf_get_current_task_btf(), argument(call, call->row->fd), take_file, &found, 0);
	/* Another thread holds the address space: which file it was stays unknown. */
	if (error == -EBUSY)
		COUNT(unreadable);
	return on_mapping(call, found.file);
}
