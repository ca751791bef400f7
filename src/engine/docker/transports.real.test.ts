import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeSsh, fakeSsh } from "../../../test/support/fake-ssh.ts";
import { busyboxPath, type PrivateEngine, startPrivateEngine } from "../../../test/support/private-engine.ts";
import { startTlsProxy, type TlsProxy } from "../../../test/support/tls-proxy.ts";
import { containerSpec, plainWorkload } from "../../../test/support/workload.ts";
import { type EngineUnderTest, eventually } from "../contract/bench.ts";
import { engineContract } from "../contract.ts";
import type { Engine } from "../engine.ts";
import { findEngine } from "../find.ts";

let daemon: PrivateEngine;
let proxy: TlsProxy;
let ssh: FakeSsh;
let home = "";

beforeAll(async () => {
  daemon = await startPrivateEngine();
  proxy = await startTlsProxy(daemon.socketPath);
  ssh = fakeSsh(daemon.socketPath);
  home = mkdtempSync(join(tmpdir(), "petrify-home-"));
});
afterAll(async () => {
  ssh.remove();
  await proxy.close();
  await daemon.stop();
  rmSync(home, { recursive: true });
});

async function find(options: object, env: NodeJS.ProcessEnv): Promise<Engine> {
  const engine = await findEngine(options, { env: { HOME: home, ...env } });
  if (engine === undefined) throw new Error("no engine was found");
  return engine;
}

const underTest = async (engine: Engine): Promise<EngineUnderTest> => ({
  engine,
  busybox: await busyboxPath(),
  httpGet: () => Promise.reject(new Error("not used")),
  close: () => Promise.resolve(),
});

function tlsEnvironment(directory: string, host = "127.0.0.1"): NodeJS.ProcessEnv {
  return { DOCKER_HOST: `tcp://${host}:${proxy.port}`, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: directory };
}

engineContract("through TLS", async () => underTest(await find({}, tlsEnvironment(proxy.clientDirectory))), {
  parts: ["streams"],
});
engineContract("through ssh", async () => underTest(await find({ host: "ssh://me@build-host:2222" }, {})), {
  parts: ["streams"],
});

describe("TLS", () => {
  test("an engine behind it is remote, whatever its kernel says", async () => {
    await using engine = await find({}, tlsEnvironment(proxy.clientDirectory));
    expect(engine.info).toMatchObject({ local: false, host: `tcp://127.0.0.1:${proxy.port}`, foundBy: "DOCKER_HOST" });
  });

  test.each<[string, () => NodeJS.ProcessEnv]>([
    ["a server of an unknown authority", () => tlsEnvironment(proxy.strangerDirectory)],
    ["a server of another name", () => tlsEnvironment(proxy.clientDirectory, "localhost")],
    ["no certificates at all", () => tlsEnvironment(home)],
    ["no TLS where it is spoken", () => ({ DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}` })],
    ["a client that is not let in", () => ({ ...tlsEnvironment(strangerWithKnownAuthority()) })],
  ])("%s is refused, and it is said where to look", async (_what, env) => {
    await expect(find({}, env())).rejects.toMatchObject({
      code: "E_ENGINE_UNREACHABLE",
      hint: expect.any(String) as string,
    });
  });

  test("of a context: with its own certificates, or unchecked if it says so", async () => {
    makeContext("secured", { Host: `tcp://127.0.0.1:${proxy.port}` }, proxy.clientDirectory);
    makeContext("unchecked", { Host: `tcp://localhost:${proxy.port}`, SkipTLSVerify: true }, proxy.clientDirectory);
    makeContext("checked", { Host: `tcp://localhost:${proxy.port}` }, proxy.clientDirectory);
    await using secured = await find({ context: "secured" }, {});
    expect(secured.info.foundBy).toBe("context secured");
    await using unchecked = await find({}, { DOCKER_CONTEXT: "unchecked" });
    expect(unchecked.info.kind).toBe("docker");
    await expect(find({ context: "checked" }, {})).rejects.toMatchObject({ code: "E_ENGINE_UNREACHABLE" });
  });
});

describe("ssh", () => {
  test("gets fixed words around the host, and no shell sees them here", async () => {
    await using engine = await find({ host: "ssh://me@build-host:2222" }, {});
    expect(engine.info).toMatchObject({ local: false, host: "ssh://me@build-host:2222" });
    expect(ssh.calls().at(-1)).toEqual(
      "-T -o ConnectTimeout=30 -l me -p 2222 -- build-host docker system dial-stdio".split(" "),
    );
  });

  test("that fails says why, in ssh's own words", async () => {
    await expect(find({ host: "ssh://down" }, {})).rejects.toMatchObject({
      code: "E_ENGINE_UNREACHABLE",
      message: expect.stringContaining("ssh: connect to host down port 22: Connection refused") as string,
      hint: expect.stringContaining("ssh") as string,
    });
  });

  test("that is not installed is said", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = home;
    try {
      await expect(find({ host: "ssh://build-host" }, {})).rejects.toMatchObject({ code: "E_ENGINE_UNREACHABLE" });
    } finally {
      process.env["PATH"] = path;
    }
  });

  test("leaves no process when the engine is closed, also of a connection that was taken over", async () => {
    const engine = await find({ host: "ssh://build-host" }, {});
    const workload = plainWorkload("petrify-contract:latest", { command: ["sleep", "1000"], openStdin: true });
    const container = await engine.createContainer(containerSpec(workload));
    const attached = await container.attach({ stdin: true, tty: false });
    await container.start();
    await container.remove();
    await attached.closed;
    await engine[Symbol.asyncDispose]();
    expect(await eventually(async () => (ssh.running().length === 0 ? "none" : undefined))).toBe("none");
  });
});

function makeContext(name: string, endpoint: object, certificates: string): void {
  const key = createHash("sha256").update(name).digest("hex");
  const meta = join(home, ".docker/contexts/meta", key);
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: name, Endpoints: { docker: endpoint } }));
  const tls = join(home, ".docker/contexts/tls", key, "docker");
  mkdirSync(tls, { recursive: true });
  for (const file of ["ca.pem", "cert.pem", "key.pem"]) cpSync(join(certificates, file), join(tls, file));
}

/** Trusts the server, and is not trusted by it. */
function strangerWithKnownAuthority(): string {
  const directory = mkdtempSync(join(home, "stranger-"));
  for (const file of ["cert.pem", "key.pem"]) cpSync(join(proxy.strangerDirectory, file), join(directory, file));
  cpSync(join(proxy.clientDirectory, "ca.pem"), join(directory, "ca.pem"));
  return directory;
}
