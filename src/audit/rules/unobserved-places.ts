import { isReadOnly } from "../mounts.ts";
import { placesOf, strategyOf } from "../places.ts";
import type { Rule } from "../rule.ts";
import { exampleStrategy } from "./examples.ts";

export const unobservedPlaces: Rule = {
  id: "unobserved-places",
  title: "Nobody observed whether it works read-only",
  severity: "low",
  why:
    "The root is read-only, there is no writable place or only the usual /tmp and /run, and no strategy says that this is what " +
    "the application needs. It may work, or fail only in a function that nobody has used yet.",
  fix: "Learn it: petrify learn finds the places, and petrify verify proves them.",
  topic: "read-only root",
  maps: { stig: ["V-235808"] },
  needs: ["readOnlyRoot", "mounts"],
  check: (container) => {
    const { settings } = container;
    const { are } = placesOf(container);
    if (!isReadOnly(settings) || strategyOf(container) !== undefined || are === "own") return [];
    const what = are === "none" ? "it has no writable place" : "its only writable places are a template's";
    return [
      {
        message: `The root is read-only, ${what}, and whether it works was not observed.`,
        at: settings.readOnlyRoot?.at,
      },
    ];
  },
  fires: [
    { what: "no place", settings: { readOnlyRoot: { value: true } } },
    {
      what: "the places of a template",
      settings: {
        readOnlyRoot: { value: true },
        mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false, sizeBytes: 2 ** 26 }],
      },
    },
  ],
  silent: [
    { what: "a writable root", settings: {} },
    { what: "a strategy fits", settings: { readOnlyRoot: { value: true } }, strategy: exampleStrategy({}) },
    {
      what: "somebody chose a place",
      settings: {
        readOnlyRoot: { value: true },
        mounts: [{ type: "tmpfs", target: "/var/cache/nginx", readOnly: false, sizeBytes: 2 ** 26 }],
      },
    },
  ],
};
