import { expect, test } from "vitest";
import { connectionFailure } from "./failures.ts";
import { startFailure, volumeFailure } from "./start-failures.ts";

const errno = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

test.each([
  ["ENOENT", /start the engine/],
  ["ECONNREFUSED", /start the engine/],
  ["EACCES", /root/],
  ["ENOTFOUND", /name of the host/],
  ["ETIMEDOUT", /network/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /DOCKER_CERT_PATH/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", /DOCKER_CERT_PATH/],
  ["ESOMETHING", /--host/],
])("%s before the first answer is an engine that cannot be reached", (code, hint) => {
  expect(connectionFailure(errno(code), "tcp://x:1", false)).toMatchObject({
    code: "E_ENGINE_UNREACHABLE",
    hint: expect.stringMatching(hint) as string,
  });
});

test.each(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOENT"])("%s after it is an engine that was lost", (code) => {
  expect(connectionFailure(errno(code), "unix:///s", true)).toMatchObject({ code: "E_ENGINE_LOST" });
});

/** Sentences of real engines and runtimes. */
test.each([
  [
    'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "nope": executable file not found in $PATH: unknown',
    'The container c could not be started: starting container process caused: exec: "nope": executable file not found in $PATH.',
    /not in the image/,
  ],
  [
    "failed to create task for container: failed to create shim task: OCI runtime create failed: crun: executable file `nope` not found in $PATH: No such file or directory: unknown",
    "The container c could not be started: crun: executable file `nope` not found in $PATH: No such file or directory.",
    /not in the image/,
  ],
  [
    "driver failed programming external connectivity on endpoint c (0a1b): Bind for 127.0.0.1:80 failed: port is already allocated",
    "The container c could not be started: driver failed programming external connectivity on endpoint c (0a1b): Bind for 127.0.0.1:80 failed: port is already allocated.",
    /Choose another port/,
    "E_PORT",
  ],
  [
    "failed to create shim: OCI runtime create failed: crun: exec `/x`: Exec format error: unknown",
    "The container c could not be started: crun: exec `/x`: Exec format error.",
    /processor/,
  ],
  [
    "create db: quota size requested but no quota support",
    "The container c could not be started: create db: quota size requested but no quota support.",
    /leave size out/,
    "E_ENGINE_UNSUPPORTED",
  ],
  [
    'create db: error looking up volume plugin nfs: plugin "nfs" not found',
    'The container c could not be started: create db: error looking up volume plugin nfs: plugin "nfs" not found.',
    /docker plugin ls/,
    "E_ENGINE_UNSUPPORTED",
  ],
])("%s", (message, sentence, hint, code = "E_CONTAINER_START") => {
  expect(startFailure("started", "c", message)).toMatchObject({
    code,
    message: sentence,
    hint: expect.stringMatching(hint) as string,
  });
});

test.each([
  ["quota size requested but no quota support", "E_ENGINE_UNSUPPORTED", expect.stringContaining("leave size out")],
  [
    'error looking up volume plugin nfs: plugin "nfs" not found',
    "E_ENGINE_UNSUPPORTED",
    expect.stringContaining("docker plugin ls"),
  ],
  ["no space left on device", "E_ENGINE_API", undefined],
])("a volume: %s", (message, code, hint: unknown) => {
  expect(volumeFailure("db", message)).toMatchObject({
    code,
    message: `The volume db could not be made: ${message}.`,
    hint,
  });
});

test("an engine's words cannot drive the terminal", () => {
  const { message } = startFailure("started", "c", "\u001b]0;owned\u0007\u001b[31mred\r\nsecond\u202eline");
  expect(message).toBe("The container c could not be started: ]0;owned [31mred second line.");
});
