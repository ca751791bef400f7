import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { petrify, ROOT } from "../support/cli.ts";
import { dockerHttp } from "../support/docker-http.ts";
import { everything, OK, recordingEngine, type RecordingEngine } from "../support/guarded-socket.ts";
import { startPetrify } from "../support/running-petrify.ts";

const POLICY = "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata: { name: test }\n";
let folder = "";
let engine: RecordingEngine;
let flags: string[] = [];
const path = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "petrify-guard-"));
  writeFileSync(path("policy.yaml"), POLICY);
  engine = await recordingEngine(path("engine.sock"), (socket, soFar) => {
    socket.write(soFar.startsWith("GET") ? OK : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  });
  flags = ["guard", "--upstream", engine.path, "--policy", path("policy.yaml"), "--state-dir", path("state")];
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

test("serves until SIGTERM, stays through SIGHUP, and takes its socket away", async () => {
  const guard = startPetrify([...flags, "--docker-socket", path("guard.sock"), "--socket-mode", "600"]);
  expect(await guard.shows(`petrify guard: listening on ${path("guard.sock")}, the engine is at ${engine.path}.`)).toBe(
    true,
  );
  expect(statSync(path("guard.sock")).mode & 0o777).toBe(0o600);
  writeFileSync(path("policy.yaml"), `${POLICY}mode: audit\n`);
  guard.kill("SIGHUP");
  expect(await guard.shows("petrify guard: the policy test (audit, strategies: 0) is in use.")).toBe(true);
  expect(await dockerHttp(path("guard.sock"), "GET", "/_ping")).toEqual({ status: 200, text: "OK" });
  guard.kill("SIGTERM");
  expect(await guard.ended).toMatchObject({ exitCode: 0 });
  expect(existsSync(path("guard.sock"))).toBe(false);
});

test("a second signal does not wait for streams", async () => {
  const guard = startPetrify([...flags, "--docker-socket", path("guard.sock"), "--grace", "1000"]);
  await guard.shows(`petrify guard: listening on ${path("guard.sock")}, the engine is at ${engine.path}.`);
  const stream = connect({ path: path("guard.sock") });
  const heard = everything(stream);
  stream.write("POST /build HTTP/1.1\r\nHost: docker\r\nContent-Length: 9\r\n\r\n");
  await once(stream, "data");
  guard.kill("SIGTERM");
  await guard.shows("petrify guard: no new clients; 1 open connection may go on for 1000 s.");
  guard.kill("SIGTERM");
  expect(await guard.ended).toMatchObject({ exitCode: 143 });
  await heard;
});

test("takes the socket that systemd hands over, and leaves it to systemd", async () => {
  const args = ["-l", path("activated.sock"), join(ROOT, "bin/petrify"), ...flags];
  const env = { ...process.env, PETRIFY_NODE: process.execPath };
  const activate = spawn("systemd-socket-activate", args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  activate.stderr.on("data", (text: Buffer) => (told += text.toString()));
  while (!told.includes("Listening on")) await once(activate.stderr, "data");
  expect(await dockerHttp(path("activated.sock"), "GET", "/_ping")).toEqual({ status: 200, text: "OK" });
  expect(told).toContain(`petrify guard: listening on the socket of systemd, the engine is at ${engine.path}.`);
  activate.kill("SIGTERM");
  await once(activate, "close");
  expect(activate.exitCode).toBe(0);
  expect(existsSync(path("activated.sock"))).toBe(true);
});

test.each<[string, () => string[], string]>([
  ["no socket", () => flags, "--docker-socket is missing."],
  ["no engine", () => ["guard", "--docker-socket", path("guard.sock")], "--upstream is missing."],
  ["the engine's own socket", () => [...flags, "--docker-socket", engine.path], "are the same socket."],
  [
    "a group that does not exist",
    () => [...flags, "--docker-socket", path("a.sock"), "--socket-group", "no-such"],
    "The group 'no-such' does not exist.",
  ],
  [
    "a mode that is none",
    () => [...flags, "--docker-socket", path("a.sock"), "--socket-mode", "999"],
    "Three octal digits",
  ],
])("refuses %s", (_what, args, sentence) => {
  const { exitCode, stderr } = petrify(args());
  expect(stderr).toContain(sentence);
  expect(stderr).toContain("[E_USAGE]");
  expect(exitCode).toBe(1);
});
