import type { Location } from "../../../model/finding.ts";
import { isSecret } from "../../../strategy/secrets.ts";
import {
  type AuditMount,
  type AuditPort,
  type Located,
  SETTING_NAMES,
  type SettingName,
  type Settings,
} from "../../container.ts";

/** What a setting is given: as it is written, where, and whether something in it is only known when it runs. */
export interface Given {
  readonly text: string;
  readonly unknown: boolean;
  readonly at: Location;
}

/** Settings that are lists of texts; each flag adds to them. */
export type ListName = "capAdd" | "capDrop" | "devices" | "deviceRules" | "sysctls";
type Single = Exclude<
  SettingName,
  ListName | "environment" | "mounts" | "ports" | "ulimits" | "logOptions" | "ignored"
>;

function holdsSecret(variable: string): boolean {
  return variable.includes("=") && isSecret(variable);
}

/** The settings of one container while its flags are read, one after the other. */
export class RunDraft {
  readonly engine: "docker" | "podman";
  /** As the user named the container. */
  name: Given | undefined;
  isWindows = false;
  /** Of Podman: a read-only root gets three writable places, unless that is switched off. */
  readOnlyTmpfs = true;
  /** Some flags are not known: what is not set may be set all the same. */
  isOpen = false;
  readonly mounts: AuditMount[] = [];
  readonly ports: AuditPort[] = [];
  readonly #settings = new Map<SettingName, Located<unknown>>();
  readonly #unknown = new Set<SettingName>();

  constructor(engine: RunDraft["engine"]) {
    this.engine = engine;
  }

  set<N extends Single>(name: N, value: NonNullable<Settings[N]>["value"], at: Location): void {
    this.#settings.set(name, { value, at });
    this.#unknown.delete(name);
  }

  /** As it is written; not known when something in it is not. */
  setText(name: Single, { text, unknown, at }: Given): void {
    if (unknown) this.setUnknown(name);
    else this.#settings.set(name, { value: text, at });
    if (!unknown) this.#unknown.delete(name);
  }

  setUnknown(name: SettingName): void {
    this.#unknown.add(name);
    this.#settings.delete(name);
  }

  /** The first one's place is that of all. */
  add(name: ListName | "ulimits" | "environment", values: readonly unknown[], at: Location): void {
    const before = this.#settings.get(name) as Located<readonly unknown[]> | undefined;
    this.#settings.set(name, { value: [...(before?.value ?? []), ...values], at: before?.at ?? at });
  }

  /** The place is that of the first secret, as it is what somebody must act on. */
  addVariable(variable: string, at: Location): void {
    const before = this.get("environment")?.value ?? [];
    this.add("environment", [variable], at);
    if (holdsSecret(variable) && !before.some(holdsSecret))
      this.#settings.set("environment", { value: [...before, variable], at });
  }

  addLogOption(option: string, value: string, at: Location): void {
    const before = this.#settings.get("logOptions") as Settings["logOptions"];
    this.#settings.set("logOptions", { value: { ...before?.value, [option]: value }, at: before?.at ?? at });
  }

  /** Something of a list is not known: what it lacks may be there all the same. */
  doubt(name: SettingName): void {
    this.#unknown.add(name);
  }

  get<N extends SettingName>(name: N): Settings[N] {
    return this.#settings.get(name) as Settings[N];
  }

  /** What was set, and what no rule should judge. */
  settings(): { readonly settings: Settings; readonly unknown: readonly SettingName[] } {
    const places = this.#readOnlyPlaces();
    const mounts = [...new Map([...places, ...this.mounts].map((mount) => [mount.target, mount])).values()];
    const settings: Settings = {
      ...(Object.fromEntries(this.#settings) as Settings),
      ...(mounts.length > 0 ? { mounts } : {}),
      ...(this.ports.length > 0 ? { ports: this.ports } : {}),
    };
    const doubted = (name: SettingName): boolean =>
      this.#unknown.has(name) ||
      (this.isOpen && (settings[name] === undefined || name === "capDrop")) ||
      // containers.conf limits the processes to 2048 by itself (pids_limit).
      (name === "pidsLimit" && this.engine === "podman" && settings.pidsLimit === undefined);
    return { settings, unknown: SETTING_NAMES.filter(doubted) };
  }

  /** Podman's read-only-tmpfs (pkg/specgen/generate/storage.go): no size, and programs can be run from them. */
  #readOnlyPlaces(): readonly AuditMount[] {
    const root = this.get("readOnlyRoot");
    if (this.engine !== "podman" || root?.value !== true || !this.readOnlyTmpfs) return [];
    const at = root.at === undefined ? {} : { at: root.at };
    return ["/run", "/tmp", "/var/tmp"].map((target) => ({
      type: "tmpfs",
      target,
      readOnly: false,
      sizeBytes: null,
      exec: true,
      ...at,
    }));
  }
}
