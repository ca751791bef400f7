import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeEngine, fakeEngine } from "../../test/support/fake-engine.ts";
import { findEngine, PROBES, probeEngines } from "./find.ts";
import { socketProbe } from "./probes/sockets.ts";

let home = "";
let engine: FakeEngine;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "petrify-find-"));
  engine = await fakeEngine((_request, response) => response.writeHead(404).end("{}"));
});
afterEach(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

/** All probes but those of the host's own sockets. */
const NAMED = PROBES.slice(0, 3);
const DEAD = "unix:///nonexistent/engine.sock";

function context(name: string, endpoint: unknown, files: Readonly<Record<string, string>> = {}): void {
  const key = createHash("sha256").update(name).digest("hex");
  const meta = join(home, ".docker/contexts/meta", key);
  const tls = join(home, ".docker/contexts/tls", key, "docker");
  for (const folder of [meta, tls]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: endpoint } }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(tls, file), text);
}

function configure(text: string): void {
  mkdirSync(join(home, ".docker"), { recursive: true });
  writeFileSync(join(home, ".docker/config.json"), text);
}

async function foundBy(options: object, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  await using found = await findEngine(options, { env: { HOME: home, ...env }, probes: NAMED });
  return found?.info.foundBy;
}

describe("the order in which an engine is chosen", () => {
  test.each<[string, object, NodeJS.ProcessEnv, string | undefined]>([
    ["--host before all", { host: "LIVE" }, { DOCKER_HOST: DEAD, DOCKER_CONTEXT: "dead" }, "--host"],
    ["--context before the environment", { context: "live" }, { DOCKER_HOST: DEAD }, "context live"],
    ["DOCKER_HOST before DOCKER_CONTEXT", {}, { DOCKER_HOST: "LIVE", DOCKER_CONTEXT: "dead" }, "DOCKER_HOST"],
    ["DOCKER_CONTEXT before CONTAINER_HOST", {}, { DOCKER_CONTEXT: "live", CONTAINER_HOST: DEAD }, "context live"],
    ["CONTAINER_HOST before the current context", {}, { CONTAINER_HOST: "LIVE" }, "CONTAINER_HOST"],
    ["the current context", {}, {}, "context live"],
    ["--context default is DOCKER_HOST's", { context: "default" }, { DOCKER_HOST: "LIVE" }, "context default"],
  ])("%s", async (_what, options, env, expected) => {
    const live = `unix://${engine.socketPath}`;
    const replace = (values: object): Record<string, string> =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value === "LIVE" ? live : String(value)]));
    context("live", { Host: live });
    context("dead", { Host: DEAD });
    configure(JSON.stringify({ currentContext: "live", unknown: { is: "ignored" } }));
    expect(await foundBy(replace(options), replace(env))).toBe(expected);
  });

  test("nothing is named and nothing is there: undefined, so that the embedded engine may start", async () => {
    expect(await foundBy({}, {})).toBeUndefined();
    configure(JSON.stringify({ currentContext: "default" }));
    expect(await foundBy({}, { DOCKER_HOST: "", DOCKER_CONTEXT: "" })).toBeUndefined();
  });
});

describe("an engine that was named and does not answer is an error, never replaced", () => {
  test.each<[string, object, NodeJS.ProcessEnv, string]>([
    ["--host", { host: DEAD }, {}, "E_ENGINE_UNREACHABLE"],
    ["DOCKER_HOST", {}, { DOCKER_HOST: DEAD }, "E_ENGINE_UNREACHABLE"],
    ["DOCKER_HOST that is no address", {}, { DOCKER_HOST: "/var/run/docker.sock" }, "E_USAGE"],
    ["a context that does not exist", { context: "none" }, {}, "E_ENGINE_UNREACHABLE"],
    ["a context with a dead engine", { context: "dead" }, {}, "E_ENGINE_UNREACHABLE"],
    ["a context that cannot be read", { context: "broken" }, {}, "E_IO"],
    ["a context whose name is a path", { context: "../../../etc" }, {}, "E_ENGINE_UNREACHABLE"],
    ["a context with half a certificate", { context: "half" }, {}, "E_IO"],
    ["--host and --context", { host: DEAD, context: "dead" }, {}, "E_USAGE"],
  ])("%s", async (_what, options, env, code) => {
    context("dead", { Host: DEAD });
    context("broken", { Host: 7 });
    context("half", { Host: "tcp://127.0.0.1:1" }, { "key.pem": "x" });
    await expect(foundBy(options, env)).rejects.toMatchObject({ code, hint: expect.any(String) as string });
  });

  test("and the message says who named it", async () => {
    await expect(foundBy({}, { CONTAINER_HOST: DEAD })).rejects.toThrow(/named by CONTAINER_HOST/);
  });

  test("settings that cannot be read are said, not skipped", async () => {
    configure("{");
    await expect(foundBy({}, {})).rejects.toMatchObject({ code: "E_IO" });
  });
});

describe("a socket in a default place", () => {
  test("that nobody serves any more is skipped with a note, and the next one is taken", async () => {
    const stale = join(home, "stale.sock");
    await leaveStaleSocket(stale);
    const notes: string[] = [];
    const probes = [stale, join(home, "absent.sock"), engine.socketPath].map((path) => socketProbe("test", () => path));
    await using found = await findEngine({}, { env: {}, probes, onNote: (line) => notes.push(line) });
    expect(found?.info.foundBy).toBe(`socket ${engine.socketPath}`);
    expect(notes).toEqual([expect.stringMatching(/stale\.sock is not used: .*ECONNREFUSED/)]);
  });

  test("that is a plain file is none", async () => {
    writeFileSync(join(home, "file.sock"), "");
    expect(await socketProbe("test", () => join(home, "file.sock")).find({}, {})).toBeUndefined();
  });
});

test("doctor hears of every probe, and of those that fail", async () => {
  const stale = join(home, "stale.sock");
  await leaveStaleSocket(stale);
  configure("{");
  const probes = [...NAMED, ...[stale, engine.socketPath].map((path) => socketProbe("socket", () => path))];
  const results = await probeEngines({}, { env: { HOME: home }, probes });
  expect(results.map(({ probe, outcome }) => [probe, outcome])).toEqual([
    ["command line", "not here"],
    ["environment", "not here"],
    ["docker context", "broken"],
    ["socket", "does not answer"],
    ["socket", "answers"],
  ]);
  expect(results[2]?.error?.code).toBe("E_IO");
  expect(results[3]?.error?.code).toBe("E_ENGINE_UNREACHABLE");
  expect(results[4]?.info?.apiVersion).toBe("1.41");
});

/** The file that a killed engine leaves: Node removes its own when it closes, so the listener moves it away first. */
async function leaveStaleSocket(path: string): Promise<void> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.live`, resolve));
  renameSync(`${path}.live`, path);
  await new Promise((resolve) => server.close(resolve));
}
