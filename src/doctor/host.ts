import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import { type Finding, ok, warn } from "./report.ts";

/** Bits of include/uapi/linux/capability.h, and what does not work without them. */
const CAPABILITIES = [
  {
    name: "CAP_SYS_ADMIN",
    bit: 21n,
    without: "the embedded engine cannot make its namespaces, and old kernels load no BPF",
  },
  { name: "CAP_NET_ADMIN", bit: 12n, without: "the embedded engine cannot set up its network" },
  { name: "CAP_BPF", bit: 39n, without: "the sensor needs CAP_SYS_ADMIN instead" },
  { name: "CAP_PERFMON", bit: 38n, without: "the sensor needs CAP_SYS_ADMIN instead" },
  { name: "CAP_SYS_RESOURCE", bit: 24n, without: "privileged containers cannot be started" },
] as const;

/** Node.js, user and capabilities, kernel, cgroups. */
export function examineHost(): Finding[] {
  return [node(), user(), capabilities(), kernel(), cgroups(read("/proc/self/mounts"))];
}

function node(): Finding {
  return ok("node", "Node.js", `${process.versions.node} (${process.execPath})`);
}

function user(): Finding {
  const uid = process.getuid?.();
  if (uid === 0) return ok("user", "user", "root");
  return warn(
    "user",
    "user",
    `uid ${uid}`,
    "The kernel sensor and the embedded engine need root: run petrify with sudo, or use strace and an engine of yours.",
  );
}

function capabilities(): Finding {
  const missing = missingCapabilities(read("/proc/self/status"));
  if (missing.length === 0) return ok("capabilities", "capabilities", "all that are needed");
  const reasons = missing.map(({ name, without }) => `${name}: ${without}`).join("; ");
  return warn(
    "capabilities",
    "capabilities",
    `without ${reasons}`,
    process.getuid?.() === 0 ? "Give them to the container or service that petrify runs in." : "Run petrify with sudo.",
  );
}

/** By the effective set in /proc/PID/status. Exported for its test. */
export function missingCapabilities(status: string): readonly { readonly name: string; readonly without: string }[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return CAPABILITIES.filter(({ bit }) => (effective & (1n << bit)) === 0n);
}

function kernel(): Finding {
  const found = `Linux ${os.release()} ${process.arch}`;
  if (existsSync("/sys/kernel/btf/vmlinux")) return ok("kernel", "kernel", `${found}, with type information (BTF)`);
  return warn(
    "kernel",
    "kernel",
    `${found}, without type information (BTF)`,
    "The sensor needs a kernel with CONFIG_DEBUG_INFO_BTF, as Debian 12, Ubuntu 22.04, Fedora and newer have it.",
  );
}

/** Exported for its test. `mounts` is /proc/self/mounts. */
export function cgroups(mounts: string): Finding {
  const v1 = [...mounts.matchAll(/^\S+ \S+ cgroup (\S+)/gm)].map((match) => match[1] as string);
  const v2 = /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1];
  if (v1.length === 0 && v2 === undefined) {
    return warn(
      "cgroups",
      "cgroups",
      "none mounted",
      "Engines need them: mount /sys/fs/cgroup (package cgroupfs-mount).",
    );
  }
  if (v1.length === 0) return ok("cgroups", "cgroups", `version 2 at ${v2}`);
  const memory = v1.some((options) => options.split(",").includes("memory"));
  const found = `version 1, ${v1.length} hierarchies${v2 === undefined ? "" : `, hybrid with version 2 at ${v2}`}`;
  if (memory) return ok("cgroups", "cgroups", found);
  return warn(
    "cgroups",
    "cgroups",
    `${found}, without memory`,
    "Memory limits do not work: boot with cgroup_enable=memory.",
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
