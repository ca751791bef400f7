import { forgets, isReadOnly, mountAt } from "../mounts.ts";
import { isMissing, strategyOf } from "../places.ts";
import type { Rule } from "../rule.ts";
import { exampleStrategy, volumeEntry } from "./examples.ts";

export const unkeptData: Rule = {
  id: "unkept-data",
  title: "Data that the application reads back is not kept",
  severity: "medium",
  why:
    "The application was seen to read again what it writes there, or says by a VOLUME that it does. Without a volume of its own " +
    "the next update loses it.",
  fix: "Mount a named volume there.",
  topic: "data",
  maps: {},
  needs: ["mounts"],
  check: (container) => {
    const { settings, image } = container;
    const found = strategyOf(container);
    if (found === undefined) return [];
    return found.strategy.entries.flatMap((entry) => {
      const { path } = entry;
      const mount = mountAt(path, settings);
      if (entry.kind !== "volume" || (mount !== undefined && !forgets(mount))) return [];
      // A read-only root refuses the write: that is a missing place.
      if (isReadOnly(settings) && isMissing(entry, container)) return [];
      const on = mount ?? (image?.volumes?.includes(path) === true ? { type: "volume" } : undefined);
      const lies = on === undefined ? "in the container's own layer" : `on a ${on.type} that goes with the container`;
      return [{ message: `${path} must be kept (${found.file}), and lies ${lies}.`, at: mount?.at, key: path }];
    });
  },
  fires: [
    { what: "no mount", settings: {}, strategy: exampleStrategy({ entries: [volumeEntry("/data")] }) },
    {
      what: "a tmpfs",
      settings: {
        readOnlyRoot: { value: true },
        mounts: [{ type: "tmpfs", target: "/data", readOnly: false, sizeBytes: 2 ** 26 }],
      },
      strategy: exampleStrategy({ entries: [volumeEntry("/data")] }),
    },
    {
      what: "a VOLUME of the image, and no mount",
      settings: { readOnlyRoot: { value: true } },
      image: { repoDigests: [], volumes: ["/data"] },
      strategy: exampleStrategy({ entries: [volumeEntry("/data")] }),
    },
    {
      what: "an emptyDir",
      input: "kubernetes",
      settings: { mounts: [{ type: "volume", target: "/data", readOnly: false, sizeBytes: 2 ** 30 }] },
      strategy: exampleStrategy({ entries: [volumeEntry("/data")] }),
    },
  ],
  silent: [
    {
      what: "a named volume above it",
      settings: { mounts: [{ type: "volume", source: "lib", target: "/var/lib", readOnly: false }] },
      strategy: exampleStrategy({ entries: [volumeEntry("/var/lib/web")] }),
    },
    { what: "no strategy fits", settings: {} },
    {
      what: "a read-only root refuses it, which is told by another rule",
      settings: { readOnlyRoot: { value: true } },
      strategy: exampleStrategy({ entries: [volumeEntry("/data")] }),
    },
    { what: "it keeps nothing", settings: {}, strategy: exampleStrategy({}) },
  ],
};
