import { type ErrorCode, PetrifyError } from "../../model/errors.ts";
import { sentence } from "./text.ts";

interface Failure {
  readonly pattern: RegExp;
  readonly hint: string;
}

/** Reasons for which no connection comes about, by errno or TLS code, and the way out. */
const CONNECT_FAILURES: readonly Failure[] = [
  { pattern: /^ENOENT$/, hint: "No socket is at this path: start the engine, or name another one with --host." },
  { pattern: /^ECONNREFUSED$/, hint: "Nothing listens there: start the engine, or name another one with --host." },
  { pattern: /^(EACCES|EPERM)$/, hint: "Run this as root, or as a member of the group that owns the socket." },
  { pattern: /^(ENOTFOUND|EAI_AGAIN)$/, hint: "The name of the host is not known here: check it." },
  { pattern: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, hint: "Check the address, the network and the firewall." },
  {
    pattern: /^E_SSH$/,
    hint: "Try the same with `ssh HOST docker version`; the engine's host needs the docker command.",
  },
  {
    pattern: /CERT|SIGNATURE|ERR_TLS|ERR_SSL|EPROTO/,
    hint: "Check DOCKER_TLS_VERIFY and the files ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or in the context.",
  },
];

/**
 * What a failed connection means: E_ENGINE_UNREACHABLE for an engine that has not answered yet,
 * E_ENGINE_LOST for one that had.
 */
export function connectionFailure(cause: unknown, host: string, hasAnswered: boolean): PetrifyError {
  if (cause instanceof PetrifyError) return cause;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (hasAnswered)
    return new PetrifyError("E_ENGINE_LOST", sentence(`The engine at ${host} stopped answering: ${error.message}`), {
      cause,
      hint: "See the engine's own log; then run this again. `petrify doctor --clean` removes what was left behind.",
    });
  const hint = CONNECT_FAILURES.find((failure) => failure.pattern.test(code))?.hint;
  return new PetrifyError("E_ENGINE_UNREACHABLE", sentence(`The engine at ${host} does not answer: ${error.message}`), {
    cause,
    hint: hint ?? "Start the engine, or name another one with --host.",
  });
}

/** What the engine refused, in its own words. */
export function refusal(action: string, status: number, message: string): PetrifyError {
  return new PetrifyError(
    "E_ENGINE_API",
    sentence(`The engine refused to ${action}: ${message || `status ${status}`}`),
  );
}

/** An answer that does not follow the Docker API: E_ENGINE_API. */
export function malformed(action: string, detail: string, cause?: unknown): PetrifyError {
  return new PetrifyError("E_ENGINE_API", sentence(`The engine's answer is not understood (${action}): ${detail}`), {
    cause,
    hint: "Check with `docker version` that a Docker API of version 1.41 or newer is served there.",
  });
}

const PORT_TAKEN = /port is already allocated|address already in use/i;

/** Sentences with which engines refuse to create or start a container, most telling first. */
const START_FAILURES: readonly Failure[] = [
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
  { pattern: PORT_TAKEN, hint: "Choose another port, or stop what uses it." },
  { pattern: /bind source path does not exist/i, hint: "Make the directory on the engine's host first." },
  {
    pattern: /duplicate mount point|invalid mount|invalid volume|not a directory.*mount|mount.*not a directory/i,
    hint: "Check the mounts: two of them meet, or one does not fit its target.",
  },
  {
    pattern: /read-only file system/i,
    hint: "A mount point is missing in the image, and a read-only root cannot be given one: mount its parent instead.",
  },
  {
    pattern: /unknown or invalid runtime|unknown runtime|no such runtime/i,
    hint: "The engine does not have this runtime: see `docker info`.",
  },
  {
    pattern: /unable to find user|no matching entries in (passwd|group) file/i,
    hint: "The user is not in the image's /etc/passwd: use a numeric id.",
  },
  { pattern: /is already in use by container/i, hint: "Remove the container of this name, or choose another name." },
  { pattern: /network .* not found/i, hint: "Make the network first with `docker network create`." },
  {
    pattern: /unable to apply caps|operation not permitted/i,
    hint: "The engine's host lacks this right: run the container with fewer capabilities.",
  },
];

/** The way out of a failed create, start or exec, from the engine's sentence; undefined when none is known. */
export function startFailureHint(message: string): string | undefined {
  return START_FAILURES.find((failure) => failure.pattern.test(message))?.hint;
}

/** E_CONTAINER_START, or E_PORT for a port that is taken, with the engine's sentence, freed from the runtime's stack of prefixes. */
export function startFailure(action: "created" | "started", name: string, message: string): PetrifyError {
  const hint = startFailureHint(message);
  const said = message
    .replace(/^.*(?:OCI runtime create failed|failed to create task for container): /s, "")
    .replace(/^(?:container_linux|process_linux|rootfs_linux)\.go:\d+: /, "")
    .replace(/: unknown$/, "");
  const code = PORT_TAKEN.test(message) ? "E_PORT" : "E_CONTAINER_START";
  return new PetrifyError(code, sentence(`The container ${name} could not be ${action}: ${said}`), {
    ...(hint !== undefined && { hint }),
  });
}

/** Refusals that mean a wrong or absent image, as codes. */
export function imageFailureCode(status: number, message: string): ErrorCode {
  return status === 400 && /invalid reference|repository name must be/i.test(message)
    ? "E_IMAGE_REFERENCE"
    : "E_IMAGE_NOT_FOUND";
}
