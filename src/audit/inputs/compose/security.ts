import { SECURITY_SETTINGS, type SecuritySetting, securityOption } from "../../security-options.ts";
import type { Context, Read } from "./setting.ts";
import { entryOf, isUnknown, itemsOf, textOf } from "./tree.ts";

/** The settings of `security_opt`, later items winning; one that is a variable alone may be any of them. */
export function readSecurity({ settings, locate }: Context): { readonly [O in SecuritySetting]?: Read<unknown> } {
  const read: { [O in SecuritySetting]?: Read<unknown> } = {};
  for (const item of itemsOf(entryOf(settings, "security_opt")?.value)) {
    const { name, setting, settings: said } = securityOption(textOf(item) ?? "");
    if (name.includes("${")) for (const option of SECURITY_SETTINGS) read[option] ??= "unknown";
    if (setting === undefined) continue;
    const set = said[setting];
    read[setting] = isUnknown(item) || set === undefined ? "unknown" : { ...set, at: locate(item.at) };
  }
  return read;
}
