/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that name a file by what is open or mapped. */
#pragma once

#include "call.h"

/* Said of a way of copying (copy_file_range across file systems), after which every program takes another way. */
static __always_inline int is_about_the_way(long result)
{
	return result == -EXDEV || result == -EINVAL || result == -EOPNOTSUPP || result == -ENOSYS || result == -EAGAIN;
}

static __always_inline int on_write(struct pt_regs *regs, long result, __u32 number, struct call *call,
				    struct process *process)
{
	if (result == 0 || is_about_the_way(result))
		return 0;
	struct file *file = file_of(argument(regs, call->fd));
	if (!file)
		return 0;
	struct inode *inode = inode_of(file);
	if (!is_regular(inode))
		return 0;
	struct written written = {};
	if (!failed(result)) {
		struct inode_key key = key_of(inode, process->slot);
		written = add_write(&key, result, BPF_CORE_READ(inode, i_size));
		if (!written.tell)
			return 0;
	}
	struct position at = position_of(file);
	if (is_internal(at))
		return 0;
	struct scratch *scratch = begin(RECORD_CALL, process->slot, process->exec_id);
	if (!scratch)
		return 0;
	finish_call(scratch, number, result, regs, call);
	scratch->record.bytes = written.bytes;
	if (written.unsummed)
		scratch->record.flags |= RECORD_UNSUMMED;
	describe_file(scratch, at, inode);
	deliver(scratch);
	return 0;
}

static __always_inline int on_file(struct position at, struct inode *inode, struct pt_regs *regs, long result, __u32 number,
				   struct call *call, struct process *process)
{
	struct scratch *scratch = begin(RECORD_CALL, process->slot, process->exec_id);
	if (!scratch)
		return 0;
	finish_call(scratch, number, result, regs, call);
	describe_file(scratch, at, inode);
	deliver(scratch);
	return 0;
}

static __always_inline int on_descriptor(struct pt_regs *regs, long result, __u32 number, struct call *call,
					 struct process *process)
{
	struct file *file = file_of(argument(regs, call->fd));
	if (!file)
		return 0;
	struct position at = position_of(file);
	if (is_internal(at))
		return 0;
	return on_file(at, inode_of(file), regs, result, number, call, process);
}

static __always_inline int on_mapping(struct file *file, struct pt_regs *regs, long result, __u32 number,
				      struct call *call, struct process *process)
{
	if (!file)
		return 0;
	struct position at = position_of_mapped(file);
	struct dentry *dentry = at.dentry;
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	if (!is_regular(inode) || is_internal(at))
		return 0;
	if (!failed(result)) {
		struct inode_key key = key_of(inode, process->slot);
		if (!first_time(&key, SEEN_MAPPED))
			return 0;
	}
	return on_file(at, inode, regs, result, number, call, process);
}

struct found_file {
	struct file *file;
};

static long take_file(struct task_struct *task, struct vm_area_struct *area, struct found_file *found)
{
	found->file = BPF_CORE_READ(area, vm_file);
	return 0;
}

static __always_inline int on_mprotect(struct pt_regs *regs, long result, __u32 number, struct call *call,
				       struct process *process)
{
	if (!(argument(regs, call->arg[0]) & PROT_EXEC))
		return 0;
	struct found_file found = {};
	long error = bpf_find_vma((void *)bpf_get_current_task_btf(), argument(regs, call->fd), take_file, &found, 0);
	/* Another thread holds the address space: which file it was stays unknown. */
	if (error == -EBUSY)
		COUNT(unreadable);
	return on_mapping(found.file, regs, result, number, call, process);
}
