/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The mount table of the current process's namespace, told when a program enters a container and when a process of it mounts
 * something. /proc/PID/mountinfo would say the same, but a container that lives for a millisecond is gone before anyone reads it.
 */
#pragma once

#include "path.h"
#include "record-out.h"

#define MOUNTS 4096

struct mount_walk {
	struct scratch *scratch;
	__u64 root;
	__u64 at;
	__u32 slot;
};

static __always_inline __u64 children_of(__u64 mount)
{
	return mount + bpf_core_field_offset(struct mount, mnt_mounts);
}

/* next_mnt() of fs/namespace.c, one step at a time: down to the first child, or along, or up. */
static __always_inline __u64 following(__u64 mount, __u64 root)
{
	struct mount *at = (void *)mount;
	__u64 next = (__u64)BPF_CORE_READ(at, mnt_mounts.next);
	if (next == children_of(mount)) {
		for (int depth = 0; depth < 16; depth++) {
			if ((__u64)at == root)
				return 0;
			next = (__u64)BPF_CORE_READ(at, mnt_child.next);
			struct mount *parent = BPF_CORE_READ(at, mnt_parent);
			if (next != children_of((__u64)parent))
				break;
			at = parent;
			next = 0;
		}
	}
	return next ? next - bpf_core_field_offset(struct mount, mnt_child) : 0;
}

static long tell_mount(__u32 index, struct mount_walk *walk)
{
	struct scratch *scratch = begin(RECORD_MOUNT, walk->slot, 0);
	if (!scratch || !walk->at)
		return 1;
	struct vfsmount *vfsmount = (void *)walk->at + bpf_core_field_offset(struct mount, mnt);
	struct dentry *top = BPF_CORE_READ(vfsmount, mnt_root);
	scratch->record.length[STRING_BASE] = append_walk(scratch, top, vfsmount, 1);
	deliver(scratch);
	walk->at = following(walk->at, walk->root);
	return 0;
}

__noinline int tell_mounts(__u32 slot)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u64 root = (__u64)BPF_CORE_READ(task, nsproxy, mnt_ns, root);
	struct mount_walk walk = { .root = root, .at = root, .slot = slot };
	bpf_loop(MOUNTS, tell_mount, &walk, 0);
	struct scratch *scratch = begin(RECORD_MOUNTS_END, slot, 0);
	if (scratch)
		deliver(scratch);
	return 0;
}
