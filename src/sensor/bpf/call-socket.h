/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* socketcall(2) of 32-bit x86: one call for all that sockets do, its arguments in memory. */
#pragma once

#include "call-path.h"

/* include/uapi/linux/net.h */
#define SYS_BIND 2

static __always_inline int on_socket_call(struct ended_call *call)
{
	if (argument(call, 0) != SYS_BIND)
		return 0;
	/* Descriptor, address, length. */
	__u32 given[3] = {};
	bpf_probe_read_user(given, sizeof(given), (void *)argument(call, 1));
	return on_bind(call, (void *)(__u64)given[1], given[2]);
}
