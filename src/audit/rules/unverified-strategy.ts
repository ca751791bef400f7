import { isReadOnly } from "../mounts.ts";
import { strategyOf } from "../places.ts";
import type { Rule } from "../rule.ts";
import { exampleStrategy } from "./examples.ts";

export const unverifiedStrategy: Rule = {
  id: "unverified-strategy",
  title: "The strategy was not verified on this image",
  severity: "low",
  why:
    "The strategy fits the image's name and settings, but it was proven on another version of it or on none. A new version may " +
    "write elsewhere.",
  fix: "Run petrify verify on this image.",
  topic: "read-only root",
  maps: { stig: ["V-235808"] },
  needs: ["readOnlyRoot"],
  check: (container) => {
    const found = strategyOf(container);
    if (found?.standing !== "unverified" || !isReadOnly(container.settings)) return [];
    const at = container.settings.image?.at;
    return [{ message: `${found.file} fits, but was not verified on this image.`, at }];
  },
  fires: [
    {
      what: "another digest",
      settings: { readOnlyRoot: { value: true } },
      strategy: exampleStrategy({ standing: "unverified" }),
    },
  ],
  silent: [
    { what: "verified", settings: { readOnlyRoot: { value: true } }, strategy: exampleStrategy({}) },
    { what: "not in use", settings: {}, strategy: exampleStrategy({ standing: "unverified" }) },
    { what: "none fits", settings: { readOnlyRoot: { value: true } } },
  ],
};
