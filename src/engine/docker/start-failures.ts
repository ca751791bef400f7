import { PetrifyError } from "../../model/errors.ts";
import { sentence } from "./text.ts";

const PORT_TAKEN = /port is already allocated|address already in use/i;

/** Sentences with which engines refuse to create or start a container, most telling first. */
const START_FAILURES: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
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
