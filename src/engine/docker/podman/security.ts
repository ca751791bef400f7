import { PetrifyError } from "../../../model/errors.ts";

/** Security options as fields of Podman's create body. */
export interface SecurityFields {
  readonly no_new_privileges?: boolean;
  readonly seccomp_profile_path?: string;
  readonly apparmor_profile?: string;
  readonly selinux_opts?: readonly string[];
  readonly mask?: readonly string[];
  readonly unmask?: readonly string[];
}

/** Options of `--security-opt`, by the word before `=` or `:`. */
const FIELDS: Readonly<Record<string, (value: string) => SecurityFields>> = {
  "no-new-privileges": (value) => ({ no_new_privileges: value !== "false" }),
  seccomp: (value) => (value === "builtin" ? {} : { seccomp_profile_path: profilePath(value) }),
  apparmor: (value) => ({ apparmor_profile: value }),
  label: (value) => ({ selinux_opts: [value] }),
  mask: (value) => ({ mask: value.split(":") }),
  unmask: (value) => ({ unmask: value.split(":") }),
  systempaths: (value) => (value === "unconfined" ? { unmask: ["ALL"] } : {}),
};

function profilePath(value: string): string {
  if (!value.startsWith("{")) return value;
  throw new PetrifyError("E_ENGINE_UNSUPPORTED", "Podman takes a seccomp profile as a file only.", {
    hint: "Save what follows seccomp= as a file, and name that.",
  });
}

/** Throws E_ENGINE_UNSUPPORTED for an option that Podman's API has no field for. */
export function securityFields(options: readonly string[]): SecurityFields {
  let fields: SecurityFields = {};
  for (const option of options) {
    const [, name = "", value = ""] = /^([^=:]*)[=:]?(.*)$/s.exec(option) ?? [];
    const found = FIELDS[name]?.(value);
    if (found === undefined)
      throw new PetrifyError("E_ENGINE_UNSUPPORTED", `Podman has no security option '${name}'.`, {
        hint: `Podman knows ${Object.keys(FIELDS).join(", ")}.`,
      });
    const selinux = [...(fields.selinux_opts ?? []), ...(found.selinux_opts ?? [])];
    fields = { ...fields, ...found, ...(selinux.length > 0 && { selinux_opts: selinux }) };
  }
  return fields;
}
