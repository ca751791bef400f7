/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From exec to exit: who is observed. */
#pragma once

#include "call.h"
#include "container.h"
#include "mounts.h"

__u32 last_exec_id = 0;

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
	scratch->record.length[STRING_PATH] = append_text(scratch, KERNEL_TEXT, filename);
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
