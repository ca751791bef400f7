/**
 * Every code Petrify can end with, and what it means. `docs/reference/errors.md` mirrors this table; a test holds them together.
 * A code is never reused for another meaning.
 */
export const ERROR_CODES = {
  E_USAGE: "The command line is wrong.",
  E_INTERNAL: "Petrify itself failed: a bug.",
  E_INTERRUPTED: "Stopped by a signal; everything that was started has been removed.",
  E_IO: "A file could not be read or written.",
  E_DISK_FULL: "A disk is full.",
  E_NODE_TOO_OLD: "The Node.js that runs Petrify is too old.",
  E_NOT_ROOT: "This needs root.",
  E_NOT_LOCAL: "This needs the engine's own kernel or files, and the engine is on another machine.",
  E_ROOTLESS: "This needs an engine that runs as root, and the one in use is rootless.",
  E_ENGINE_UNREACHABLE: "The engine that was asked for does not answer.",
  E_ENGINE_LOST: "The engine stopped answering in the middle.",
  E_ENGINE_API: "The engine refused a request.",
  E_ENGINE_UNSUPPORTED: "The engine cannot do this.",
  E_EMBEDDED_PACKAGES: "The packages of the embedded engine could not be fetched or unpacked.",
  E_EMBEDDED_START: "The embedded engine did not start.",
  E_IMAGE_NOT_FOUND: "The image does not exist here and cannot be pulled.",
  E_IMAGE_REFERENCE: "The image name is not valid.",
  E_CONTAINER_NOT_FOUND: "A container that was named or expected does not exist.",
  E_CONTAINER_START: "The container could not be created or started.",
  E_NOT_READY: "The workload ended before its test could run.",
  E_TEST_FAILED: "The test failed on the unchanged, writable container, so nothing can be learned from it.",
  E_SENSOR_UNAVAILABLE: "The sensor that was asked for, or any, cannot be used here.",
  E_SENSOR_LOST: "The sensor stopped in the middle.",
  E_RECORDING_INVALID: "A recording is damaged or not one.",
  E_PROFILE_INVALID: "A profile is damaged or not one.",
  E_PROFILE_MISMATCH: "The profile is not the one the strategy names.",
  E_STRATEGY_INVALID: "A strategy file is not valid.",
  E_STRATEGY_NOT_FOUND: "No strategy file was found.",
  E_POLICY_INVALID: "A policy file is not valid.",
  E_EXPORT_UNSUPPORTED: "The target cannot express an entry of the strategy.",
  E_NO_COMPOSE: "Neither docker compose nor docker-compose is here.",
  E_COMPOSE_INVALID: "The Compose file cannot be read, or not changed safely.",
  E_MANIFEST_INVALID: "The Kubernetes manifest cannot be read, or not changed safely.",
  E_AUDIT_TEXT: "A file to audit is no UTF-8 text, or too large.",
  E_AUDIT_UNKNOWN_FORM: "A file that was named describes no containers in a form that is known.",
  E_TASK_DEFINITION: "A task definition of Amazon ECS cannot be read.",
  E_COMMAND_LINE: "A command line in a file to audit cannot be read.",
  E_EXCEPTION_INVALID: "A comment that should accept a finding has no rule, reason or valid day.",
  E_BASELINE_INVALID: "A baseline is damaged or not one.",
  E_SARIF_INVALID: "A file to import is not SARIF 2.1.0.",
  E_GIT: "git could not say which files have changed.",
  E_UNRENDERED: "A template was given where the manifests that it renders to are needed.",
  E_RENDER: "A chart or a Kustomize folder could not be rendered.",
  E_CLUSTER: "A cluster could not be read, or not completely.",
  E_GUARD_INSTALL: "The guard could not be installed or removed.",
  E_PORT: "A port could not be opened or reached.",
  E_REQUEST_BODY: "The body of a request to an engine cannot be read, or not in one way only.",
  E_SOCKET_IN_USE: "A socket cannot be made where something else is.",
  E_REQUEST_CHANGE: "A request to an engine has no place for what the policy would have changed in it.",
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

export interface PetrifyErrorOptions {
  /** The way out, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class: what went wrong in one sentence, a code, a hint and the cause. */
export class PetrifyError extends Error {
  override readonly name = "PetrifyError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  constructor(code: ErrorCode, message: string, options: PetrifyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
