import type { Rule } from "../rule.ts";

/** Drivers that write a file without end unless told to: Docker's json-file, Podman's k8s-file and json-file. */
const ENDLESS: ReadonlySet<string> = new Set(["json-file", "k8s-file"]);

export const unboundedLogs: Rule = {
  id: "unbounded-logs",
  title: "Its log grows without end",
  severity: "low",
  why:
    "The log driver appends to one file on the host and never rotates it. A chatty application fills the host's disk, and all " +
    "containers stop.",
  fix: "Limit the log, or use a driver that rotates (local, journald).",
  topic: "limits",
  maps: {},
  needs: ["logDriver", "logOptions"],
  spelled: {
    compose: "logging.options: {max-size: 10m, max-file: 3}",
    quadlet: "LogOpt=max-size=10m",
    ecs: '"logConfiguration": {"options": {"max-size": "10m", "max-file": "3"}}',
    command: "--log-opt max-size=10m --log-opt max-file=3",
  },
  check: ({ settings: { logDriver, logOptions } }) => {
    const size = logOptions?.value["max-size"] ?? logOptions?.value["max_size"] ?? "";
    if (logDriver === undefined || !ENDLESS.has(logDriver.value) || !/^(?:|-1|0)$/.test(size)) return [];
    return [{ message: `The log (${logDriver.value}) has no max-size.`, at: logDriver.at }];
  },
  fires: [
    { what: "json-file without max-size", settings: { logDriver: { value: "json-file" } } },
    {
      what: "only the number of files is limited",
      input: "engine",
      settings: { logDriver: { value: "json-file" }, logOptions: { value: { "max-file": "3" } } },
    },
  ],
  silent: [
    { what: "the engine's default, which is not known", settings: {} },
    {
      what: "max-size",
      settings: { logDriver: { value: "json-file" }, logOptions: { value: { "max-size": "10m" } } },
    },
    { what: "a driver that rotates", settings: { logDriver: { value: "local" } } },
  ],
};
