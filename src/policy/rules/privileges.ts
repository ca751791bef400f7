import { HOST_CAPABILITIES } from "../../audit/capabilities.ts";
import { givesRawDevices, rawDevices } from "../host-access.ts";
import type { ContainerRequest } from "../request.ts";
import type { Finding, PolicyRule, Subject } from "../rule.ts";
import { listed, shown, toExempt } from "../wording.ts";

/** Capabilities with which a read-only root can be undone from inside; the host's disks or kernel, or its files by handle, lead there, too. */
const UNDOING = ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "SYS_BOOT"] as const;

/** `--privileged`; exempt ones do not come here. */
export const privileged: PolicyRule = {
  name: "privileged",
  check: (subject) =>
    subject.container.privileged
      ? undoing(subject, {
          what: "A privileged container",
          how: "makes its root writable again, mounts the host's disks and reaches its kernel",
          instead: "Leave --privileged out and name the capabilities and devices that it needs",
        })
      : undefined,
};

export const undoingCapability: PolicyRule = {
  name: "undoing-capability",
  check(subject) {
    const { container } = subject;
    // Of --privileged the whole is told.
    if (container.privileged) return undefined;
    const names = ablesOf(container);
    const [first] = names;
    if (first === undefined) return undefined;
    return undoing(subject, {
      what: `A container with ${listed(names)}`,
      how:
        first === "SYS_ADMIN" || first === "ALL" ? "makes its root writable again (mount -o remount,rw /)" : how(first),
      instead: `Leave --cap-add ${first} out`,
    });
  },
};

function ablesOf({ capAdd, hostNamespaces }: ContainerRequest): readonly string[] {
  const found: string[] = UNDOING.filter((name) => capAdd.includes(name));
  // Then the host's processes are visible, and with them its root.
  if (capAdd.includes("SYS_PTRACE") && hostNamespaces.includes("pid")) found.push("SYS_PTRACE");
  return found;
}

/**
 * The host's processes without any capability: the kernel lets a process into each other of its user that has no more capabilities
 * than it has itself (ptrace(2), "Ptrace access mode checking"), which a user's programs and services that gave theirs up are.
 */
export const hostProcesses: PolicyRule = {
  name: "host-processes",
  check(subject) {
    if (subject.container.privileged || !subject.container.hostNamespaces.includes("pid")) return undefined;
    return undoing(subject, {
      what: "A container with the host's processes",
      how: "reaches the host's files by /proc/PID/root of each process that has its user and no more capabilities",
      instead: "Leave --pid host out",
    });
  },
};

/** The processes of another container, which may have more of the host than this one. */
export const joinedProcesses: PolicyRule = {
  name: "joined-processes",
  check({ container, policy }) {
    const names = (container.joinedNamespaces ?? []).flatMap((one) => (one.namespace === "pid" ? [one.container] : []));
    if (policy.trust !== "hostile" || names.length === 0) return undefined;
    return {
      refuse: true,
      sentence: `It reaches the files of another container (${listed(names)}) by its processes, and what that may write is not known here.`,
      remedy: `Leave --pid container:${shown(names[0] ?? "")} out, or ${toExempt(policy, container)}.`,
    };
  },
};

function how(capability: string): string {
  return HOST_CAPABILITIES.get(capability) ?? "reaches the host";
}

export const rawDevice: PolicyRule = {
  name: "raw-device",
  check(subject) {
    const { container, policy } = subject;
    const devices = rawDevices(container, policy.trust);
    const rules = container.deviceRules.filter((rule) => givesRawDevices(rule, policy.trust));
    if (devices.length + rules.length === 0) return undefined;
    return undoing(subject, {
      what: `A container with the host's disks or memory (${listed([...devices, ...rules])})`,
      how: "writes to the layers below its own root, and to every other file there",
      instead: "Leave the devices and device rules out",
    });
  },
};

interface Undoing {
  readonly what: string;
  readonly how: string;
  readonly instead: string;
}

function undoing({ container, policy }: Subject, { what, how: does, instead }: Undoing): Finding {
  const refuse = policy.privileged === "refuse";
  return {
    refuse,
    sentence: `${what} ${refuse ? `${does}, and policy ${policy.name} refuses that` : `can undo read-only: it ${does}`}.`,
    remedy: `${instead}, or ${toExempt(policy, container)}.`,
  };
}
