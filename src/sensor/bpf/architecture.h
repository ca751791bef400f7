/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where an architecture keeps the number and the arguments of a system call. */
#pragma once

#include "kernel.h"
#include <bpf/bpf_core_read.h>

#if defined(__TARGET_ARCH_x86)

/* arch/x86/include/asm/thread_info.h */
#define TS_COMPAT 2
/* arch/x86/include/uapi/asm/unistd.h */
#define X32_SYSCALL_BIT 0x40000000

#define CALL_NUMBER orig_ax

static __always_inline __u64 native_argument(struct pt_regs *regs, __s8 position)
{
	switch (position) {
	case 0:
		return BPF_CORE_READ(regs, di);
	case 1:
		return BPF_CORE_READ(regs, si);
	case 2:
		return BPF_CORE_READ(regs, dx);
	case 3:
		return BPF_CORE_READ(regs, r10);
	case 4:
		return BPF_CORE_READ(regs, r8);
	case 5:
		return BPF_CORE_READ(regs, r9);
	}
	return 0;
}

static __always_inline __u64 compat_argument(struct pt_regs *regs, __s8 position)
{
	switch (position) {
	case 0:
		return (__u32)BPF_CORE_READ(regs, bx);
	case 1:
		return (__u32)BPF_CORE_READ(regs, cx);
	case 2:
		return (__u32)BPF_CORE_READ(regs, dx);
	case 3:
		return (__u32)BPF_CORE_READ(regs, si);
	case 4:
		return (__u32)BPF_CORE_READ(regs, di);
	case 5:
		return (__u32)BPF_CORE_READ(regs, bp);
	}
	return 0;
}

static __always_inline int is_compat(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline __u32 x32_bit(__u32 number)
{
	return number & X32_SYSCALL_BIT;
}

#elif defined(__TARGET_ARCH_arm64)

/* arch/arm64/include/asm/thread_info.h */
#define TIF_32BIT 22

#define CALL_NUMBER syscallno

static __always_inline __u64 native_argument(struct pt_regs *regs, __s8 position)
{
	switch (position) {
	case 0: /* x0 holds the result by now */
		return BPF_CORE_READ(regs, orig_x0);
	case 1:
		return BPF_CORE_READ(regs, regs[1]);
	case 2:
		return BPF_CORE_READ(regs, regs[2]);
	case 3:
		return BPF_CORE_READ(regs, regs[3]);
	case 4:
		return BPF_CORE_READ(regs, regs[4]);
	case 5:
		return BPF_CORE_READ(regs, regs[5]);
	}
	return 0;
}

static __always_inline __u64 compat_argument(struct pt_regs *regs, __s8 position)
{
	return (__u32)native_argument(regs, position);
}

static __always_inline int is_compat(struct task_struct *task)
{
	return (task->thread_info.flags >> TIF_32BIT) & 1;
}

static __always_inline __u32 x32_bit(__u32 number)
{
	return 0;
}

#else
#error "no such architecture"
#endif
