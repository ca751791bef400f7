import type { Command } from "commander";

/** Adds the verb with its options and action to the program. */
export type RegisterVerb = (program: Command) => void;

export interface Verb {
  readonly name: string;
  /** For the list of all verbs. */
  readonly summary: string;
  /** Begins the verb's own help: what it does, and what comes next. */
  readonly description: string;
  readonly load: () => Promise<RegisterVerb>;
  /** What exit codes other than 1 mean for this verb. */
  readonly exitCodes: Readonly<Record<string, string>>;
  readonly example: string;
  /** Exit code of Petrify's own errors; 1 when absent. */
  readonly failureExitCode?: number;
}

const ERROR = "Petrify could not do it; the message names a code (docs/reference/errors.md)";

/** Every verb, in the order in which a user meets them. */
export const VERBS: readonly Verb[] = [
  {
    name: "audit",
    summary: "say what is writable, what it costs, and what to do first",
    description:
      "Reads containers from files of every usual form, or from an engine, and says what is writable, what will be lost and what " +
      "else is open, what to do first at the top. Changes nothing without --fix, needs no root. Next: petrify learn, and --fix.",
    load: async () => (await import("./audit.ts")).auditCommand,
    exitCodes: {
      0: "nothing was found, or less severe than --fail-on says",
      1: "not everything could be audited, whatever was found in the rest; or an error",
      2: "something was found, as severe as --fail-on says; with --diff: there is something to change",
    },
    example: "petrify audit . --baseline petrify-baseline.json --report audit.html",
  },
  {
    name: "learn",
    summary: "watch what an image writes and derive its data writing strategy",
    description:
      "Runs an image writable in containers of its own, with your test, stops it, starts it again, and watches every " +
      "attempt to write. Writes NAME.strategy.yaml (where it must be able to write, and why) and the profile it was " +
      "derived from. Next: petrify verify.",
    load: async () => (await import("./learn.ts")).learnCommand,
    exitCodes: { 0: "strategy and profile written", 1: ERROR },
    example: "petrify learn nginx:1.27 -p 8080:80 --test 'curl -fsS http://$PETRIFY_HOST:$PETRIFY_PORT/'",
  },
  {
    name: "verify",
    summary: "run an image read-only under a strategy and compare with what was learned",
    description:
      "Runs the image read-only under its strategy with the same test, then again in a container that replaces the first, " +
      "and names each operation that worked before and fails now. Next: petrify export, or petrify run.",
    load: async () => (await import("./verify.ts")).verifyCommand,
    exitCodes: { 0: "works read-only", 1: ERROR, 2: "something that worked before fails now" },
    example: "petrify verify nginx.strategy.yaml --minimal",
  },
  {
    name: "check",
    summary: "learn anew, compare with the committed strategy and verify it: for developers and CI",
    description:
      "Learns the run that a committed strategy describes, with another image if one is named, says what it writes that the " +
      "strategy neither lets be written nor denies, and verifies the strategy against it. Writes no file.",
    load: async () => (await import("./check.ts")).checkCommand,
    exitCodes: { 0: "the strategy still holds", 1: ERROR, 2: "a new write, or something that fails read-only" },
    example: "petrify check registry.example/shop:pr-17 --strategy shop.strategy.yaml",
  },
  {
    name: "export",
    summary: "write a strategy for docker, podman, Compose, Kubernetes or systemd",
    description:
      "Writes a strategy for an engine or a platform, also into a Compose file or a Kubernetes manifest that exists.",
    load: async () => (await import("./export.ts")).exportCommand,
    exitCodes: { 0: "written", 1: ERROR },
    example: "petrify export nginx.strategy.yaml --to compose",
  },
  {
    name: "bake",
    summary: "for one's own images: make one that needs fewer writable mounts",
    description:
      "Starts an image several times, and puts what each fresh start generates alike into a new image: files, directories, and " +
      "log files as links to the container's own log. Never secrets, and nothing that belongs to one host. Writes the Dockerfile " +
      "with its context, builds it, and learns and verifies the result. Next: petrify export.",
    load: async () => (await import("./bake.ts")).bakeCommand,
    exitCodes: {
      0: "the new image works read-only on fewer mounts (--dry-run: written)",
      1: ERROR,
      2: "it does not work read-only, or needs no fewer mounts; the image is removed, and the files are kept",
    },
    example: "petrify bake shop:1 --test 'curl -fsS http://$PETRIFY_HOST:$PETRIFY_PORT/'",
  },
  {
    name: "run",
    summary: "docker run, read-only under the fitting strategy",
    description:
      "Runs an image as docker run does, with a read-only root: under the strategy in this folder that fits, else with " +
      "tmpfs on /run, /tmp and /var/tmp, as CRI-O does it. Says which, and why.",
    load: async () => (await import("./run.ts")).runCommand,
    exitCodes: { "0-124": "the container's own exit code", 125: ERROR, "126-255": "the container's own exit code" },
    example: "petrify run -p 8080:80 nginx:1.27",
    failureExitCode: 125,
  },
  {
    name: "guard",
    summary: "stand in front of an engine and hold every container to a policy",
    description:
      "Serves Docker's API on a socket in front of the engine's own: each call is judged by a policy, and what makes containers is " +
      "made read-only, with the writable places of the strategy that fits. Clients need no change. Runs until it is stopped; " +
      "containers that run do not depend on it. SIGHUP reads the policy again. `petrify guard check FILE` says whether a policy is " +
      "valid and what it does; `petrify guard authz` asks the same of dockerd's own socket.",
    load: async () => (await import("./guard.ts")).guardCommand,
    exitCodes: {
      0: "stopped by a signal; a second one does not wait for calls, and gives 128 + its number; check: the policy is valid",
      1: ERROR,
      2: "check: it is valid, and something needs attention",
    },
    example:
      "petrify guard --docker-socket /run/petrify/docker.sock --upstream /var/run/docker.sock --policy policy.yaml --dry-run",
  },
  {
    name: "doctor",
    summary: "show what this host offers, and remove what a killed Petrify left",
    description:
      "Shows what this host offers to Petrify (kernel sensor, engines, what a runtime makes of a tmpfs), tried and not " +
      "assumed, and what to do about the rest.",
    load: async () => (await import("./doctor.ts")).doctorCommand,
    exitCodes: { 0: "everything needed works", 1: ERROR, 2: "something needed does not work" },
    example: "petrify doctor",
  },
];

const GENERAL = {
  0: "done, and nothing was found",
  1: ERROR,
  2: "done, and something was found: a finding, a failed verdict, or something that does not work",
  "128+n": "stopped by signal n",
};
/** The way of somebody who is here for the first time. */
const FIRST_STEPS = ["doctor", "learn", "verify", "export"];

/** The end of each help text: exit codes and an example; without a verb, the first steps. */
export function exitCodesHelp(verb?: Verb): string {
  // Keys that are numbers come first in any object, whatever is written.
  const codes = Object.entries(verb === undefined ? GENERAL : verb.exitCodes).toSorted(
    ([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  );
  const width = Math.max(...codes.map(([code]) => code.length));
  const lines = codes.map(([code, meaning]) => `  ${code.padEnd(width)}  ${meaning}`);
  const examples =
    verb === undefined
      ? ["Start here:", ...FIRST_STEPS.map((step) => `  ${VERBS.find(({ name }) => name === step)?.example}`)]
      : ["Example:", `  ${verb.example}`];
  return ["\nExit codes:", ...lines, "", ...examples].join("\n");
}
