import type { InputKind } from "../../model/finding.ts";
import type { AuditedContainer, AuditMount, SettingName, Settings } from "../container.ts";

/** One field that is changed in a container without findings, and the rules that must fire then: no other may. */
export interface Change {
  readonly field: SettingName | "image facts" | "strategy" | "state" | "role";
  readonly to: string;
  readonly settings: Settings;
  /** What is no setting. */
  readonly container?: Partial<AuditedContainer>;
  readonly fires: readonly string[];
  /** Where something else is right. */
  readonly but?: Readonly<Partial<Record<InputKind, readonly string[]>>>;
}

export const KINDS: readonly InputKind[] = [
  "engine",
  "compose",
  "swarm",
  "kubernetes",
  "quadlet",
  "ecs",
  "command",
  "image",
  "dockerfile",
] as const;

export const CLEAN_MOUNTS: readonly AuditMount[] = [
  { type: "tmpfs", target: "/var/cache/web", readOnly: false, sizeBytes: 2 ** 26, exec: false },
  { type: "volume", source: "data", target: "/data", readOnly: false },
];
/** On it no rule fires, in any input that can say all or part of it. */
export const CLEAN: Settings = {
  image: { value: `web:1.0@sha256:${"0".repeat(64)}` },
  readOnlyRoot: { value: true },
  user: { value: "1000:1000" },
  capDrop: { value: ["ALL"] },
  noNewPrivileges: { value: true },
  seccomp: { value: "RuntimeDefault" },
  mounts: CLEAN_MOUNTS,
  memoryBytes: { value: 2 ** 29 },
  cpus: { value: 1 },
  pidsLimit: { value: 200 },
  healthcheck: { value: true },
  command: { value: ["web", "--serve"] },
};

export function change(
  field: Change["field"],
  to: string,
  settings: { readonly [K in SettingName]?: Settings[K] | undefined },
  fires: readonly string[],
  but?: Change["but"],
): Change {
  return { field, to, settings: settings as Settings, fires, ...(but === undefined ? {} : { but }) };
}

/** A change of what is no setting. */
export function beside(
  field: Change["field"],
  to: string,
  container: Partial<AuditedContainer>,
  fires: readonly string[],
  but?: Change["but"],
): Change {
  return { ...change(field, to, {}, fires, but), container };
}
