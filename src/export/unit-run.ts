import type { Workload } from "../model/workload.ts";

/** Flags that a service must not have: systemd starts it again, and it has no terminal. */
const NOT_IN_A_SERVICE = new Set(["--restart", "--interactive", "--tty"]);

/** The flags of a run that is a service. */
export function serviceFlags(flags: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return flags.filter(([flag = ""]) => !NOT_IN_A_SERVICE.has(flag));
}

/** `--restart` in the words of systemd.service; a count is systemd's own StartLimitBurst. */
export function restartSetting({ restart = "no" }: Workload): readonly (readonly [key: string, value: string])[] {
  const [policy = ""] = restart.split(":");
  const words: Readonly<Record<string, string>> = {
    always: "always",
    "unless-stopped": "always",
    "on-failure": "on-failure",
  };
  const word = words[policy];
  return word === undefined ? [] : [["Restart", word]];
}

/** What a service cannot have of a run. */
export function serviceNotes({ tty, openStdin }: Workload): string[] {
  return tty || openStdin
    ? ["A service has no terminal and no standard input: --tty and --interactive are left out."]
    : [];
}

/** Name of container and unit; a container's has at least two characters. */
export function serviceName({ name }: Workload): string {
  const clean = name.replace(/^[^a-z0-9]+/, "");
  return clean.length > 1 ? clean : `petrify-${clean}`;
}
