import type { Rule } from "../rule.ts";

/** Those that touch nothing but the container: Pod Security Standards, baseline, "Sysctls". */
const SAFE = new Set(
  (
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports net.ipv4.ip_unprivileged_port_start " +
    "net.ipv4.ping_group_range net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes " +
    "net.ipv4.tcp_keepalive_time net.ipv4.tcp_syncookies"
  ).split(" "),
);

export const unsafeSysctls: Rule = {
  id: "unsafe-sysctls",
  title: "It changes kernel parameters",
  severity: "low",
  why:
    "Parameters outside of the safe list weaken the container's network, or take memory of the kernel that no limit counts. Some " +
    "are the host's own when the container is in the host's namespace.",
  fix: "Leave out those that are not needed.",
  topic: "isolation",
  maps: {},
  needs: ["sysctls"],
  check: ({ settings: { sysctls } }) => {
    const unsafe = (sysctls?.value ?? []).filter((name) => !SAFE.has(name));
    return unsafe.length === 0 ? [] : [{ message: `It changes ${unsafe.join(", ")}.`, at: sysctls?.at }];
  },
  fires: [{ what: "forwarding", settings: { sysctls: { value: ["net.ipv4.ip_forward"] } } }],
  silent: [
    { what: "one of the safe list", settings: { sysctls: { value: ["net.ipv4.ip_unprivileged_port_start"] } } },
    { what: "none", settings: {} },
  ],
};
