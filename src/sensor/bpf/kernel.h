/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of the kernel's types that the sensor reads, written by hand so that the build needs neither bpftool nor a
 * running kernel. Only names and types matter: preserve_access_index makes each access a CO-RE relocation, and libbpf puts
 * in the offsets of the kernel it loads into. A suffix `___x` is a second shape of the same type; libbpf ignores the suffix.
 */
#pragma once

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

enum bpf_map_type_used {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};
#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_F_NO_PREALLOC (1U << 0)
#define BPF_RB_NO_WAKEUP (1ULL << 0)

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bp, bx, r10, r9, r8, cx, dx, si, di, orig_ax;
};
struct thread_info {
	__u32 status;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
struct thread_info {
	unsigned long flags;
};
#endif

struct qstr {
	const unsigned char *name;
};
struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};
struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};
struct file_system_type {
	const char *name;
};
struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
	struct file_system_type *s_type;
};
struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};
struct inode {
	__u16 i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	__s64 i_size;
	__u32 i_generation;
};
/* The change time had three names: i_ctime, then __i_ctime (6.6), then two fields (6.11). */
struct inode___timespec {
	struct timespec64 i_ctime;
};
struct inode___underscores {
	struct timespec64 __i_ctime;
};
struct inode___fields {
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
};
struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};
struct mount;
struct ns_common {
	__u32 inum;
};
struct mnt_namespace {
	struct ns_common ns;
	struct mount *root;
};
struct list_head {
	struct list_head *next;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_mounts;
	struct list_head mnt_child;
	struct mnt_namespace *mnt_ns;
	int mnt_id;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	__u32 f_mode;
	struct inode *f_inode;
	struct path f_path;
};
/* Since 6.5 a mapping of an overlay file points to the file below; the path the user opened is kept beside it. */
struct backing_file {
	struct path user_path;
};
struct fdtable {
	__u32 max_fds;
	struct file **fd;
};
struct files_struct {
	struct fdtable *fdt;
};
struct fs_struct {
	struct path root;
	struct path pwd;
};
struct nsproxy {
	struct mnt_namespace *mnt_ns;
};
struct kernfs_node {
	const char *name;
	__u64 id;
};
/* The parent field was renamed in 6.15. */
struct kernfs_node___plain {
	struct kernfs_node *parent;
};
struct kernfs_node___underscores {
	struct kernfs_node *__parent;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct cgroup_subsys_state {
	struct cgroup *cgroup;
};
struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};
enum cgroup_subsys_id {
	pids_cgrp_id = 1,
};
typedef struct {
	int counter;
} atomic_t;
struct signal_struct {
	atomic_t live;
};
typedef struct {
	__u32 val;
} kuid_t;
typedef struct {
	__u32 val;
} kgid_t;
struct cred {
	kuid_t fsuid;
	kgid_t fsgid;
};
struct mm_struct {
	struct file *exe_file;
};
struct vm_area_struct {
	struct file *vm_file;
};
struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
	__s32 tgid;
	struct task_struct *group_leader;
	__u64 start_time;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
};
struct linux_binprm {
	const char *filename;
	const char *interp;
};
struct filename {
	const char *name;
};
struct io_kiocb {
	struct file *file;
	__u8 opcode;
	void *async_data;
};
/* What a request asks for lies over the start of io_kiocb, where `file` is (io_uring/openclose.c, fs.c, xattr.c, net.c). */
struct open_how {
	__u64 flags;
	__u64 mode;
};
struct io_open {
	int dfd;
	__u32 file_slot;
	struct filename *filename;
	struct open_how how;
};
struct io_unlink {
	int dfd;
	int flags;
	struct filename *filename;
};
struct io_mkdir {
	int dfd;
	__u16 mode;
	struct filename *filename;
};
struct io_rename {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};
struct io_link {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};
struct io_xattr {
	struct filename *filename;
};
struct io_bind {
	int addr_len;
};
struct __kernel_sockaddr_storage {
	__u16 ss_family;
};
struct io_async_msghdr {
	struct __kernel_sockaddr_storage addr;
};
struct io_uring_cqe {
	__s32 res;
};

#pragma clang attribute pop
