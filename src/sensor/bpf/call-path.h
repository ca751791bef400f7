/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that name a file by a path, and gave no file. */
#pragma once

#include "call.h"

static __always_inline int on_path(struct pt_regs *regs, long result, __u32 number, struct call *call,
				   struct process *process)
{
	struct scratch *scratch = begin(RECORD_CALL, process->slot, process->exec_id);
	if (!scratch)
		return 0;
	struct record *record = &scratch->record;
	finish_call(scratch, number, result, regs, call);
	const char *path = (void *)argument(regs, call->path);
	int dirfd = call->dirfd >= 0 ? (int)argument(regs, call->dirfd) : AT_FDCWD;
	int descriptor = call->flags & CALL_FOLLOWS ? own_descriptor(path) : -1;
	if (descriptor >= 0) {
		path = 0;
		dirfd = descriptor;
	}
	int absolute = path && first_of(path) == '/';
	append_root(scratch, absolute);
	if (absolute)
		record->flags |= RECORD_BASE_IS_ROOT;
	else if (append_base(scratch, STRING_BASE, dirfd, 1))
		return 0;
	if (path)
		record->length[STRING_PATH] = append_user_text(scratch, path);
	else
		record->flags |= RECORD_NO_PATH;
	if (call->kind == CALL_SYMLINK)
		record->length[STRING_PATH2] = append_user_text(scratch, (void *)argument(regs, call->path2));
	if (call->kind == CALL_TWO_PATHS) {
		const char *path2 = (void *)argument(regs, call->path2);
		int dirfd2 = call->dirfd2 >= 0 ? (int)argument(regs, call->dirfd2) : AT_FDCWD;
		if (first_of(path2) == '/')
			record->flags |= RECORD_BASE2_IS_ROOT;
		else if (append_base(scratch, STRING_BASE2, dirfd2, 0))
			return 0;
		record->length[STRING_PATH2] = append_user_text(scratch, path2);
	}
	deliver(scratch);
	return 0;
}

static __always_inline int on_bind(struct pt_regs *regs, long result, __u32 number, struct call *call,
				   struct process *process)
{
	char *address = (void *)argument(regs, call->path);
	int length = argument(regs, call->arg[0]);
	__u16 family = 0;
	bpf_probe_read_user(&family, sizeof(family), address);
	/* A leading zero byte is an abstract name, a bare family asks for one: neither is a file. */
	if (family != AF_UNIX || length <= 2 || !first_of(address + 2))
		return 0;
	struct scratch *scratch = begin(RECORD_CALL, process->slot, process->exec_id);
	if (!scratch)
		return 0;
	finish_call(scratch, number, result, regs, call);
	int absolute = first_of(address + 2) == '/';
	append_root(scratch, absolute);
	if (absolute)
		scratch->record.flags |= RECORD_BASE_IS_ROOT;
	else
		append_base(scratch, STRING_BASE, AT_FDCWD, 1);
	scratch->record.length[STRING_PATH] = append_user_text(scratch, address + 2);
	deliver(scratch);
	return 0;
}
