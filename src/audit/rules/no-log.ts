import type { Rule } from "../rule.ts";

export const noLog: Rule = {
  id: "no-log",
  title: "Its log is thrown away",
  severity: "low",
  why:
    "What the application says is kept by nobody, and neither a failed start nor an attack leaves a trace. A write that a read-only " +
    "root refuses is often only told there.",
  fix: "Use a log driver.",
  topic: "operation",
  maps: {},
  needs: ["logDriver"],
  check: ({ settings: { logDriver } }) =>
    logDriver?.value === "none" ? [{ message: "Its log is thrown away (log driver none).", at: logDriver.at }] : [],
  fires: [{ what: "none", settings: { logDriver: { value: "none" } } }],
  silent: [
    { what: "the engine's default", settings: {} },
    { what: "another one", settings: { logDriver: { value: "journald" } } },
  ],
};
