/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Exact paths. A dentry is walked up through its mounts to the root of the mount namespace, not to the process's root, so
 * that a chroot'ed process gives the container's path. The kernel's own d_path helpers refuse this program type.
 */
#pragma once

#include "maps.h"
#include <bpf/bpf_core_read.h>

#define WALK_STEPS 512
#define AT_FDCWD -100
/* include/linux/mount.h */
#define MNT_READONLY 0x40
#define MNT_INTERNAL 0x4000
/* include/linux/fs.h */
#define FMODE_CREATED 0x100000
#define FMODE_BACKING 0x2000000

struct position {
	struct dentry *dentry;
	struct vfsmount *mount;
};

struct walk {
	struct scratch *scratch;
	__u64 dentry;
	__u64 mount;
	__u64 mount_root;
	__u32 start;
	__u32 in_mount;
	__u8 left_mount;
	__u8 finished;
	__u8 orphan;
};

static __always_inline struct mount *mount_of(struct vfsmount *mount)
{
	return (void *)mount - bpf_core_field_offset(struct mount, mnt);
}

static long step_up(__u32 index, struct walk *walk)
{
	struct dentry *dentry = (void *)walk->dentry;
	struct vfsmount *vfsmount = (void *)walk->mount;
	struct scratch *scratch = walk->scratch;
	__u32 used = scratch->record.text_bytes;
	if (walk->dentry == walk->mount_root) {
		struct mount *mount = mount_of(vfsmount);
		struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
		if (!walk->left_mount) {
			walk->left_mount = 1;
			walk->in_mount = used - walk->start;
		}
		if (parent == mount || !parent) {
			walk->finished = 1;
			return 1;
		}
		walk->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
		vfsmount = (void *)parent + bpf_core_field_offset(struct mount, mnt);
		walk->mount = (__u64)vfsmount;
		walk->mount_root = (__u64)BPF_CORE_READ(vfsmount, mnt_root);
		return 0;
	}
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry || !parent) {
		/* A root that is not its mount's root: reached by a file handle, or outside a bind mount. */
		walk->finished = 1;
		walk->orphan = 1;
		return 1;
	}
	if (used - walk->start > PATH_BYTES || used > TEXT_BYTES - NAME_BYTES)
		return 1;
	long length = bpf_probe_read_kernel_str(scratch->text + used, NAME_BYTES, BPF_CORE_READ(dentry, d_name.name));
	if (length <= 0)
		return 1;
	scratch->record.text_bytes = used + length;
	walk->dentry = (__u64)parent;
	return 0;
}

/* Appends the names from `at` up to the root of its mount namespace; returns the bytes appended. */
__noinline __u32 walk_up(struct scratch *scratch, __u64 dentry, __u64 mount_address, __u32 describe)
{
	struct vfsmount *mount = (void *)mount_address;
	if (!scratch)
		return 0;
	struct walk walk = {
		.scratch = scratch,
		.dentry = dentry,
		.mount = mount_address,
		.mount_root = (__u64)BPF_CORE_READ(mount, mnt_root),
		.start = scratch->record.text_bytes,
	};
	bpf_loop(WALK_STEPS, step_up, &walk, 0);
	if (!walk.finished)
		scratch->record.flags |= RECORD_CUT;
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct mount *topmost = mount_of((void *)walk.mount);
	struct mnt_namespace *top = BPF_CORE_READ(topmost, mnt_ns);
	if (walk.orphan || top != task->nsproxy->mnt_ns)
		scratch->record.flags |= RECORD_FOREIGN_MOUNT;
	__u32 length = scratch->record.text_bytes - walk.start;
	if (describe) {
		struct record *record = &scratch->record;
		struct super_block *super = BPF_CORE_READ(mount, mnt_sb);
		record->in_mount = walk.left_mount ? walk.in_mount : length;
		struct mount *nearest = mount_of(mount);
		record->mount_id = BPF_CORE_READ(nearest, mnt_id);
		if (BPF_CORE_READ(mount, mnt_flags) & MNT_READONLY)
			record->flags |= RECORD_READ_ONLY_MOUNT;
		bpf_probe_read_kernel_str(record->fs_type, sizeof(record->fs_type), BPF_CORE_READ(super, s_type, name));
	}
	return length;
}

/* The pointers must come from BPF_CORE_READ: what the verifier knows as a pointer it does not let into such a function. */
static __always_inline __u32 append_walk(struct scratch *scratch, struct dentry *dentry, struct vfsmount *mount, __u32 describe)
{
	return walk_up(scratch, (__u64)dentry, (__u64)mount, describe);
}

enum text_source { USER_TEXT, KERNEL_TEXT };

__noinline __u32 copy_text(struct scratch *scratch, __u64 text, __u32 source)
{
	if (!scratch)
		return 0;
	__u32 used = scratch->record.text_bytes;
	if (used > TEXT_BYTES - PATH_BYTES) {
		scratch->record.flags |= RECORD_CUT;
		return 0;
	}
	long length = source == USER_TEXT ? bpf_probe_read_user_str(scratch->text + used, PATH_BYTES, (void *)text) :
					    bpf_probe_read_kernel_str(scratch->text + used, PATH_BYTES, (void *)text);
	if (length <= 0) {
		scratch->record.flags |= RECORD_UNREADABLE;
		return 0;
	}
	scratch->record.text_bytes = used + length;
	return length;
}

static __always_inline __u32 append_text(struct scratch *scratch, enum text_source source, const char *text)
{
	return copy_text(scratch, (__u64)text, source);
}

static __always_inline struct file *file_of(int descriptor)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	if (descriptor < 0)
		return 0;
	struct fdtable *table = task->files->fdt;
	if ((__u32)descriptor >= table->max_fds)
		return 0;
	struct file **files = table->fd;
	struct file *file = 0;
	bpf_probe_read_kernel(&file, sizeof(file), files + descriptor);
	return file;
}

static __always_inline struct position position_of(struct file *file)
{
	struct position at = {
		.dentry = BPF_CORE_READ(file, f_path.dentry),
		.mount = BPF_CORE_READ(file, f_path.mnt),
	};
	return at;
}

/* Of a file that is mapped: on overlay the one below, beside which the path that was opened is kept. */
static __always_inline struct position position_of_mapped(struct file *file)
{
	if (!bpf_core_type_exists(struct backing_file) || !(BPF_CORE_READ(file, f_mode) & FMODE_BACKING))
		return position_of(file);
	struct backing_file *backing = (void *)file;
	struct position at = {
		.dentry = BPF_CORE_READ(backing, user_path.dentry),
		.mount = BPF_CORE_READ(backing, user_path.mnt),
	};
	return at;
}

static __always_inline int begins(const char *text, const char *with, int length)
{
#pragma unroll
	for (int i = 0; i < length; i++)
		if (text[i] != with[i])
			return 0;
	return 1;
}

/* The descriptor that `/proc/self/fd/N` means: how C libraries change what they hold open. -1: another path. */
__noinline int descriptor_in(__u64 text)
{
	char start[24] = {};
	bpf_probe_read_user_str(start, sizeof(start), (void *)text);
	if (!begins(start, "/proc/self/fd/", 14))
		return -1;
	int descriptor = 0;
#pragma unroll
	for (int i = 14; i < 21; i++) {
		if (start[i] == 0)
			return i == 14 ? -1 : descriptor;
		if (start[i] < '0' || start[i] > '9')
			return -1;
		descriptor = descriptor * 10 + start[i] - '0';
	}
	return -1;
}

/* Appends the process's root: empty unless it is chroot'ed. */
static __always_inline void append_root(struct scratch *scratch, __u32 describe)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	scratch->record.length[STRING_ROOT] =
		append_walk(scratch, BPF_CORE_READ(task, fs, root.dentry), BPF_CORE_READ(task, fs, root.mnt), describe);
}

/* Appends the directory that a path of the process starts from. Returns -1 when the descriptor is none. */
static __always_inline int append_base(struct scratch *scratch, int string, int dirfd, __u32 describe)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct position at;
	if (dirfd == AT_FDCWD) {
		at.dentry = BPF_CORE_READ(task, fs, pwd.dentry);
		at.mount = BPF_CORE_READ(task, fs, pwd.mnt);
	} else {
		struct file *file = file_of(dirfd);
		if (!file)
			return -1;
		at = position_of(file);
	}
	scratch->record.length[string] = append_walk(scratch, at.dentry, at.mount, describe);
	return 0;
}
