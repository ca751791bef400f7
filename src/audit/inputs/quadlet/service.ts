import type { RunDraft } from "../run/draft.ts";
import { numberOf } from "../run/values.ts";
import type { Unit } from "./unit.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Limits that systemd sets on the service and so on its container (systemd.resource-control); those of [Container] win. */
export function applyService(draft: RunDraft, unit: Unit): void {
  for (const { key, value, locate } of unit.get("Service") ?? []) {
    const at = locate(key.at(0), value.at(value.text.length));
    const { text } = value;
    if (key.text === "MemoryMax") {
      const [, number = "", suffix = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? [];
      if (number !== "") draft.set("memoryBytes", Number(number) * (UNITS[suffix] ?? 1), at);
      else if (text.endsWith("%")) draft.doubt("memoryBytes");
    } else if (key.text === "CPUQuota") {
      const percent = numberOf(text.replace(/%$/, ""));
      if (percent !== undefined && percent > 0) draft.set("cpus", percent / 100, at);
    } else if (key.text === "TasksMax") {
      const tasks = numberOf(text);
      if (tasks !== undefined) draft.set("pidsLimit", tasks, at);
      else if (text.endsWith("%")) draft.doubt("pidsLimit");
    }
  }
}
