/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every call has in common: its result, its file, its arguments. */
#pragma once

#include "record-out.h"
#include "path.h"
#include "inode.h"
#include "architecture.h"

/* include/uapi/asm-generic/fcntl.h and mman.h: the same numbers on x86-64 and arm64. */
#define O_ACCMODE 3
#define O_CREAT 0100
#define O_TRUNC 01000
#define O_PATH 010000000
#define O_TMPFILE_BIT 020000000
#define W_OK 2
#define PROT_EXEC 4
#define MAP_ANONYMOUS 0x20
#define AF_UNIX 1
/* include/uapi/asm-generic/errno-base.h and errno.h */
#define EBADF 9
#define EAGAIN 11
#define EFAULT 14
#define EBUSY 16
#define EXDEV 18
#define EINVAL 22
#define ENOSYS 38
#define EOPNOTSUPP 95

/* A system call at its end: who made it, with what, and what came of it. */
struct ended_call {
	struct call *row;
	struct process *process;
	/* None for a request of io_uring. */
	struct pt_regs *regs;
	long result;
	__u32 number;
	/* Made by 32-bit code: other registers, other numbers. */
	__u32 compat;
};

static __always_inline __u64 argument(struct ended_call *call, __s8 position)
{
	return call->compat ? compat_argument(call->regs, position) : native_argument(call->regs, position);
}

static __always_inline int failed(long result)
{
	return result < 0 && result >= -4095;
}

/* Not results but orders to the kernel's own exit path: the call is made again, or EINTR follows. */
static __always_inline int restarts(long result)
{
	return result == -512 || result == -513 || result == -514 || result == -516;
}

/* A descriptor or address that is none names no file: nothing was attempted. */
static __always_inline int was_attempted(long result)
{
	return !restarts(result) && result != -EBADF && result != -EFAULT;
}

static __always_inline void describe_file(struct scratch *scratch, struct position at, struct inode *inode)
{
	struct record *record = &scratch->record;
	record->flags |= RECORD_BY_FILE;
	record->ino = BPF_CORE_READ(inode, i_ino);
	record->generation = BPF_CORE_READ(inode, i_generation);
	record->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	record->mode = BPF_CORE_READ(inode, i_mode);
	record->size = BPF_CORE_READ(inode, i_size);
	record->length[STRING_BASE] = append_walk(scratch, at.dentry, at.mount, 1);
}

static __always_inline struct scratch *begin_call(struct ended_call *call)
{
	struct scratch *scratch = begin(RECORD_CALL, call->process->slot, call->process->exec_id);
	if (!scratch)
		return 0;
	struct record *record = &scratch->record;
	record->call = call->number;
	record->result = call->result;
	if (call->compat)
		record->flags |= RECORD_COMPAT;
	if (!call->regs)
		return scratch;
	record->arg[0] = argument(call, call->row->arg[0]);
	record->arg[1] = argument(call, call->row->arg[1]);
	record->arg[2] = argument(call, call->row->arg[2]);
	return scratch;
}
