import { isReadOnly } from "../mounts.ts";
import type { Rule } from "../rule.ts";

export const debugContainer: Rule = {
  id: "debug-container",
  title: "An ephemeral container has a writable root",
  severity: "low",
  why:
    "Somebody attached it to look into the pod, and it shares the pod's network and perhaps its processes until the pod " +
    "goes. It can have no volumes of its own, so a read-only root is not forced on it.",
  fix: "Replace the pod when the inspection is over, or set readOnlyRootFilesystem on the ephemeral container.",
  topic: "read-only root",
  maps: {},
  needs: ["readOnlyRoot"],
  inputs: ["kubernetes"],
  roles: ["ephemeral"],
  check: ({ settings, at }) =>
    isReadOnly(settings) ? [] : [{ message: "An ephemeral container with a writable root is attached.", at }],
  fires: [{ what: "kubectl debug left it", input: "kubernetes", role: "ephemeral", settings: {} }],
  silent: [
    { what: "a main container", input: "kubernetes", settings: {} },
    {
      what: "a read-only one",
      input: "kubernetes",
      role: "ephemeral",
      settings: { readOnlyRoot: { value: true } },
    },
  ],
};
