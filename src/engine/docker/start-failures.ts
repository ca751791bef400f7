import { type ErrorCode, PetrifyError } from "../../model/errors.ts";
import { sentence } from "./text.ts";

interface StartFailure {
  readonly pattern: RegExp;
  readonly hint: string;
  /** Absent: E_CONTAINER_START. */
  readonly code?: ErrorCode;
}

/** What an engine cannot do for a volume (moby volume/local, volume/service), with the way out. */
const VOLUME_FAILURES: readonly StartFailure[] = [
  {
    pattern: /quota size requested but no quota support|does not support Project Quota/i,
    code: "E_ENGINE_UNSUPPORTED",
    hint: "The engine's disk has no project quotas, by which the local driver bounds a volume: leave size out, or use another driver.",
  },
  {
    pattern: /error looking up volume plugin|volume driver .* not found|no volume plugin with name/i,
    code: "E_ENGINE_UNSUPPORTED",
    hint: "The engine does not have this volume driver: see `docker plugin ls`, or leave the driver out.",
  },
  {
    pattern: /failed to mount local volume|error while mounting volume|mounting volume \S+ for container/i,
    hint: "Check the volume's options: its server or device does not answer, or is not there.",
  },
];

/** Sentences with which engines refuse to create or start a container, most telling first. */
const START_FAILURES: readonly StartFailure[] = [
  ...VOLUME_FAILURES,
  {
    pattern: /exec format error/i,
    hint: "The image is for another processor: pull it with --platform, or use an image for this host's.",
  },
  {
    pattern:
      /no such file or directory.*in \$PATH|executable file.*not found|stat .*: no such file or directory: unknown/i,
    hint: "The command is not in the image: check the entrypoint and the command.",
  },
  {
    pattern: /exec.*permission denied/i,
    hint: "The command is not executable in the image: check its mode and its interpreter.",
  },
  {
    pattern: /port is already allocated|address already in use/i,
    code: "E_PORT",
    hint: "Choose another port, or stop what uses it.",
  },
  {
    pattern: /bind source path does not exist|statfs .*: no such file or directory/i,
    hint: "Make the directory on the engine's host first.",
  },
  {
    pattern: /duplicate mount point|invalid mount|invalid volume|not a directory.*mount|mount.*not a directory/i,
    hint: "Check the mounts: two of them meet, or one does not fit its target.",
  },
  {
    pattern: /read-only file system/i,
    hint: "A mount point is missing below a read-only mount: make it there first, or mount its parent.",
  },
  {
    pattern: /unknown or invalid runtime|unknown runtime|no such runtime/i,
    hint: "The engine does not have this runtime: see `docker info`.",
  },
  {
    pattern: /unable to find user|no matching entries in (passwd|group) file/i,
    hint: "The user is not in the image's /etc/passwd: use a numeric id.",
  },
  { pattern: /is already in use by/i, hint: "Remove the container of this name, or choose another name." },
  { pattern: /network .* not found/i, hint: "Make the network first with `docker network create`." },
  {
    // moby daemon/daemon_unix.go, verifyPlatformContainerSettings and its kin.
    pattern: /user namespaces are enabled|incompatible with user namespaces/i,
    hint: "The engine remaps users, and this needs those of the host: add --userns=host, or use another engine.",
  },
  {
    pattern: /unable to apply caps|operation not permitted/i,
    hint: "The engine's host lacks this right: run the container with fewer capabilities.",
  },
];

/** The way out of a failed create, start or exec, from the engine's sentence; undefined when none is known. */
export function startFailureHint(message: string): string | undefined {
  return matching(START_FAILURES, message).hint;
}

/** Why a volume could not be made, in the engine's sentence: E_ENGINE_UNSUPPORTED, else E_ENGINE_API. */
export function volumeFailure(name: string, message: string): PetrifyError {
  const { code = "E_ENGINE_API", hint } = matching(VOLUME_FAILURES, message);
  return new PetrifyError(code, sentence(`The volume ${name} could not be made: ${message}`), {
    ...(hint !== undefined && { hint }),
  });
}

function matching(failures: readonly StartFailure[], message: string): Partial<StartFailure> {
  return failures.find(({ pattern }) => pattern.test(message)) ?? {};
}

/** E_CONTAINER_START, E_PORT or E_ENGINE_UNSUPPORTED, with the engine's sentence, freed from the runtime's stack of prefixes. */
export function startFailure(action: "created" | "started", name: string, message: string): PetrifyError {
  const { code = "E_CONTAINER_START", hint } = matching(START_FAILURES, message);
  const said = message
    .replace(/^.*(?:OCI runtime create failed|failed to create task for container): /s, "")
    .replace(/^(?:container_linux|process_linux|rootfs_linux)\.go:\d+: /, "")
    .replace(/: unknown$/, "");
  return new PetrifyError(code, sentence(`The container ${name} could not be ${action}: ${said}`), {
    ...(hint !== undefined && { hint }),
  });
}
