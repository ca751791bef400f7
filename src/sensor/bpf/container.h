/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which container a task belongs to, and whether it is the workload or the runtime that prepares it.
 *
 * A container is known by the name of its cgroup before it exists. A task becomes an observed process with its first exec
 * in an armed cgroup; what it forks inherits that, wherever it moves. What the runtime does in the container's cgroup before
 * (mounts, device nodes, and again for each `docker exec`) is thereby never seen, and a host task costs one look-up.
 */
#pragma once

#include "maps.h"
#include "mounts.h"
#include <bpf/bpf_core_read.h>

#define CGROUP_LEVELS 12

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node)
{
	struct kernfs_node___underscores *renamed = (void *)node;
	struct kernfs_node___plain *plain = (void *)node;
	if (bpf_core_field_exists(renamed->__parent))
		return BPF_CORE_READ(renamed, __parent);
	return BPF_CORE_READ(plain, parent);
}

static __noinline __u32 slot_by_name(struct kernfs_node *node)
{
	__u32 zero = 0;
	struct cgroup_name *name = bpf_map_lookup_elem(&name_space, &zero);
	if (!name)
		return 0;
	for (int level = 0; level < CGROUP_LEVELS && node; level++) {
		__builtin_memset(name, 0, sizeof(*name));
		bpf_probe_read_kernel_str(name->text, sizeof(name->text), BPF_CORE_READ(node, name));
		__u32 *slot = bpf_map_lookup_elem(&armed_names, name);
		if (slot)
			return *slot;
		node = parent_of(node);
	}
	return 0;
}

static __always_inline struct kernfs_node *pids_cgroup(struct task_struct *task)
{
	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		return 0;
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	int index = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	struct cgroup_subsys_state *state = 0;
	void *list = (void *)set + bpf_core_field_offset(struct css_set, subsys);
	bpf_probe_read_kernel(&state, sizeof(state), list + index * sizeof(void *));
	return BPF_CORE_READ(state, cgroup, kn);
}

/* The slot of the nearest armed cgroup: in the default hierarchy first, then in the v1 `pids` hierarchy. 0: none. */
static __noinline __u32 slot_of(struct task_struct *task)
{
	__u32 zero = 0;
	struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	if (!set)
		return 0;
	/* Read before the names: an entry made from names that change meanwhile carries the older epoch and is void. */
	__u32 epoch = *(volatile __u32 *)&set->epoch;
	struct kernfs_node *unified = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
	struct kernfs_node *pids = pids_cgroup(task);
	struct cgroup_pair pair = {
		.unified = BPF_CORE_READ(unified, id),
		.pids = pids ? BPF_CORE_READ(pids, id) : 0,
	};
	struct cached_slot *known = bpf_map_lookup_elem(&slots, &pair);
	if (known && known->epoch == epoch)
		return known->slot;
	struct cached_slot found = { .epoch = epoch };
	found.slot = slot_by_name(unified);
	if (!found.slot && pids && pids != unified)
		found.slot = slot_by_name(pids);
	bpf_map_update_elem(&slots, &pair, &found, BPF_ANY);
	return found.slot;
}

static __always_inline void observe(__u32 tgid, struct process *process)
{
	if (bpf_map_update_elem(&processes, &tgid, process, BPF_ANY))
		COUNT(process_table_full);
}

/* A container that was armed while it ran: its older tasks had their first exec before anyone looked. */
static __noinline struct process *observed_since_before(struct task_struct *task, __u32 tgid)
{
	__u32 slot = slot_of(task);
	if (!slot)
		return 0;
	struct target *target = bpf_map_lookup_elem(&targets, &slot);
	if (!target || BPF_CORE_READ(task, group_leader, start_time) >= target->live_since_ns)
		return 0;
	if (!target->mounts_told) {
		target->mounts_told = 1;
		tell_mounts(slot);
	}
	struct process process = { .slot = slot };
	observe(tgid, &process);
	return bpf_map_lookup_elem(&processes, &tgid);
}

static __always_inline struct process *observed(struct task_struct *task, __u32 tgid)
{
	struct process *process = bpf_map_lookup_elem(&processes, &tgid);
	if (process)
		return process;
	__u32 zero = 0;
	struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	if (!set || !set->live_targets)
		return 0;
	return observed_since_before(task, tgid);
}
