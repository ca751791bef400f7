import type { SettingName, Settings } from "../container.ts";
import { isHost } from "../host-paths.ts";
import type { Mapping, Rule } from "../rule.ts";

type Namespace = Extract<SettingName, "network" | "pid" | "ipc" | "uts" | "userns">;

/** A rule for a container that has one of the host's namespaces instead of its own. */
function hostNamespace(name: Namespace, id: string, title: string, why: string, maps: Mapping): Rule {
  const said = (value: string): Settings => ({ [name]: { value } });
  return {
    id,
    title,
    severity: "medium",
    why,
    fix: "Let it have its own.",
    topic: "isolation",
    maps,
    needs: [name],
    check: ({ settings }) => (isHost(settings[name]) ? [{ message: `${title}.`, at: settings[name]?.at }] : []),
    fires: [{ what: "host is asked for", input: "command", settings: said("host") }],
    silent: [
      { what: "nothing is said", input: "command", settings: {} },
      { what: "another one", input: "command", settings: said("private") },
    ],
  };
}

export const hostNetwork = hostNamespace(
  "network",
  "host-network",
  "The container is in the host's network",
  "It reaches services that listen only on the host's loopback, opens any port, and is past rules that are made for containers. " +
    "Abstract sockets of the host's daemons are reached, too.",
  {
    cisDocker: ["5.10"],
    cisKubernetes: ["5.2.5"],
    nsa: ["Use the host network"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235805"],
  },
);

export const hostPid = hostNamespace(
  "pid",
  "host-pid",
  "The container sees the host's processes",
  "It can read their command lines and environment, and signal or trace those of the same user. Together with a capability that " +
    "is the way out of the container.",
  {
    cisDocker: ["5.16"],
    cisKubernetes: ["5.2.3"],
    nsa: ["Share host process namespaces"],
    nist800190: ["4.4.3"],
    stig: ["V-235784"],
  },
);

export const hostIpc = hostNamespace(
  "ipc",
  "host-ipc",
  "The container shares the host's memory segments",
  "Shared memory, semaphores and message queues of the host's processes can be read and changed. Databases keep their buffers there.",
  { cisDocker: ["5.17"], cisKubernetes: ["5.2.4"], nist800190: ["4.4.3"], stig: ["V-235785"] },
);

export const hostUts = hostNamespace(
  "uts",
  "host-uts",
  "The container has the host's name",
  "With the capability to do so it can rename the host. Whatever trusts the host's name in logs and in the network is misled.",
  { cisDocker: ["5.21"], nist800190: ["4.4.3"], nist80053: ["CM-7"], stig: ["V-235811"] },
);

export const hostUserns = hostNamespace(
  "userns",
  "host-userns",
  "The container's users are the host's",
  "The engine maps the users of containers to powerless ones, and this container is exempt from it. Root in it that gets out is " +
    "root on the host.",
  { cisDocker: ["5.31"], nist800190: ["4.4.3"], nist80053: ["CM-7"], stig: ["V-235817"] },
);
