import { PetrifyError } from "../model/errors.ts";
import { NO_SETTINGS, type Workload, type WorkloadMount } from "../model/workload.ts";
import { emptyDraft } from "./run-flags/draft.ts";
import { RUN_FLAGS, type RunFlag } from "./run-flags/flag-table.ts";
import type { CommandHost } from "./run-flags/host.ts";
import { workloadName } from "../learn/workload-name.ts";
import { refuseFlag } from "./run-flags/refused-flags.ts";
import { type FlagShape, type FlagUse, scanFlags } from "../run-flags/scan.ts";

/** Where the container's command stands: `run [flags] IMAGE [CMD...]`, or `learn IMAGE [flags] [-- CMD...]`. */
export type CommandPlace = "after image" | "after dashes";

/** A run as it was asked for. */
export interface RunRequest {
  readonly workload: Workload;
  /** From `--name`, as given. */
  readonly containerName?: string;
  readonly detach: boolean;
  readonly remove: boolean;
  /** `-P`: publish what the image exposes, each at a port that the engine chooses. */
  readonly publishAll: boolean;
  /** What was accepted and has no effect; one sentence each. */
  readonly notes: readonly string[];
}

/** Arguments split into docker's flags, Petrify's own, and the rest. */
export interface SplitArguments<Own extends FlagShape> {
  readonly dockerFlags: readonly FlagUse<RunFlag>[];
  readonly ownFlags: readonly FlagUse<Own>[];
  /** Image and command; empty when no image was given. */
  readonly operands: readonly string[];
}

/**
 * Splits a command line that mixes docker run's flags with Petrify's own. With one of the own flags in `manyOperandsWith` the
 * operands are a list of what that flag says, and not an image. Throws E_USAGE.
 */
export function splitRunArguments<Own extends FlagShape>(
  args: readonly string[],
  place: CommandPlace,
  own: readonly Own[],
  manyOperandsWith: ReadonlySet<string> = new Set(),
): SplitArguments<Own> {
  const flags: readonly (RunFlag | Own)[] = [...own, ...RUN_FLAGS];
  const ownSet = new Set<FlagShape>(own);
  const scanned = scanFlags(args, {
    flags,
    flagsEndAtFirstOperand: place === "after image",
    onUnknown: (name) =>
      refuseFlag(
        name,
        place === "after image"
          ? "Flags of the container's command stand after the image; --help lists Petrify's."
          : "Flags of the container's command stand after --; --help lists Petrify's.",
      ),
  });
  const isList = scanned.uses.some(({ flag }) => manyOperandsWith.has(flag.long));
  if (place === "after dashes" && !isList && scanned.operands.length > 1)
    throw new PetrifyError("E_USAGE", `'${scanned.operands[1]}' is one argument too many.`, {
      hint: `Write the container's command after two dashes: ${scanned.operands[0]} -- ${scanned.operands.slice(1).join(" ")}`,
    });
  const isOwn = (use: FlagUse<RunFlag | Own>): use is FlagUse<Own> => ownSet.has(use.flag);
  const isDocker = (use: FlagUse<RunFlag | Own>): use is FlagUse<RunFlag> => !ownSet.has(use.flag);
  return {
    ownFlags: scanned.uses.filter(isOwn),
    dockerFlags: scanned.uses.filter(isDocker),
    operands: [...scanned.operands, ...scanned.afterDashes],
  };
}

/** The run that docker's flags, an image and a command ask for. Throws E_USAGE, E_IO. */
export function runRequest(
  dockerFlags: readonly FlagUse<RunFlag>[],
  image: string,
  command: readonly string[],
  host: CommandHost,
): RunRequest {
  if (image === "") throw new PetrifyError("E_USAGE", "The image's name is empty.");
  const draft = emptyDraft();
  for (const { flag, value } of dockerFlags) flag.apply(draft, value, host);
  refuseSameTarget(draft.mounts);
  if (draft.remove && draft.once.restart !== undefined && draft.once.restart !== "no")
    throw new PetrifyError("E_USAGE", "--rm and --restart exclude each other.", {
      hint: "A container that is removed when it ends cannot be restarted.",
    });
  const { capAdd, capDrop, securityOpt, groupAdd, ulimits, extraHosts, dns, mounts, ports, once } = draft;
  return {
    workload: {
      ...NO_SETTINGS,
      name: workloadName(image, draft.containerName),
      image,
      ...(command.length > 0 && { command }),
      env: lastOfEach([...draft.fileEnv, ...draft.env]),
      labels: Object.fromEntries(draft.labels),
      sysctls: Object.fromEntries(draft.sysctls),
      capAdd,
      capDrop,
      securityOpt,
      groupAdd,
      ulimits,
      extraHosts,
      dns,
      mounts,
      ports,
      ...once,
    },
    ...(draft.containerName !== undefined && { containerName: draft.containerName }),
    detach: draft.detach,
    remove: draft.remove,
    publishAll: draft.publishAll,
    notes: draft.notes,
  };
}

/** The run that a whole command line asks for. Throws E_USAGE, E_IO. */
export function parseRunFlags(args: readonly string[], place: CommandPlace, host: CommandHost): RunRequest {
  const { dockerFlags, operands } = splitRunArguments(args, place, []);
  const [image, ...command] = operands;
  if (image === undefined) throw new PetrifyError("E_USAGE", "The image is missing.");
  return runRequest(dockerFlags, image, command, host);
}

/** Of several settings of one variable the last one counts, at the place of the first (moby container/env.go). */
function lastOfEach(variables: readonly string[]): string[] {
  return [...new Map(variables.map((variable) => [variable.split("=", 1)[0], variable])).values()];
}

function refuseSameTarget(mounts: readonly WorkloadMount[]): void {
  const seen = new Set<string>();
  for (const { target } of mounts) {
    if (seen.has(target)) throw new PetrifyError("E_USAGE", `Two mounts have the target ${target}.`);
    seen.add(target);
  }
}
