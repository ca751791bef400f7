import { HOST_CAPABILITIES } from "../../audit/capabilities.ts";
import { givesRawDevices, rawDevices } from "../host-access.ts";
import type { ContainerRequest } from "../request.ts";
import type { Finding, PolicyRule, Subject } from "../rule.ts";
import { listed, toExempt } from "../wording.ts";

/** Capabilities with which a read-only root can be undone from inside; the host's disks or kernel, or its files by handle, lead there, too. */
const UNDOING = ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH"] as const;

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

function how(capability: string): string {
  return HOST_CAPABILITIES.get(capability) ?? "reaches the host";
}

export const rawDevice: PolicyRule = {
  name: "raw-device",
  check(subject) {
    const { container } = subject;
    const devices = rawDevices(container);
    const rules = container.deviceRules.filter(givesRawDevices);
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
