import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChild } from "../../../test/support/child.ts";
import { busyboxTar } from "../../../test/support/docker-http.ts";
import { freePort, type Registry, startRegistry } from "../../../test/support/registry.ts";
import { scratchCache } from "../../../test/support/scratch-cache.ts";
import { containerSpec, plainWorkload } from "../../../test/support/workload.ts";
import type { Engine } from "../engine.ts";
import { layoutOf } from "./layout.ts";
import { DOCKERD } from "./dockerd.ts";
import { useEngine } from "./lifecycle.ts";
import { openLoopback } from "./loopback-registry.ts";
import { EngineNamespace } from "./namespace.ts";
import { unpackPackages } from "./packages.ts";
import { openRelay, PROXY_HOST } from "./relay.ts";
import { startEmbeddedEngine } from "./start.ts";

const cache = scratchCache();
const layout = layoutOf(cache.directory);
let layer: Buffer;

beforeAll(async () => {
  const packages = await unpackPackages(DOCKERD.packages, layout.packagesDir);
  layer = busyboxTar(join(packages.root, "bin/busybox"));
});
afterAll(() => cache.remove());

/** Runs in a process of its own, as petrify does. */
async function pull(
  references: readonly string[],
  prefix: readonly string[] = [],
): Promise<{ digests?: string[]; error?: string }[]> {
  const script = join(import.meta.dirname, "../../../test/support/pulling-user.ts");
  const [file = "", ...rest] = [...prefix, process.execPath, script, cache.directory, ...references];
  const child = startChild(file, rest);
  return JSON.parse(await child.firstLine) as { digests?: string[]; error?: string }[];
}

describe("a registry on this host's loopback", () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());

  test("an image comes with its digest, and runs", async () => {
    const digest = await registry.push("team/app", "1", layer);
    await using engine: Engine = await startEmbeddedEngine({ cacheDir: cache.directory });
    const reference = `127.0.0.1:${registry.port}/team/app:1`;
    const facts = await engine.pull(reference);
    expect(facts.repoDigests).toEqual([`127.0.0.1:${registry.port}/team/app@${digest}`]);
    const container = await engine.createContainer(
      containerSpec(plainWorkload(reference, { command: ["sh", "-c", "exit 7"] })),
    );
    await container.start();
    expect(await container.wait()).toBe(7);
    await container.remove();
    await engine.removeImage(reference);
  });

  test("two processes pull at once, by address and by name", async () => {
    const one = await registry.push("one", "1", layer);
    const two = await registry.push("two", "1", layer);
    const answers = await Promise.all([
      pull([`127.0.0.1:${registry.port}/one:1`, `127.0.0.1:${registry.port}/two:1`]),
      pull([`localhost:${registry.port}/one:1`]),
    ]);
    // One image of several names: each answer lists all of its digests.
    expect(answers.flat().map(({ digests }) => digests)).toEqual([
      expect.arrayContaining([`127.0.0.1:${registry.port}/one@${one}`]),
      expect.arrayContaining([`127.0.0.1:${registry.port}/two@${two}`]),
      expect.arrayContaining([`localhost:${registry.port}/one@${one}`]),
    ]);
  });

  test("an image that it does not have, and a registry that is not there, are told apart from success", async () => {
    const [missing] = await pull([`127.0.0.1:${registry.port}/nobody:1`]);
    expect(missing?.error).toMatch(/nobody/);
    const [absent] = await pull([`127.0.0.1:${await freePort()}/nobody:1`]);
    expect(absent?.error).toMatch(/nobody/);
  });
});

test("a registry elsewhere is reached through the relay, with TLS to its very end", async () => {
  const directory = mkdtempSync(join(tmpdir(), "petrify-tls-"));
  const [certificate, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const subject = ["-subj", "/CN=registry.test", "-addext", "subjectAltName=DNS:registry.test"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, ...subject],
    { stdio: "pipe" },
  );
  const registry = await startRegistry({ certificate, key });
  try {
    const digest = await registry.push("team/app", "1", layer);
    // A host on which the name `registry.test` is known: another /etc for petrify and its engine only.
    const authority = `registry.test:${registry.port}`;
    const upper = join(directory, "upper");
    mkdirSync(join(upper, "docker/certs.d", authority), { recursive: true });
    mkdirSync(join(directory, "work"));
    writeFileSync(join(upper, "docker/certs.d", authority, "ca.crt"), readFileSync(certificate));
    writeFileSync(join(upper, "hosts"), "127.0.0.1 localhost registry.test\n");
    // What the host's own engine would fail on must not be read by this one.
    writeFileSync(join(upper, "docker/daemon.json"), "this is not JSON");
    const enter = `mount -t overlay overlay -o lowerdir=/etc,upperdir=${upper},workdir=${join(directory, "work")} /etc && exec "$@"`;
    const [found, unknown] = await pull(
      [`${authority}/team/app:1`, "registry.invalid/app:1"],
      ["unshare", "--mount", "--propagation", "private", "sh", "-c", enter, "sh"],
    );
    expect(found?.digests).toContain(`${authority}/team/app@${digest}`);
    expect(unknown?.error).toMatch(/ENOTFOUND|EAI_AGAIN/);
  } finally {
    await registry.stop();
    rmSync(directory, { recursive: true });
  }
});

describe("what a container can do meanwhile", () => {
  const secret = "this is the host's own service";
  let service: net.Server;
  let servicePort: number;
  let use: Awaited<ReturnType<typeof useEngine>>;
  let namespace: EngineNamespace;
  let engine: Engine;

  beforeAll(async () => {
    service = net.createServer((socket) => socket.on("error", () => undefined).end(secret));
    servicePort = await freePort();
    service.listen(servicePort, "127.0.0.1");
    use = await useEngine(cache.directory);
    namespace = new EngineNamespace(use.daemon.pid);
    engine = await startEmbeddedEngine({ cacheDir: cache.directory });
    await engine.importImage(Readable.from([layer]), { reference: "busybox:pull", changes: [] });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await namespace.close();
    await use.release();
    service.close();
  });

  async function fromContainer(
    network: "bridge" | "host",
    host: string,
    port: number,
    question: string,
  ): Promise<string> {
    const script = `printf '${question}' | nc -w 2 ${host} ${port}; true`;
    const workload = plainWorkload("busybox:pull", { command: ["sh", "-c", script], network });
    const container = await engine.createContainer(containerSpec(workload));
    await container.start();
    await container.wait();
    const output = await container.logs(50);
    await container.remove();
    return output;
  }
  const connect = (): string => `CONNECT 127.0.0.1:${servicePort} HTTP/1.1\\r\\n\\r\\n`;
  const authorized = (line: string): string =>
    `${line}Proxy-Authorization: Basic ${Buffer.from(`petrify:${use.proxy.token}`).toString("base64")}\\r\\n\\r\\n`;

  test("without a pull nothing listens", async () => {
    expect(await fromContainer("host", PROXY_HOST, use.proxy.port, connect())).toMatch(/refused/);
  });

  test("the relay serves the engine, and no container", async () => {
    await using _ = await openRelay(namespace, use.proxy, {});
    const tunnel = authorized(`CONNECT 127.0.0.1:${servicePort} HTTP/1.1\\r\\n`);
    expect(await fromContainer("host", PROXY_HOST, use.proxy.port, tunnel)).toContain(secret);
    expect(await fromContainer("host", PROXY_HOST, use.proxy.port, connect())).toMatch(/^HTTP\/1.1 407 /);
    const plain = `GET http://127.0.0.1:${servicePort}/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n`;
    expect(await fromContainer("host", PROXY_HOST, use.proxy.port, plain)).toMatch(/^HTTP\/1.1 407 /);
    for (const host of [PROXY_HOST, "172.17.0.1"]) {
      expect(await fromContainer("bridge", host, use.proxy.port, tunnel)).toMatch(/refused/);
    }
  });

  test("the relay is a proxy and nothing else", async () => {
    await using _ = await openRelay(namespace, use.proxy, {});
    const origin = authorized(`GET /etc/passwd HTTP/1.1\\r\\nHost: x\\r\\n`);
    expect(await fromContainer("host", PROXY_HOST, use.proxy.port, origin)).toMatch(/^HTTP\/1.1 400 /);
    const file = authorized(`GET file:///etc/passwd HTTP/1.1\\r\\nHost: x\\r\\n`);
    expect(await fromContainer("host", PROXY_HOST, use.proxy.port, file)).toMatch(/^HTTP\/1.1 400 /);
  });

  test("a loopback registry that is being pulled from is out of reach of a bridged container", async () => {
    await using _ = await openLoopback(namespace, { hosts: ["127.0.0.1"], ports: [servicePort] });
    expect(await fromContainer("host", "127.0.0.1", servicePort, "")).toContain(secret);
    for (const host of ["127.0.0.1", "172.17.0.1"]) {
      expect(await fromContainer("bridge", host, servicePort, "")).toMatch(/refused/);
    }
  });

  test("no route leads out of the engine's network", async () => {
    expect(await fromContainer("bridge", "192.0.2.1", 80, "")).toMatch(/unreachable|No route/i);
    expect(await fromContainer("host", "192.0.2.1", 80, "")).toMatch(/unreachable|No route/i);
  });
});
