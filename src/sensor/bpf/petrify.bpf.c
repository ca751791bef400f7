// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sensor: every attempt of a container to change a file system, success or failure.
 *
 * 1. At the exit of a system call the registers still hold its arguments beside the result, so that one hook sees both.
 *    Mounts are checked above the LSM hooks: a hook further down would never see EROFS.
 * 2. Which calls matter, and where their arguments are, is a table that TypeScript fills (`../syscalls.ts`).
 * 3. A success is told by the file it gave, walked up to the container's root. A path that gave no file is told as the
 *    directory it starts from (walked) and the text (as given); TypeScript resolves the rest.
 * 4. Bytes are summed per inode; the sums are read at the end.
 * 5. Nothing is dropped silently: see struct counters.
 *
 * Each hook exists twice: tp_btf, and raw_tp for kernels that refuse it. The loader takes one set, and those of io_uring
 * where the kernel accepts them.
 */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "call-open.h"
#include "call-file.h"
#include "call-path.h"
#include "call-socket.h"
#include "io-uring.h"
#include "process.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline int on_call(struct ended_call *call)
{
	struct call *row = call->row;
	switch (row->kind) {
	case CALL_OPEN:
		return on_open(call);
	case CALL_WRITE:
		return on_write(call, file_of(argument(call, row->fd)));
	case CALL_FD:
		return on_open_file(call, file_of(argument(call, row->fd)));
	case CALL_ACCESS:
		if (!(argument(call, row->arg[0]) & W_OK))
			return 0;
		return on_path(call);
	case CALL_EXEC:
		if (!failed(call->result))
			return 0;
		return on_path(call);
	case CALL_PATH:
	case CALL_TWO_PATHS:
	case CALL_SYMLINK:
		return on_path(call);
	case CALL_BIND:
		return on_bind(call, (void *)argument(call, row->path), argument(call, row->arg[0]));
	case CALL_SOCKET_CALL:
		return on_socket_call(call);
	case CALL_MMAP:
		if (!(argument(call, row->arg[0]) & PROT_EXEC) || (argument(call, row->arg[1]) & MAP_ANONYMOUS))
			return 0;
		return on_mapping(call, file_of(argument(call, row->fd)));
	case CALL_MPROTECT:
		return on_mprotect(call);
	case CALL_MOUNTS:
		if (!failed(call->result))
			tell_mounts(call->process->slot);
		return 0;
	case CALL_IO_URING:
		if (!failed(call->result))
			on_io_uring_setup();
		return 0;
	case CALL_UNDECODED:
		COUNT(undecoded_calls);
		return 0;
	}
	return 0;
}

/* Runs for every system call of the host: up to the look-up in the table only plain loads. */
static __always_inline int on_sys_exit(struct pt_regs *regs, __u32 number, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 compat = is_compat(task);
	number &= ~x32_bit(number);
	struct call *row = compat ? bpf_map_lookup_elem(&compat_calls, &number) : bpf_map_lookup_elem(&calls, &number);
	if (!row || !row->kind)
		return 0;
	struct process *process = observed(task, task->tgid);
	if (!process || !was_attempted(result))
		return 0;
	struct ended_call call = {
		.row = row,
		.process = process,
		.regs = regs,
		.result = result,
		.number = number,
		.compat = compat,
	};
	return on_call(&call);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit_btf, struct pt_regs *regs, long result)
{
	return on_sys_exit(regs, regs->CALL_NUMBER, result);
}

SEC("raw_tp/sys_exit")
int sys_exit_raw(struct bpf_raw_tracepoint_args *context)
{
	struct pt_regs *regs = (void *)context->args[0];
	return on_sys_exit(regs, BPF_CORE_READ(regs, CALL_NUMBER), context->args[1]);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec_btf, struct task_struct *task, int old_pid, struct linux_binprm *binary)
{
	return on_exec(task, binary);
}

SEC("raw_tp/sched_process_exec")
int process_exec_raw(struct bpf_raw_tracepoint_args *context)
{
	return on_exec((void *)context->args[0], (void *)context->args[2]);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork_btf, struct task_struct *parent, struct task_struct *child)
{
	return on_fork(parent, child);
}

SEC("raw_tp/sched_process_fork")
int process_fork_raw(struct bpf_raw_tracepoint_args *context)
{
	return on_fork((void *)context->args[0], (void *)context->args[1]);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit_btf, struct task_struct *task)
{
	return on_exit(task);
}

SEC("raw_tp/sched_process_exit")
int process_exit_raw(struct bpf_raw_tracepoint_args *context)
{
	return on_exit((void *)context->args[0]);
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(submit_ring, struct io_kiocb *request)
{
	return on_ring_submit(request, request->opcode);
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(complete_ring, void *ring, struct io_kiocb *request, struct io_uring_cqe *completion)
{
	return on_ring_complete(request, completion->res);
}
