import { hostBinds, isEngineSocket, isHostSecret, isHostSystem } from "../host-paths.ts";
import type { Rule } from "../rule.ts";

export const readableHostSecrets: Rule = {
  id: "readable-host-secrets",
  title: "Secrets of the host can be read",
  severity: "medium",
  why:
    "Password hashes, keys and the data of other containers lie below this directory of the host. Read-only keeps them from " +
    "being changed, not from being stolen.",
  fix: "Mount only the files that it needs.",
  topic: "isolation",
  maps: { cisKubernetes: ["5.2.12"], nist800190: ["4.5.5"] },
  needs: ["mounts"],
  check: ({ settings }) =>
    hostBinds(settings)
      .filter(
        ({ source, readOnly }) =>
          isHostSecret(source) && (readOnly || !isHostSystem(source)) && !isEngineSocket(source),
      )
      .map(({ source, at }) => ({ message: `The container can read ${source} of the host.`, at, key: source })),
  fires: [
    { what: "the host's root", settings: { mounts: [bind("/", true)] } },
    { what: "the kubelet's state", input: "kubernetes", settings: { mounts: [bind("/var/lib/kubelet/pods", true)] } },
    { what: "everybody's home", settings: { mounts: [bind("/home", false)] } },
  ],
  silent: [
    { what: "one file of the configuration", settings: { mounts: [bind("/etc/localtime", true)] } },
    { what: "one home", settings: { mounts: [bind("/home/app/data", true)] } },
    { what: "writable, which is worse and told by another rule", settings: { mounts: [bind("/etc", false)] } },
  ],
};

function bind(source: string, readOnly: boolean) {
  return { type: "bind", source, target: "/mnt/x", readOnly } as const;
}
