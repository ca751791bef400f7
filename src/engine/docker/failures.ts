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
  const said = sentence(`The engine refused to ${action}: ${message || `status ${status}`}`);
  // How Go's TLS servers answer plain HTTP (net/http, tlsHandshakeHTTP).
  return /HTTP request to an HTTPS server/.test(message)
    ? new PetrifyError("E_ENGINE_UNREACHABLE", said, { hint: "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH." })
    : new PetrifyError("E_ENGINE_API", said, { hint: "The engine's own log may say more." });
}

/** An answer that does not follow the Docker API: E_ENGINE_API. */
export function malformed(action: string, detail: string, cause?: unknown): PetrifyError {
  return new PetrifyError("E_ENGINE_API", sentence(`The engine's answer is not understood (${action}): ${detail}`), {
    cause,
    hint: "Check with `docker version` that a Docker API of version 1.41 or newer is served there.",
  });
}

/** Refusals that mean a wrong or absent image, as codes. */
export function imageFailureCode(status: number, message: string): ErrorCode {
  return status === 400 && /invalid reference|repository name must be/i.test(message)
    ? "E_IMAGE_REFERENCE"
    : "E_IMAGE_NOT_FOUND";
}
