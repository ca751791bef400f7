/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that name a file by a path, and gave no file. */
#pragma once

#include "call.h"

static __always_inline char first_of_text(enum text_source source, const char *text)
{
	char first = 0;
	if (source == USER_TEXT)
		bpf_probe_read_user(&first, 1, text);
	else
		bpf_probe_read_kernel(&first, 1, text);
	return first;
}

/* The first path of a call: where it starts and what was given; none when the directory itself is meant. */
static __always_inline int describe_path(struct scratch *scratch, enum text_source source, const char *path, int dirfd)
{
	struct record *record = &scratch->record;
	int absolute = path && first_of_text(source, path) == '/';
	append_root(scratch, absolute);
	if (absolute)
		record->flags |= RECORD_BASE_IS_ROOT;
	else if (append_base(scratch, STRING_BASE, dirfd, 1))
		return -1;
	if (path)
		record->length[STRING_PATH] = append_text(scratch, source, path);
	else
		record->flags |= RECORD_NO_PATH;
	return 0;
}

/* The other end of a rename or link. */
static __always_inline int describe_path2(struct scratch *scratch, enum text_source source, const char *path, int dirfd)
{
	struct record *record = &scratch->record;
	if (first_of_text(source, path) == '/')
		record->flags |= RECORD_BASE2_IS_ROOT;
	else if (append_base(scratch, STRING_BASE2, dirfd, 0))
		return -1;
	record->length[STRING_PATH2] = append_text(scratch, source, path);
	return 0;
}

static __always_inline int on_path(struct ended_call *call)
{
	struct scratch *scratch = begin_call(call);
	if (!scratch)
		return 0;
	const char *path = (void *)argument(call, call->row->path);
	int dirfd = call->row->dirfd >= 0 ? (int)argument(call, call->row->dirfd) : AT_FDCWD;
	int descriptor = call->row->flags & CALL_FOLLOWS ? descriptor_in((__u64)path) : -1;
	if (descriptor >= 0) {
		path = 0;
		dirfd = descriptor;
	}
	if (describe_path(scratch, USER_TEXT, path, dirfd))
		return 0;
	const char *path2 = (void *)argument(call, call->row->path2);
	if (call->row->kind == CALL_SYMLINK)
		scratch->record.length[STRING_PATH2] = append_text(scratch, USER_TEXT, path2);
	if (call->row->kind == CALL_TWO_PATHS) {
		int dirfd2 = call->row->dirfd2 >= 0 ? (int)argument(call, call->row->dirfd2) : AT_FDCWD;
		if (describe_path2(scratch, USER_TEXT, path2, dirfd2))
			return 0;
	}
	deliver(scratch);
	return 0;
}

/* struct sockaddr_un: the path comes after the family. */
#define SUN_PATH 2

/* A leading zero byte is an abstract name, a bare family asks for one: neither is a file. */
static __always_inline int names_a_file(enum text_source source, const char *address, int length)
{
	__u16 family = 0;
	if (source == USER_TEXT)
		bpf_probe_read_user(&family, sizeof(family), address);
	else
		bpf_probe_read_kernel(&family, sizeof(family), address);
	return family == AF_UNIX && length > SUN_PATH && first_of_text(source, address + SUN_PATH);
}

static __always_inline int on_bind(struct ended_call *call, const char *address, int length)
{
	if (!names_a_file(USER_TEXT, address, length))
		return 0;
	struct scratch *scratch = begin_call(call);
	if (!scratch || describe_path(scratch, USER_TEXT, address + SUN_PATH, AT_FDCWD))
		return 0;
	scratch->record.arg[0] = length;
	deliver(scratch);
	return 0;
}
