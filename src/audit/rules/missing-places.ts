import { isReadOnly } from "../mounts.ts";
import { isMissing, mountEntries, strategyOf } from "../places.ts";
import type { Rule } from "../rule.ts";
import { exampleStrategy, tmpfsEntry, volumeEntry } from "./examples.ts";

export const missingPlaces: Rule = {
  id: "missing-places",
  title: "Places that the application was seen to need are not there",
  severity: "medium",
  why:
    "The root is read-only, and a write that the application was seen to make will be refused. It may stop at once, or run on " +
    "and fail only in the function that needs it.",
  fix: "Mount them as the strategy says: petrify audit --fix or petrify export writes it.",
  topic: "read-only root",
  maps: { stig: ["V-235808"] },
  needs: ["readOnlyRoot", "mounts"],
  check: (container) => {
    const { settings } = container;
    const found = strategyOf(container);
    if (found === undefined || !isReadOnly(settings)) return [];
    const { file, strategy } = found;
    const places = mountEntries(strategy).filter((entry) => isMissing(entry, container));
    const set = new Set(settings.environment?.value.map((variable) => variable.split("=", 1)[0]));
    const unset = (strategy.settings ?? []).filter(({ name }) => !set.has(name));
    return [
      ...places.map(({ path, kind }) => ({
        message: `${path} is not writable, and ${file} has a ${kind} there.`,
        at: settings.readOnlyRoot?.at,
        key: path,
      })),
      ...unset.map(({ name, value }) => ({
        message: `The variable ${name}=${value}, with which ${file} was learned, is not set.`,
        at: settings.environment?.at,
        key: `env ${name}`,
      })),
    ];
  },
  fires: [
    {
      what: "a VOLUME, which not every runtime of Kubernetes makes writable",
      input: "kubernetes",
      settings: { readOnlyRoot: { value: true } },
      image: { repoDigests: [], volumes: ["/data"] },
      strategy: exampleStrategy({ entries: [volumeEntry("/data")] }),
    },
    { what: "no mount at all", settings: { readOnlyRoot: { value: true } }, strategy: exampleStrategy({}) },
    {
      what: "a read-only mount where it writes",
      settings: {
        readOnlyRoot: { value: true },
        mounts: [{ type: "bind", source: "/srv", target: "/data", readOnly: true }],
      },
      strategy: exampleStrategy({ entries: [volumeEntry("/data")] }),
    },
    {
      what: "a variable that moves the writes",
      settings: { readOnlyRoot: { value: true } },
      strategy: exampleStrategy({
        entries: [],
        settings: [{ kind: "env", name: "XDG_CACHE_HOME", value: "/tmp", paths: ["/root/.cache"], why: "" }],
      }),
    },
  ],
  silent: [
    {
      what: "each has its mount, one of them above it",
      settings: {
        readOnlyRoot: { value: true },
        mounts: [
          { type: "tmpfs", target: "/tmp", readOnly: false, sizeBytes: 2 ** 26 },
          { type: "volume", source: "lib", target: "/var/lib", readOnly: false },
        ],
      },
      strategy: exampleStrategy({ entries: [tmpfsEntry("/tmp"), volumeEntry("/var/lib/web")] }),
    },
    { what: "the root is writable", settings: {}, strategy: exampleStrategy({}) },
    { what: "no strategy fits", settings: { readOnlyRoot: { value: true } } },
    {
      what: "the image declares it as a VOLUME",
      settings: { readOnlyRoot: { value: true } },
      image: { repoDigests: [], volumes: ["/data"] },
      strategy: exampleStrategy({ entries: [volumeEntry("/data")] }),
    },
  ],
};
