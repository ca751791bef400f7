/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What crosses from the kernel to TypeScript, and back. `../record.ts` and `../syscalls.ts` hold the same layout. */
#pragma once

#include "kernel.h"

/* How a system call names what it changes. */
enum call_kind {
	CALL_NONE,
	CALL_OPEN, /* path; on success the file of the returned descriptor */
	CALL_PATH, /* directory descriptor (or none) and path */
	CALL_TWO_PATHS,
	CALL_SYMLINK, /* path, and a text that is not looked up */
	CALL_FD,
	CALL_WRITE, /* descriptor; the result is a number of bytes */
	CALL_BIND, /* struct sockaddr_un */
	CALL_ACCESS,
	CALL_MMAP,
	CALL_MPROTECT,
	CALL_EXEC, /* failures only: successes come from the tracepoint */
	CALL_IO_URING,
	CALL_MOUNTS, /* changes the mount table */
	CALL_SOCKET_CALL, /* socketcall(2) */
	CALL_UNDECODED, /* could be a write, and is only counted */
};

enum call_flag {
	CALL_OPEN_HOW = 1, /* the open flags are behind a pointer (struct open_how) */
	CALL_IMPLIED_CREATE = 2, /* creat(2) */
	CALL_BY_HANDLE = 4, /* open_by_handle_at(2): no path when it fails */
	CALL_FOLLOWS = 8, /* the last part of the path may be followed */
};

/* One row of the system call table; positions of arguments, -1 for none. */
struct call {
	__u8 kind;
	__u8 flags;
	__s8 fd;
	__s8 dirfd;
	__s8 path;
	__s8 dirfd2;
	__s8 path2;
	__s8 arg[3];
	/* Of the same call, where the row stands under another number (io_uring's operations). */
	__u16 number;
	__u8 unused[4];
};

enum record_kind {
	RECORD_CALL,
	RECORD_EXEC,
	RECORD_TOTAL, /* bytes and size of an inode whose history ends here */
	RECORD_READ,
	RECORD_MOUNT, /* `base` is the mount point */
	RECORD_MOUNTS_END,
};

enum record_flag {
	RECORD_UNREADABLE = 1 << 0, /* a string could not be read from the process */
	RECORD_CUT = 1 << 1, /* a path was longer than the walk */
	RECORD_CREATED = 1 << 2,
	RECORD_READ_ONLY_MOUNT = 1 << 3,
	RECORD_FOREIGN_MOUNT = 1 << 4, /* the walk ended outside the process's mount namespace */
	RECORD_SCRIPT = 1 << 5, /* exec: an interpreter runs the named file */
	RECORD_BY_FILE = 1 << 6, /* `base` is the file itself, and the inode fields are filled */
	RECORD_BASE_IS_ROOT = 1 << 7, /* absolute path: `base` is absent, the path starts at `root` */
	RECORD_NO_PATH = 1 << 8, /* a null path: `base` itself is meant */
	RECORD_UNSUMMED = 1 << 9, /* `bytes` is of this call only: the table of inodes is full */
	RECORD_BASE2_IS_ROOT = 1 << 10,
	RECORD_COMPAT = 1 << 11, /* `call` is a number of the 32-bit table */
};

/*
 * Strings follow the record in this order. `root`, `base` and `base2` are walked from the leaf up: names, each ended by a
 * zero byte, the last one being the one nearest to the root. `path` and `path2` are the texts the process gave.
 */
enum record_string { STRING_ROOT, STRING_BASE, STRING_PATH, STRING_BASE2, STRING_PATH2, STRING_COUNT };

struct record {
	__u64 time_ns;
	__u64 ino;
	__u64 arg[3];
	__u64 bytes;
	__u64 size;
	__s64 result;
	__u32 slot;
	__u32 exec_id;
	__u32 pid;
	__u32 uid;
	__u32 gid;
	__u32 dev;
	__u32 generation;
	__u32 mount_id;
	__u16 call;
	__u16 mode;
	__u16 flags;
	__u8 kind;
	__u8 unused;
	/* Bytes of `base` that lie within its mount; the rest is the mount point. */
	__u16 in_mount;
	__u16 length[STRING_COUNT];
	/* Bytes of all strings together. */
	__u32 text_bytes;
	/* Of the process: its mount namespace, as /proc/PID/ns/mnt has it. */
	__u32 mount_namespace;
	__u32 unused2;
	char comm[16];
	char fs_type[16];
};

_Static_assert(sizeof(struct call) == 16, "record.ts");
_Static_assert(__builtin_offsetof(struct record, result) == 56, "record.ts");
_Static_assert(__builtin_offsetof(struct record, call) == 96, "record.ts");
_Static_assert(__builtin_offsetof(struct record, in_mount) == 104, "record.ts");
_Static_assert(__builtin_offsetof(struct record, mount_namespace) == 120, "record.ts");
_Static_assert(sizeof(struct record) == 160, "record.ts");

/* Set by arming; keyed by the name of a cgroup. */
struct cgroup_name {
	char text[128];
};

struct target {
	__u64 reads_since_sec;
	__u64 reads_since_nsec;
	/* Monotonic. Tasks of the container that are older than this have passed their first exec; 0 when none is. */
	__u64 live_since_ns;
	__u64 mounts_told;
};

struct settings {
	/* Raised after each change of the armed names: older cache entries are void. */
	__u32 epoch;
	/* Number of targets with live_since_ns. */
	__u32 live_targets;
	/* Whether the hooks that see io_uring's requests are attached. */
	__u32 rings_are_decoded;
	__u32 unused;
};

struct inode_key {
	__u64 ino;
	__u32 dev;
	__u32 generation;
	__u32 slot;
	__u32 unused;
};

struct inode_total {
	__u64 bytes;
	/* As of the last record. */
	__u64 told_bytes;
	__u64 next_record_at;
	/* Largest seen. */
	__u64 size;
	__u64 told_size;
	__u32 seen;
	__u32 unused;
};

/* Per CPU, only ever added to. */
struct counters {
	__u64 records;
	/* Told before, under pressure. */
	__u64 repeated;
	__u64 ring_full;
	__u64 inode_table_full;
	__u64 process_table_full;
	__u64 unreadable;
	__u64 undecoded_rings;
	__u64 undecoded_calls;
};
