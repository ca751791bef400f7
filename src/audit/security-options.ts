import type { Settings } from "./container.ts";

export type SecuritySetting = "noNewPrivileges" | "seccomp" | "appArmor" | "selinux" | "unmaskedPaths";

interface Option {
  readonly setting: SecuritySetting;
  readonly set: (value: string) => Pick<Settings, SecuritySetting>;
}

const OPTIONS: ReadonlyMap<string, Option> = new Map(
  Object.entries({
    "no-new-privileges": {
      setting: "noNewPrivileges",
      set: (value) => ({ noNewPrivileges: { value: value !== "false" } }),
    },
    seccomp: { setting: "seccomp", set: (value) => ({ seccomp: { value } }) },
    apparmor: { setting: "appArmor", set: (value) => ({ appArmor: { value } }) },
    label: { setting: "selinux", set: (value) => ({ selinux: { value } }) },
    systempaths: { setting: "unmaskedPaths", set: (value) => ({ unmaskedPaths: { value: value === "unconfined" } }) },
  } satisfies Record<string, Option>),
);

export const SECURITY_SETTINGS: readonly SecuritySetting[] = [...OPTIONS.values()].map(({ setting }) => setting);

/** A word of `--security-opt`; both `=` and `:` may stand between name and value (docker/cli, parseSecurityOpts). */
export function securityOption(text: string): {
  readonly name: string;
  readonly setting?: SecuritySetting;
  readonly settings: Settings;
} {
  const [, name = "", value = ""] = /^([^=:]*)[=:]?(.*)$/s.exec(text) ?? [];
  const option = OPTIONS.get(name.trim());
  return option === undefined
    ? { name, settings: {} }
    : { name, setting: option.setting, settings: option.set(value.trim()) };
}
