import type { Settings } from "../../container.ts";
import type { Context, Read } from "./setting.ts";
import { entryOf, isUnknown, itemsOf, textOf } from "./tree.ts";

type Option = "noNewPrivileges" | "seccomp" | "appArmor" | "selinux" | "unmaskedPaths";

/** What an item of `security_opt` sets; both `=` and `:` may stand between name and value (docker/cli, parseSecurityOpts). */
const OPTIONS: Readonly<Record<string, (value: string) => Pick<Settings, Option>>> = {
  "no-new-privileges": (value) => ({ noNewPrivileges: { value: value !== "false" } }),
  seccomp: (value) => ({ seccomp: { value } }),
  apparmor: (value) => ({ appArmor: { value } }),
  label: (value) => ({ selinux: { value } }),
  systempaths: (value) => ({ unmaskedPaths: { value: value === "unconfined" } }),
};
const SETTING: Readonly<Record<string, Option>> = {
  "no-new-privileges": "noNewPrivileges",
  seccomp: "seccomp",
  apparmor: "appArmor",
  label: "selinux",
  systempaths: "unmaskedPaths",
};

/** The settings of `security_opt`, later items winning; one that is a variable alone may be any of them. */
export function readSecurity({ settings, locate }: Context): { readonly [O in Option]?: Read<unknown> } {
  const read: { [O in Option]?: Read<unknown> } = {};
  for (const item of itemsOf(entryOf(settings, "security_opt")?.value)) {
    const [, name = "", value = ""] = /^([^=:]*)[=:]?(.*)$/s.exec(textOf(item) ?? "") ?? [];
    if (name.includes("${")) for (const option of Object.values(SETTING)) read[option] ??= "unknown";
    const option = SETTING[name.trim()];
    if (option === undefined) continue;
    const set = OPTIONS[name.trim()]?.(value.trim())[option];
    read[option] = isUnknown(item) || set === undefined ? "unknown" : { ...set, at: locate(item.at) };
  }
  return read;
}
