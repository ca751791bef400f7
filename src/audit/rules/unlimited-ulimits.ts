import type { Rule } from "../rule.ts";

/** Whose absence of a limit can be felt by others. */
const FELT: ReadonlySet<string> = new Set(["nofile", "nproc", "fsize"]);

export const unlimitedUlimits: Rule = {
  id: "unlimited-ulimits",
  title: "A limit of its processes is taken away",
  severity: "low",
  why:
    "Files that are open and processes that run take memory of the kernel, which is everybody's. The engine's default is high " +
    "enough for most applications.",
  fix: "Name a number.",
  topic: "limits",
  maps: { cisDocker: ["5.19"], stig: ["V-235844"] },
  needs: ["ulimits"],
  check: ({ settings: { ulimits } }) => {
    const without = (ulimits?.value ?? []).filter(({ name, soft, hard }) => FELT.has(name) && (soft < 0 || hard < 0));
    return without.map(({ name }) => ({ message: `The ulimit ${name} is unlimited.`, at: ulimits?.at, key: name }));
  },
  fires: [
    { what: "any number of processes", settings: { ulimits: { value: [{ name: "nproc", soft: -1, hard: -1 }] } } },
  ],
  silent: [
    { what: "a number", settings: { ulimits: { value: [{ name: "nofile", soft: 65_536, hard: 65_536 }] } } },
    {
      what: "locked memory, which counts as memory",
      settings: { ulimits: { value: [{ name: "memlock", soft: -1, hard: -1 }] } },
    },
  ],
};
