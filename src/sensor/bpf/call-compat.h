/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "call.h"
#include "container.h"

/* Calls by 32-bit code have other numbers and are not decoded: those that could be writes are counted. */
static __always_inline int on_compat(struct task_struct *task, struct pt_regs *regs, struct call *call, __u32 x32,
				     __u32 tgid, long result)
{
	if (!call || !call->kind || !observed(task, tgid))
		return 0;
	if (call->kind == CALL_OPEN) {
		__u64 flags = x32 ? argument(regs, call->arg[0]) : compat_argument(regs, call->arg[0]);
		if (!(call->flags & (CALL_OPEN_HOW | CALL_IMPLIED_CREATE)) && !(flags & (O_ACCMODE | O_CREAT | O_TRUNC)))
			return 0;
	}
	if (call->kind == CALL_WRITE) {
		struct file *file = file_of(x32 ? argument(regs, call->fd) : compat_argument(regs, call->fd));
		if (!file || !is_regular(inode_of(file)))
			return 0;
	}
	COUNT(compat_calls);
	return 0;
}
