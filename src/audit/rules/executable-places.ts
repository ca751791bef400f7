import { mountEntries, strategyOf } from "../places.ts";
import { writableMounts } from "../mounts.ts";
import type { Rule } from "../rule.ts";
import { exampleStrategy, tmpfsEntry } from "./examples.ts";

export const executablePlaces: Rule = {
  id: "executable-places",
  title: "Programs can be run from a writable tmpfs",
  severity: "low",
  why:
    "With a read-only root, a writable place that is mounted exec is where an attacker puts a program. Few applications run " +
    "code from there, and their strategy says so.",
  fix: "Mount it noexec.",
  topic: "read-only root",
  maps: {},
  needs: ["mounts"],
  spelled: { compose: "tmpfs: [PATH:noexec]", command: "--tmpfs PATH:noexec", quadlet: "Tmpfs=PATH:noexec" },
  check: (container) => {
    const strategy = strategyOf(container)?.strategy;
    const needed = new Set(
      (strategy === undefined ? [] : mountEntries(strategy)).flatMap((entry) =>
        "exec" in entry && entry.exec ? [entry.path] : [],
      ),
    );
    return writableMounts(container.settings)
      .filter(({ type, exec, target }) => type === "tmpfs" && exec === true && !needed.has(target))
      .map(({ target, at }) => ({ message: `Programs can be run from the tmpfs ${target}.`, at, key: target }));
  },
  fires: [{ what: "exec is asked for", settings: { mounts: [tmpfs("/tmp", true)] } }],
  silent: [
    { what: "noexec", settings: { mounts: [tmpfs("/tmp", false)] } },
    {
      what: "the application was seen to need it",
      settings: { mounts: [tmpfs("/tmp", true)] },
      strategy: exampleStrategy({ entries: [{ ...tmpfsEntry("/tmp"), exec: true }] }),
    },
    {
      what: "Kubernetes, which cannot say otherwise",
      input: "kubernetes",
      settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false, sizeBytes: 2 ** 26 }] },
    },
  ],
};

function tmpfs(target: string, exec: boolean) {
  return { type: "tmpfs", target, readOnly: false, sizeBytes: 2 ** 26, exec } as const;
}
