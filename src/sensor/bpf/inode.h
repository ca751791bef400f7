/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is known per inode and container: bytes written, largest size, and what was already told about it. */
#pragma once

#include "maps.h"
#include "path.h"

#define S_IFMT 0170000
#define S_IFREG 0100000
/* A new record for an inode comes with its first write and then at each doubling from here. */
#define FIRST_DOUBLING 65536

#define SEEN_READ 1
#define SEEN_MAPPED 2

static __always_inline struct inode *inode_of(struct file *file)
{
	return BPF_CORE_READ(file, f_inode);
}

static __always_inline int is_regular(struct inode *inode)
{
	return (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFREG;
}

/* memfd, pipes and the like live on mounts of the kernel's own: writing there changes no file system. */
static __always_inline int is_internal(struct position at)
{
	struct vfsmount *mount = at.mount;
	return BPF_CORE_READ(mount, mnt_flags) & MNT_INTERNAL;
}

static __always_inline struct inode_key key_of(struct inode *inode, __u32 slot)
{
	struct inode_key key = {
		.ino = BPF_CORE_READ(inode, i_ino),
		.dev = BPF_CORE_READ(inode, i_sb, s_dev),
		.generation = BPF_CORE_READ(inode, i_generation),
		.slot = slot,
	};
	return key;
}

static __always_inline struct inode_total *total_of(struct inode_key *key)
{
	struct inode_total *total = bpf_map_lookup_elem(&inodes, key);
	if (total)
		return total;
	struct inode_total fresh = {};
	bpf_map_update_elem(&inodes, key, &fresh, BPF_NOEXIST);
	total = bpf_map_lookup_elem(&inodes, key);
	if (!total)
		COUNT(inode_table_full);
	return total;
}

/* Whether this is the first time that `what` happens to the inode in this container. */
static __always_inline int first_time(struct inode_key *key, __u32 what)
{
	struct inode_total *total = total_of(key);
	return !total || !(__sync_fetch_and_or(&total->seen, what) & what);
}

struct written {
	/* Of the inode so far. */
	__u64 bytes;
	__u8 tell;
	/* `bytes` is of this call only. */
	__u8 unsummed;
};

static __always_inline struct written add_write(struct inode_key *key, __u64 bytes, __u64 size)
{
	struct inode_total *total = total_of(key);
	if (!total)
		return (struct written){ .bytes = bytes, .tell = 1, .unsummed = 1 };
	if (size > total->size)
		total->size = size;
	__u64 sum = __sync_fetch_and_add(&total->bytes, bytes) + bytes;
	__u64 threshold = total->next_record_at;
	if (sum < threshold)
		return (struct written){};
	__u64 next = sum * 2 < FIRST_DOUBLING ? FIRST_DOUBLING : sum * 2;
	/* Of two writers that pass the threshold together one tells. */
	if (!__sync_bool_compare_and_swap(&total->next_record_at, threshold, next))
		return (struct written){};
	total->told_bytes = sum;
	total->told_size = total->size;
	return (struct written){ .bytes = sum, .tell = 1 };
}

static __always_inline __u64 changed_later_than(struct inode *inode, struct target *target)
{
	__u64 sec, nsec;
	struct inode___fields *fields = (void *)inode;
	struct inode___underscores *underscores = (void *)inode;
	struct inode___timespec *timespec = (void *)inode;
	if (bpf_core_field_exists(fields->i_ctime_sec)) {
		sec = BPF_CORE_READ(fields, i_ctime_sec);
		/* Since 6.13 the top bit marks a time that was asked for (include/linux/fs.h, I_CTIME_QUERIED). */
		nsec = BPF_CORE_READ(fields, i_ctime_nsec) & 0x7fffffff;
	} else if (bpf_core_field_exists(underscores->__i_ctime)) {
		sec = BPF_CORE_READ(underscores, __i_ctime.tv_sec);
		nsec = BPF_CORE_READ(underscores, __i_ctime.tv_nsec);
	} else {
		sec = BPF_CORE_READ(timespec, i_ctime.tv_sec);
		nsec = BPF_CORE_READ(timespec, i_ctime.tv_nsec);
	}
	return sec > target->reads_since_sec || (sec == target->reads_since_sec && nsec > target->reads_since_nsec);
}

/* include/uapi/linux/magic.h: files of the kernel's own file systems are made when looked at, and keep nothing. */
static __always_inline int keeps_nothing(__u64 magic)
{
	switch (magic) {
	case 0x9fa0: /* proc */
	case 0x62656572: /* sysfs */
	case 0x27e0eb: /* cgroup */
	case 0x63677270: /* cgroup2 */
	case 0x64626720: /* debugfs */
	case 0x74726163: /* tracefs */
	case 0x73636673: /* securityfs */
		return 1;
	}
	return 0;
}
