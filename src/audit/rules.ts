import type { Rule } from "./rule.ts";
import { ignoredSetting } from "./rules/ignored-setting.ts";
import { readOnlyRoot } from "./rules/read-only-root.ts";

/** Every rule, in the order in which a report shows them. */
export const RULES: readonly Rule[] = [readOnlyRoot, ignoredSetting];
