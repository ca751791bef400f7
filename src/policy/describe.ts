import { quoteForTerminal } from "../model/quote.ts";
import type { Policy } from "../model/policy.ts";
import { formatMode, formatSize } from "../model/units.ts";
import { subjectText } from "./exempt.ts";
import { untilText } from "./time.ts";

/** What a policy does, a heading with its lines each, in plain words. */
export interface PolicyPart {
  readonly title: string;
  readonly lines: readonly string[];
}

export function describePolicy(policy: Policy, nowMs: number): readonly PolicyPart[] {
  return [
    { title: "Mode", lines: [MODES[policy.mode], TRUSTS[policy.trust]] },
    { title: "Read-only", lines: [PRIVILEGED[policy.privileged], ...grandfathered(policy, nowMs)] },
    { title: "May be written", lines: [...strategies(policy), ...template(policy)] },
    { title: "Exempt", lines: exempt(policy, nowMs) },
    { title: "Added", lines: added(policy) },
    { title: "Refused", lines: refused(policy) },
    { title: "In production", lines: Object.entries(policy.production).map(([act, rule]) => `${act}: ${rule}`) },
  ];
}

/** What somebody should look at: one sentence each. */
export function attention(policy: Policy, nowMs: number): readonly string[] {
  const { exemptions, grandfatherUntilMs, trust, privileged, refuse } = policy;
  return [
    ...exemptions
      .filter(({ untilMs }) => untilMs <= nowMs)
      .map(({ who, untilMs }) => `The exemption by ${subjectText(who)} ran out after ${untilText(untilMs)}.`),
    ...(grandfatherUntilMs !== undefined && grandfatherUntilMs <= nowMs
      ? [
          `grandfatherUntil was over after ${untilText(grandfatherUntilMs)}: older containers start no more as they are.`,
        ]
      : []),
    ...(trust === "hostile" && privileged === "exempt"
      ? ["Clients are hostile and privileged containers exempt: --privileged is the way out of everything here."]
      : []),
    ...(trust === "hostile" && !refuse.engineBinds
      ? ["Clients are hostile and may mount the engine's socket: that is a way around this policy."]
      : []),
  ].map(quoteForTerminal);
}

const MODES: Readonly<Record<Policy["mode"], string>> = {
  audit: "Decisions are only logged: nothing is changed or refused.",
  warn: "Decisions are logged and told to the caller: nothing is changed or refused.",
  enforce: "Decisions are carried out.",
};
const TRUSTS: Readonly<Record<Policy["trust"], string>> = {
  cooperative: "Clients are taken at their word about labels, names and tags.",
  hostile: "Clients are taken to lie, and what is not known is refused.",
};
const PRIVILEGED: Readonly<Record<Policy["privileged"], string>> = {
  exempt: "Every container but privileged ones, which are left alone.",
  "read-only": "Every container, also privileged ones, which can undo it.",
  refuse: "Every container; privileged ones, and what can undo read-only from inside, are refused.",
};

function grandfathered({ grandfatherUntilMs }: Policy, nowMs: number): readonly string[] {
  return grandfatherUntilMs === undefined || grandfatherUntilMs <= nowMs
    ? []
    : [`Containers older than the policy may start as they are until ${untilText(grandfatherUntilMs)}.`];
}

const ON_UNKNOWN: Readonly<Record<NonNullable<Policy["strategies"]>["onUnknownDigest"], string>> = {
  keep: "it is used and reported as unverified",
  template: "the template is used",
  refuse: "the container is refused",
};

function strategies({ strategies: source }: Policy): readonly string[] {
  if (source === undefined) return [];
  return [
    `What the fitting strategy in ${quoteForTerminal(source.folder)} says; where it was not verified on the image, ${ON_UNKNOWN[source.onUnknownDigest]}.`,
  ];
}

function template({ template: places, strategies: source }: Policy): readonly string[] {
  const lead = source === undefined ? "" : "Where none fits: ";
  if (places.length === 0) return [`${lead}Nothing.`];
  return places.map(
    ({ path, sizeBytes, mode, exec }) =>
      `${lead}tmpfs on ${quoteForTerminal(path)}, at most ${formatSize(sizeBytes)}, mode ${formatMode(mode)}${exec ? ", code may be run there" : ""}`,
  );
}

function exempt({ exemptions }: Policy, nowMs: number): readonly string[] {
  if (exemptions.length === 0) return ["Nobody."];
  return exemptions.map(({ who, reason, untilMs, readOnlyPaths }) => {
    const paths = readOnlyPaths.length === 0 ? "" : `; read-only all the same: ${readOnlyPaths.join(", ")}`;
    const when = untilMs <= nowMs ? `EXPIRED after ${untilText(untilMs)}` : `until ${untilText(untilMs)}`;
    return quoteForTerminal(`${subjectText(who)}, ${when}: ${reason}${paths}`);
  });
}

function added({ defaults }: Policy): readonly string[] {
  const { noNewPrivileges, pidsLimit, memoryBytes, dropCapabilities, logDriver } = defaults;
  const lines = [
    ...(noNewPrivileges ? ["no-new-privileges"] : []),
    ...(pidsLimit === undefined ? [] : [`at most ${pidsLimit} processes`]),
    ...(memoryBytes === undefined ? [] : [`at most ${formatSize(memoryBytes)} of memory`]),
    ...(dropCapabilities.length === 0 ? [] : [`without the capabilities ${dropCapabilities.join(", ")}`]),
    ...(logDriver === undefined ? [] : [quoteForTerminal(`log driver ${logDriver.driver}`)]),
  ];
  return lines.length === 0 ? ["Nothing."] : lines.map((line) => `${line}, where the client does not say it`);
}

const REFUSALS: Readonly<Record<Exclude<keyof Policy["refuse"], "runtimes">, string>> = {
  hostSystemBinds: "writable binds of the host's own directories, and binds shared with the host",
  engineBinds: "binds of an engine's socket or state",
  mountsOverCode: "writable mounts over programs and libraries",
  unmaskedPaths: "kernel interfaces laid open (systempaths=unconfined)",
  privilegedExec: "docker exec --privileged",
  unpinnedImages: "images that are not named by digest or id",
  engineChanges: "plugins, and joining a swarm",
};

function refused({ refuse }: Policy): readonly string[] {
  const { runtimes, ...flags } = refuse;
  const names = runtimes.map(quoteForTerminal).join(", ");
  return [
    ...(Object.keys(REFUSALS) as (keyof typeof REFUSALS)[])
      .filter((name) => flags[name])
      .map((name) => `${REFUSALS[name]} (${name})`),
    runtimes.length === 0 ? "any OCI runtime asked for by name" : `OCI runtimes asked for by name, but ${names}`,
  ];
}
