import { classify } from "../../strategy/rules/classes.ts";
import { writableMounts } from "../mounts.ts";
import { mountEntries, strategyOf } from "../places.ts";
import type { Rule } from "../rule.ts";
import { exampleStrategy, tmpfsEntry } from "./examples.ts";

/** Where a host keeps the logs of all and of its containers: who mounts that collects them, and writes none there. */
const LOGS_OF_OTHERS = /^(?:\/var\/log(?:\/(?:pods|containers|journal))?|\/run\/log(?:\/journal)?)\/*$/;

export const logFiles: Rule = {
  id: "log-files",
  title: "It logs to files",
  severity: "low",
  why:
    "The engine neither collects nor rotates what is written to files, and on a tmpfs it takes memory and is gone with the " +
    "container. After an incident the log is what is asked for.",
  fix: "Have the application log to stdout and stderr: by its configuration, or by links (petrify bake makes them).",
  topic: "data",
  maps: {},
  needs: ["mounts"],
  check: (container) => {
    const strategy = strategyOf(container)?.strategy;
    const mounts = writableMounts(container.settings)
      .filter(({ source = "" }) => !LOGS_OF_OTHERS.test(source))
      .map(({ target, at }) => ({ path: target, at }));
    const known = new Set(mounts.map(({ path }) => path));
    const learned = (strategy === undefined ? [] : mountEntries(strategy)).filter(({ path }) => !known.has(path));
    return [...mounts, ...learned.map(({ path }) => ({ path, at: container.at }))]
      .filter(({ path }) => classify(path)?.class.noun === "log files")
      .map(({ path, at }) => ({ message: `It logs to files in ${path}.`, at, key: path }));
  },
  fires: [
    {
      what: "a volume for logs",
      settings: { mounts: [{ type: "volume", source: "logs", target: "/var/log/nginx", readOnly: false }] },
    },
    {
      what: "a directory of its own among the host's logs",
      settings: { mounts: [{ type: "bind", source: "/var/log/nginx", target: "/var/log/nginx", readOnly: false }] },
    },
    {
      what: "it was seen to",
      settings: {},
      strategy: exampleStrategy({ entries: [tmpfsEntry("/var/log")] }),
    },
  ],
  silent: [
    {
      what: "another place",
      settings: { mounts: [{ type: "volume", source: "d", target: "/data", readOnly: false }] },
    },
    {
      what: "logs of the host, which a collector reads",
      settings: { mounts: [{ type: "bind", source: "/var/log", target: "/var/log/host", readOnly: false }] },
    },
    {
      what: "logs of the node's containers, which a collector reads",
      input: "kubernetes",
      settings: { mounts: [{ type: "bind", source: "/var/log/pods/", target: "/var/log/pods", readOnly: false }] },
    },
    {
      what: "it only reads them",
      settings: { mounts: [{ type: "bind", source: "/var/log", target: "/var/log", readOnly: true }] },
    },
  ],
};
