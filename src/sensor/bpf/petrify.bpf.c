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
 * Each hook exists twice: tp_btf, and raw_tp for kernels that refuse it. The loader takes one set.
 */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "record.h"
#include "maps.h"
#include "record-out.h"
#include "path.h"
#include "mounts.h"
#include "container.h"
#include "inode.h"
#include "architecture.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

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
#define EBADF 9
#define EAGAIN 11
#define EFAULT 14
#define EXDEV 18
#define EINVAL 22
#define ENOSYS 38
#define EOPNOTSUPP 95

__u32 last_exec_id = 0;

static __always_inline int failed(long result)
{
	return result < 0 && result >= -4095;
}

/* Not results but orders to the kernel's own exit path: the call is made again, or EINTR follows. */
static __always_inline int restarts(long result)
{
	return result == -512 || result == -513 || result == -514 || result == -516;
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

static __always_inline void finish_call(struct scratch *scratch, __u32 number, long result, struct pt_regs *regs,
					struct call *call)
{
	struct record *record = &scratch->record;
	record->call = number;
	record->result = result;
	record->arg[0] = argument(regs, call->arg[0]);
	record->arg[1] = argument(regs, call->arg[1]);
	record->arg[2] = argument(regs, call->arg[2]);
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
	if (error == -16)
		COUNT(unreadable);
	return on_mapping(found.file, regs, result, number, call, process);
}

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

/* Runs for every system call of the host: up to the look-up in the table only plain loads. */
static __always_inline int on_sys_exit(struct pt_regs *regs, __u32 number, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 tgid = task->tgid;
	if (is_compat(task)) {
		struct call *call = bpf_map_lookup_elem(&compat_table, &number);
		return on_compat(task, regs, call, 0, tgid, result);
	}
	__u32 x32 = x32_bit(number);
	number &= ~x32;
	struct call *call = bpf_map_lookup_elem(&calls, &number);
	if (!call || !call->kind)
		return 0;
	if (x32)
		return on_compat(task, regs, call, 1, tgid, result);
	struct process *process = observed(task, tgid);
	if (!process)
		return 0;
	/* A descriptor or address that is none names no file: nothing was attempted. */
	if (restarts(result) || result == -EBADF || result == -EFAULT)
		return 0;
	switch (call->kind) {
	case CALL_OPEN:
		return on_open(regs, result, number, call, process);
	case CALL_WRITE:
		return on_write(regs, result, number, call, process);
	case CALL_FD:
		return on_descriptor(regs, result, number, call, process);
	case CALL_ACCESS:
		if (!(argument(regs, call->arg[0]) & W_OK))
			return 0;
		return on_path(regs, result, number, call, process);
	case CALL_EXEC:
		if (!failed(result))
			return 0;
		return on_path(regs, result, number, call, process);
	case CALL_PATH:
	case CALL_TWO_PATHS:
	case CALL_SYMLINK:
		return on_path(regs, result, number, call, process);
	case CALL_BIND:
		return on_bind(regs, result, number, call, process);
	case CALL_MMAP:
		if (!(argument(regs, call->arg[0]) & PROT_EXEC) || (argument(regs, call->arg[1]) & MAP_ANONYMOUS))
			return 0;
		return on_mapping(file_of(argument(regs, call->fd)), regs, result, number, call, process);
	case CALL_MPROTECT:
		return on_mprotect(regs, result, number, call, process);
	case CALL_MOUNTS:
		if (!failed(result))
			tell_mounts(process->slot);
		return 0;
	case CALL_IO_URING:
		if (!failed(result))
			COUNT(io_uring_setups);
		return 0;
	}
	return 0;
}

/*
 * A runtime may start itself again when it is in the container's cgroup already: as /proc/self/exe, or from a sealed copy in
 * a memfd or on a detached mount (runc, libcontainer/nsenter/cloned_binary.c). The entrypoint is on a mount of its own namespace.
 */
static __always_inline int restarts_itself(struct task_struct *task, const char *filename, struct position executable)
{
	char start[8] = {};
	bpf_probe_read_kernel(start, sizeof(start), filename);
	if (begins(start, "/proc/", 6))
		return 1;
	struct mount *mount = mount_of(executable.mount);
	return BPF_CORE_READ(mount, mnt_ns) != BPF_CORE_READ(task, nsproxy, mnt_ns);
}

static __always_inline int on_exec(struct task_struct *task, struct linux_binprm *binary)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct process process = { .slot = slot_of(task) };
	struct process *known = bpf_map_lookup_elem(&processes, &tgid);
	const char *filename = BPF_CORE_READ(binary, filename);
	if (known && !process.slot)
		process.slot = known->slot;
	struct file *file = BPF_CORE_READ(task, mm, exe_file);
	if (!process.slot || !file)
		return 0;
	struct position executable = position_of(file);
	if (!known && restarts_itself(task, filename, executable))
		return 0;
	if (!known)
		tell_mounts(process.slot);
	process.exec_id = __sync_fetch_and_add(&last_exec_id, 1) + 1;
	observe(tgid, &process);
	struct scratch *scratch = begin(RECORD_EXEC, process.slot, process.exec_id);
	if (!scratch)
		return 0;
	if (filename != BPF_CORE_READ(binary, interp))
		scratch->record.flags |= RECORD_SCRIPT;
	append_root(scratch, 0);
	describe_file(scratch, executable, inode_of(file));
	scratch->record.length[STRING_PATH] = append_kernel_text(scratch, filename);
	append_base(scratch, STRING_BASE2, AT_FDCWD, 0);
	deliver(scratch);
	return 0;
}

static __always_inline int on_fork(struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = BPF_CORE_READ(parent, tgid);
	__u32 child_tgid = BPF_CORE_READ(child, tgid);
	if (tgid == child_tgid)
		return 0;
	struct process *process = observed(parent, tgid);
	if (!process)
		return 0;
	struct process copy = *process;
	observe(child_tgid, &copy);
	return 0;
}

static __always_inline int on_exit(struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	/* Counted down before the tracepoint: zero in the last thread. */
	if (BPF_CORE_READ(task, signal, live.counter) == 0)
		bpf_map_delete_elem(&processes, &tgid);
	return 0;
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
