import { createHash, randomBytes } from "node:crypto";
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChild } from "../../../test/support/child.ts";
import { busyboxTar } from "../../../test/support/docker-http.ts";
import { processesIn } from "../../../test/support/host-state.ts";
import { freePort } from "../../../test/support/registry.ts";
import { scratchCache } from "../../../test/support/scratch-cache.ts";
import { containerSpec, plainWorkload } from "../../../test/support/workload.ts";
import type { ContainerHandle, Engine } from "../engine.ts";
import { DOCKERD } from "./dockerd.ts";
import { unpackPackages } from "./packages.ts";
import { startEmbeddedEngine } from "./start.ts";

const cache = scratchCache();
let engine: Engine;

beforeAll(async () => {
  const packages = await unpackPackages(DOCKERD.packages, join(cache.directory, "packages"));
  engine = await startEmbeddedEngine({ cacheDir: cache.directory });
  const tar = Readable.from([busyboxTar(join(packages.root, "bin/busybox"))]);
  await engine.importImage(tar, { reference: "busybox:ports", changes: [] });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  cache.remove();
});

async function run(
  script: string,
  differs: Parameters<typeof containerSpec>[1] = {},
  network?: string,
): Promise<ContainerHandle> {
  const workload = plainWorkload("busybox:ports", {
    command: ["/bin/sh", "-c", script],
    ...(network !== undefined && { network }),
  });
  const container = await engine.createContainer(containerSpec(workload, differs));
  await container.start();
  return container;
}

/** Answers of a service that may still be starting: the first connection that is not reset. */
async function ask(port: number, question: string | Buffer, host = "127.0.0.1"): Promise<string> {
  for (let tries = 0; ; tries++) {
    const socket = net.connect({ host, port, allowHalfOpen: true });
    try {
      socket.end(question);
      return await text(socket);
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe("reach", () => {
  test("a client that ends its half first still gets the whole answer", async () => {
    // `cat` answers only what it has read to the end: that needs the half-close to arrive.
    const container = await run("nc -ll -p 7 -e sh -c 'a=$(cat); echo \"got $a\"'");
    const { host, port } = await engine.reach(container, 7, "tcp");
    expect(host).toBe("127.0.0.1");
    expect(await ask(port, "question")).toBe("got question\n");
    await container.remove();
  });

  test("32 MB arrive unchanged through a slow reader", async () => {
    const container = await run("nc -ll -p 7 -e cat");
    const { port } = await engine.reach(container, 7, "tcp");
    await ask(port, "");
    const data = randomBytes(32 * 2 ** 20);
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end(data);
    const hash = createHash("sha256");
    let chunks = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (++chunks % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(hash.digest("hex")).toBe(createHash("sha256").update(data).digest("hex"));
    await container.remove();
  });

  test("300 connections at once are all served", async () => {
    const container = await run("nc -ll -p 7 -e cat");
    const { port } = await engine.reach(container, 7, "tcp");
    await ask(port, "");
    const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => ask(port, `number ${index}`)));
    expect(new Set(answers).size).toBe(300);
    await container.remove();
  });

  test("a port that nobody serves resets the connection, so nobody takes it for a ready service", async () => {
    const container = await run("sleep 1000");
    const { port } = await engine.reach(container, 7, "tcp");
    const socket = net.connect({ port, host: "127.0.0.1" });
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    await container.remove();
  });

  test("after a restart the same port leads to the container's new address", async () => {
    const first = await run("sleep 1000");
    const container = await run("nc -ll -p 7 -e cat");
    const before = await engine.reach(container, 7, "tcp");
    expect(await ask(before.port, "one")).toBe("one");
    const address = (await container.state()).ipAddress;
    await container.stop(0);
    await first.stop(0);
    await container.start();
    const after = await engine.reach(container, 7, "tcp");
    expect((await container.state()).ipAddress).not.toBe(address);
    expect(after).toEqual(before);
    expect(await ask(after.port, "two")).toBe("two");
    await Promise.all([first.remove(), container.remove()]);
  });

  test("datagrams of two clients come back each to its own", async () => {
    const container = await run(UDP_ECHO, { binds: [{ source: "/usr", target: "/usr", readOnly: true }] });
    const { port } = await engine.reach(container, 7, "udp");
    const answers = await Promise.all(["one", "two"].map((word) => askUdp(port, word)));
    expect(answers).toEqual(["one", "two"]);
    await container.remove();
  });

  test("a container on the engine's own network is reached too, one without network is refused with the reason", async () => {
    const onHost = await run("nc -ll -p 4711 -e cat", {}, "host");
    const { port } = await engine.reach(onHost, 4711, "tcp");
    expect(await ask(port, "host network")).toBe("host network");
    const without = await run("sleep 1000", {}, "none");
    await expect(engine.reach(without, 80, "tcp")).rejects.toMatchObject({ code: "E_PORT" });
    await Promise.all([onHost.remove(), without.remove()]);
  });
});

/** busybox serves no UDP; the host's perl does, which every Debian has. */
const UDP_ECHO = `/bin/ln -s usr/lib /lib; /bin/ln -s usr/lib64 /lib64; exec /usr/bin/perl -MIO::Socket::INET -e '
  my $socket = IO::Socket::INET->new(LocalPort => 7, Proto => "udp") or die;
  while (defined $socket->recv(my $text, 65536)) { $socket->send($text) }'`;

async function askUdp(port: number, word: string): Promise<string> {
  const socket = dgram.createSocket("udp4");
  const retry = setInterval(() => socket.send(word, port, "127.0.0.1"), 100);
  const [answer] = (await once(socket, "message")) as [Buffer];
  clearInterval(retry);
  socket.close();
  return answer.toString();
}

describe("publish", () => {
  const serving = "nc -ll -p 7 -e cat";
  async function create(hostPort: number, hostIp?: string): Promise<ContainerHandle> {
    const ports = [{ containerPort: 7, protocol: "tcp" as const, hostPort, ...(hostIp !== undefined && { hostIp }) }];
    const workload = plainWorkload("busybox:ports", { command: ["/bin/sh", "-c", serving], ports });
    return engine.createContainer(containerSpec(workload, { publishPorts: true }));
  }
  test("the port of this host leads into the container while it runs, and is free afterwards", async () => {
    const port = await freePort();
    const container = await create(port, "127.0.0.1");
    await container.start();
    expect(await ask(port, "published")).toBe("published");
    await container.stop(0);
    const again = net.createServer().listen(port, "127.0.0.1");
    await once(again, "listening");
    expect(again.listening).toBe(true);
    again.close();
    await container.remove();
  });

  test("without an address it is open on all of them", async () => {
    const port = await freePort();
    const container = await create(port);
    await container.start();
    expect(await ask(port, "IPv4", "127.0.0.1")).toBe("IPv4");
    expect(await ask(port, "IPv6", "::1")).toBe("IPv6");
    await container.remove();
  });

  test("a port that is in use is refused before the container starts", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const container = await create((taken.address() as net.AddressInfo).port, "127.0.0.1");
    await expect(container.start()).rejects.toMatchObject({ code: "E_PORT" });
    expect((await container.state()).status).toBe("created");
    taken.close();
    await container.remove();
  });

  test("learn and verify, which do not publish, leave the host's ports alone", async () => {
    const port = await freePort();
    const workload = plainWorkload("busybox:ports", {
      command: ["/bin/sh", "-c", serving],
      ports: [{ containerPort: 7, protocol: "tcp", hostPort: port }],
    });
    const container = await engine.createContainer(containerSpec(workload));
    await container.start();
    expect(await connectError(port)).toBe("ECONNREFUSED");
    await container.remove();
  });
});

test("kill -9 of petrify ends its helper in the engine's namespace", async () => {
  const script = join(import.meta.dirname, "../../../test/support/reaching-user.ts");
  const victim = startChild(process.execPath, [script, cache.directory]);
  const { namespace, port } = JSON.parse(await victim.firstLine) as { namespace: string; port: number };
  const inside = processesIn([namespace]).length;
  victim.kill("SIGKILL");
  await victim.ended;
  await expect.poll(() => processesIn([namespace]).length).toBe(inside - 1);
  // A process leaves its namespaces before the kernel closes its sockets (do_exit: fput is task work).
  await expect.poll(() => connectError(port)).toBe("ECONNREFUSED");
});

async function connectError(port: number): Promise<string | undefined> {
  const [error] = (await once(net.connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
  return error.code;
}
