import { isReadOnly } from "../mounts.ts";
import { strategyOf } from "../places.ts";
import type { Rule } from "../rule.ts";
import { exampleStrategy } from "./examples.ts";

export const incompleteStrategy: Rule = {
  id: "incomplete-strategy",
  title: "The strategy comes from an incomplete observation",
  severity: "low",
  why:
    "What was learned was not all that the application does, and the strategy says what was missed. A write that nobody saw is " +
    "refused when it comes.",
  fix: "Learn it again with a test and without loss.",
  topic: "read-only root",
  maps: { stig: ["V-235808"] },
  needs: ["readOnlyRoot"],
  check: (container) => {
    const found = strategyOf(container);
    if (found === undefined || found.strategy.incomplete.length === 0 || !isReadOnly(container.settings)) return [];
    const at = container.settings.readOnlyRoot?.at;
    return [{ message: `${found.file} is incomplete: ${found.strategy.incomplete.join("; ")}.`, at }];
  },
  fires: [
    {
      what: "nothing was tested",
      settings: { readOnlyRoot: { value: true } },
      strategy: exampleStrategy({ incomplete: ["no test exercised it"] }),
    },
  ],
  silent: [
    { what: "complete", settings: { readOnlyRoot: { value: true } }, strategy: exampleStrategy({}) },
    { what: "not in use", settings: {}, strategy: exampleStrategy({ incomplete: ["no test exercised it"] }) },
  ],
};
