import type { Given, RunDraft } from "./draft.ts";

/**
 * `--security-opt`: `=` or `:` stands between name and value (docker/cli, parseSecurityOpts). Of Podman also what takes masks away
 * (podman-run(1)).
 */
export function addSecurityOption(draft: RunDraft, { text, unknown, at }: Given): void {
  const [, name = "", value = ""] = /^([^=:]*)[=:]?(.*)$/s.exec(text) ?? [];
  if (unknown && name.includes("$")) {
    for (const option of ["noNewPrivileges", "seccomp", "appArmor", "selinux", "unmaskedPaths"] as const)
      if (draft.get(option) === undefined) draft.setUnknown(option);
    return;
  }
  const given = { text: value, unknown, at };
  switch (name.trim()) {
    case "no-new-privileges":
      if (unknown) draft.setUnknown("noNewPrivileges");
      else draft.set("noNewPrivileges", value !== "false", at);
      return;
    case "seccomp":
      draft.setText("seccomp", given);
      return;
    case "apparmor":
      draft.setText("appArmor", given);
      return;
    case "label":
      // Parts of one label; what switches it off must not be hidden by them.
      if (value !== "nested" && draft.get("selinux")?.value !== "disable") draft.setText("selinux", given);
      return;
    case "systempaths":
      draft.set("unmaskedPaths", value === "unconfined", at);
      return;
    case "unmask":
      if (value !== "") draft.set("unmaskedPaths", true, at);
      return;
    default:
  }
}
