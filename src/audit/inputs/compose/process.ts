import { asList } from "./merge.ts";
import { type Context, type Read, isTrueTree, readNumber, readText } from "./setting.ts";
import { splitWords } from "./short-syntax.ts";
import { entryAt, entryOf, isUnknown, itemsOf, textOf } from "./tree.ts";

const CONDITIONS: Readonly<Record<string, string>> = { none: "no", any: "always" };

export function readRestart(context: Context): Read<{ readonly policy: string; readonly maxRetries?: number }> {
  const policy = entryAt(context.settings, "deploy", "restart_policy");
  if (policy?.value.kind === "map") {
    const condition = readText(context, ["deploy", "restart_policy", "condition"]);
    const retries = readNumber(context, ["deploy", "restart_policy", "max_attempts"]);
    if (condition === "unknown" || retries === "unknown") return "unknown";
    const word = condition?.value ?? "any";
    const at = condition?.at ?? context.locate(policy.at);
    return {
      value: { policy: CONDITIONS[word] ?? word, ...(retries === undefined ? {} : { maxRetries: retries.value }) },
      at,
    };
  }
  const restart = readText(context, ["restart"]);
  if (restart === undefined || restart === "unknown") return restart;
  const [name = "", retries] = restart.value.split(":");
  // `no` without quotes is false to YAML 1.1.
  return {
    ...restart,
    value: { policy: name === "false" ? "no" : name, ...(Number(retries) > 0 ? { maxRetries: Number(retries) } : {}) },
  };
}

/** Whether there is one; absent when only its intervals are changed, which leaves the image's. */
export function readHealthcheck({ settings, locate }: Context): Read<boolean> {
  const disable = entryAt(settings, "healthcheck", "disable");
  const test = entryAt(settings, "healthcheck", "test");
  if (isUnknown(disable?.value) || isUnknown(test?.value)) return "unknown";
  if (disable !== undefined && isTrueTree(disable.value)) return { value: false, at: locate(disable.at) };
  const first = textOf(itemsOf(test?.value)[0]);
  return test === undefined || first === undefined ? undefined : { value: first !== "NONE", at: locate(test.at) };
}

export function readWords({ settings, locate }: Context, key: string): Read<readonly string[]> {
  const entry = entryOf(settings, key);
  if (entry === undefined || (entry.value.kind === "scalar" && entry.value.value === null)) return undefined;
  const words =
    entry.value.kind === "list"
      ? entry.value.items.flatMap((item) => textOf(item) ?? [])
      : splitWords(textOf(entry.value) ?? "");
  return { value: words, at: locate(entry.at) };
}

/** `NAME=value`, or `NAME` when the value is not in the text; of two with one name the later. */
export function readEnvironment({ settings, locate }: Context): Read<readonly string[]> {
  const entry = entryOf(settings, "environment");
  if (entry === undefined) return undefined;
  const byName = new Map<string, string>();
  for (const item of asList(entry.value)) {
    const text = textOf(item) ?? "";
    const name = text.replace(/=.*/s, "");
    byName.set(name, item.kind === "scalar" && item.own ? text : name);
  }
  return { value: [...byName.values()], at: locate(entry.at) };
}

export function readSysctls({ settings, locate }: Context): Read<readonly string[]> {
  const entry = entryOf(settings, "sysctls");
  if (entry === undefined) return undefined;
  const names = asList(entry.value).flatMap((item) => textOf(item)?.replace(/=.*/s, "") ?? []);
  return { value: [...new Set(names)], at: locate(entry.at) };
}

export function readLogOptions({ settings, locate }: Context): Read<Readonly<Record<string, string>>> {
  const entry = entryAt(settings, "logging", "options") ?? entryOf(settings, "log_opt");
  if (entry?.value.kind !== "map") return undefined;
  const options = [...entry.value.entries].map(([name, { value }]) => [name, textOf(value) ?? ""] as const);
  return { value: Object.fromEntries(options), at: locate(entry.at) };
}
