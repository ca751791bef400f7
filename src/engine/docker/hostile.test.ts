import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { type Answers, fakeEngine, rawServer } from "../../../test/support/fake-engine.ts";
import { containerSpec, plainWorkload } from "../../../test/support/workload.ts";
import type { ImageFacts } from "../../model/image.ts";
import type { ContainerHandle, Engine } from "../engine.ts";
import { DockerApi } from "./api.ts";
import { connectDocker } from "./connect.ts";

const ID = "a".repeat(64);
const SPEC = containerSpec(plainWorkload("x"));
const INSPECTED = { Id: ID, State: { Status: "exited" }, Config: {}, HostConfig: {} };

async function against<T>(answers: Answers, use: (engine: Engine) => Promise<T>): Promise<T> {
  await using fake = await fakeEngine(answers);
  await using engine = await connectDocker({ kind: "unix", path: fake.socketPath }, "test");
  return await use(engine);
}

/** Creates a container in good order; `answers` serves all that follows. */
async function withContainer<T>(
  answers: Answers,
  use: (container: ContainerHandle, engine: Engine) => Promise<T>,
): Promise<T> {
  let isMade = false;
  const creating: Answers = (request, response, path) => {
    if (path.startsWith("/containers/create")) response.writeHead(201).end(JSON.stringify({ Id: ID }));
    // Making it ends with a look at it.
    else if (!isMade && path === `/containers/${ID}/json`) response.end(JSON.stringify(INSPECTED));
    else answers(request, response, path);
  };
  return against(creating, async (engine) => {
    const container = await engine.createContainer(SPEC);
    isMade = true;
    return use(container, engine);
  });
}

const image = (engine: Engine): Promise<unknown> => engine.image("x");
const say =
  (body: string): Answers =>
  (_request, response) =>
    void response.end(body);
const json = (value: unknown): Answers => say(JSON.stringify(value));

/** Answers a question so often as Podman does while a process ends. */
function ending(times: number): Answers {
  let asked = 0;
  return (_request, response) => {
    const message = "read /proc/10894/cgroup: no such process";
    if (asked++ < times) response.writeHead(500).end(JSON.stringify({ message }));
    else response.writeHead(404).end("{}");
  };
}

test("a container that ends while Podman looks at it is asked for again, but not for ever", async () => {
  expect(await against(ending(3), (engine) => engine.find("fleeting"))).toBeUndefined();
  await expect(against(ending(Infinity), (engine) => engine.find("fleeting"))).rejects.toMatchObject({
    code: "E_ENGINE_API",
  });
});

describe("an answer that is not what the API promises is E_ENGINE_API", () => {
  const good = { Id: `sha256:${ID}`, Config: {} };
  test.each<[string, Answers]>([
    ["no JSON", say("<html>login</html>")],
    ["nothing", say("")],
    ["an array", json([])],
    ["an id that is a path", json({ ...good, Id: "../../etc" })],
    ["wrong types", json({ ...good, RepoTags: "all" })],
    ["wrong types deep inside", json({ ...good, Config: { Volumes: ["/x"], Env: { A: 1 } } })],
    ["nesting without end", say("[".repeat(1_000_000))],
    ["another protocol", (_request, response) => void response.writeHead(101).end()],
  ])("%s", async (_what, answers) => {
    await expect(against(answers, image)).rejects.toMatchObject({ code: "E_ENGINE_API" });
  });

  test("more than it can be, without being read to its end", async () => {
    let sentBytes = 0;
    const endless: Answers = (_request, response) => {
      const chunk = Buffer.alloc(2 ** 20, " ");
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
      };
      response.on("drain", more);
      more();
    };
    await expect(against(endless, image)).rejects.toMatchObject({ code: "E_ENGINE_API" });
    expect(sentBytes).toBeLessThan(64 * 2 ** 20);
  });

  test("half an answer, and then nothing", async () => {
    await using fake = await fakeEngine((_request, response) => void response.write('{"Id":'));
    const api = new DockerApi({ kind: "unix", path: fake.socketPath });
    const request = { action: "look", method: "GET", path: "/x", timeoutMs: 50 } as const;
    await expect(api.json(request, z.unknown())).rejects.toMatchObject({ code: "E_ENGINE_LOST" });
    await expect(api.send(request)).rejects.toMatchObject({ code: "E_ENGINE_LOST" });
    api.close();
  });

  test("a container id that would lead to another path is never used", async () => {
    const requests: string[] = [];
    const answers: Answers = (request, response) => {
      requests.push(request.url ?? "");
      response.writeHead(201).end(JSON.stringify({ Id: "../volumes/prune?" }));
    };
    const creating = against(answers, (engine) => engine.createContainer(SPEC));
    await expect(creating).rejects.toMatchObject({ code: "E_ENGINE_API" });
    expect(requests).toHaveLength(1);
  });

  test("a container that only shows an image's files is the session's, and gone with it", async () => {
    const steps: string[] = [];
    const creating = Promise.withResolvers<void>();
    const answers: Answers = async (request, response, path) => {
      if (path.startsWith("/images/")) response.end(JSON.stringify({ Id: `sha256:${ID}`, Config: {} }));
      else if (path.startsWith("/containers/create")) {
        const { Labels } = JSON.parse(await text(request)) as { Labels?: object };
        steps.push(JSON.stringify(Labels));
        await creating.promise;
        response.writeHead(201).end(JSON.stringify({ Id: ID }));
      } else {
        steps.push(path.replace(/\?.*/, ""));
        response.end(path.startsWith("/volumes") ? '{"Volumes":[]}' : "[]");
      }
    };
    await against(answers, async (engine) => {
      const facts = await engine.image("x");
      const reading = engine.imageTree(facts as ImageFacts, "mine").catch(() => {});
      const removing = engine.removeSession("mine");
      creating.resolve();
      await Promise.all([reading, removing]);
    });
    expect(steps[0]).toBe('{"petrify.session":"mine"}');
    expect(steps.slice(1)).toContain("/containers/json");
  });

  test("things of another session in a list are not removed", async () => {
    const requests: string[] = [];
    const answers: Answers = (request, response, path) => {
      requests.push(`${request.method} ${path}`);
      const foreign = { Id: ID, Names: ["/x"], Labels: { "petrify.session": "another" } };
      if (path.startsWith("/containers/json")) response.end(JSON.stringify([foreign]));
      else response.end(path.startsWith("/volumes") ? '{"Volumes":[{"Name":"user-data","Labels":null}]}' : "[]");
    };
    await against(answers, (engine) => engine.removeSession("mine"));
    expect(requests).toHaveLength(3);
    expect(requests.filter((request) => request.startsWith("DELETE"))).toEqual([]);
  });
});

describe("a refusal is told in the engine's words, harmless for a terminal", () => {
  test.each<[string, string, RegExp]>([
    ["control characters", '{"message":"no\\u001b[2Jthanks"}', /: no \[2Jthanks\.$/],
    ["plain text", "plain text", /: plain text\.$/],
    ["nothing", "", /: status 500\.$/],
    ["a book", JSON.stringify({ message: "x".repeat(100_000) }), /^.{500,2100}\.\.\.$/],
  ])("%s", async (_what, body, said) => {
    const failure = await against((_request, response) => void response.writeHead(500).end(body), image).catch(String);
    expect(failure).toMatch(said);
  });
});

const breaking: Answers = (request) => request.socket.destroy();
/** Sends a head and `start`, and breaks. */
const breakingAfter =
  (start: string, headers: Record<string, string> = {}): Answers =>
  ({ socket }, response) => {
    response.writeHead(200, headers).write(start);
    setImmediate(() => socket.destroy());
  };

describe("a connection that breaks is E_ENGINE_LOST", () => {
  test.each<[string, Answers, (container: ContainerHandle, engine: Engine) => Promise<unknown>]>([
    ["before an answer", breaking, (container) => container.state()],
    ["inside an answer", breakingAfter("{", { "content-length": "100" }), (container) => container.state()],
    ["while the container runs", breakingAfter(" "), (container) => container.wait()],
    [
      "inside the export",
      (_request, response, path) =>
        void response.end(path.endsWith("/json") ? JSON.stringify(INSPECTED) : Buffer.alloc(100)),
      (container, engine) => engine.tree(container),
    ],
    [
      "inside a frame of the log",
      (_request, response) => void response.end(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 65])),
      (container) => container.logs(1),
    ],
  ])("%s", async (_what, answers, use) => {
    await expect(withContainer(answers, use)).rejects.toMatchObject({ code: "E_ENGINE_LOST" });
  });

  test("during a pull", async () => {
    const lines: string[] = [];
    const answers = breakingAfter('{"status":"Pulling"}\n{"sta');
    const pull = against(answers, (engine) => engine.pull("x", (line) => lines.push(line)));
    await expect(pull).rejects.toMatchObject({ code: "E_ENGINE_LOST" });
    expect(lines).toEqual(["Pulling"]);
  });

  test("during an import that the engine stops reading", async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536);
      })(),
    );
    const importing = against(
      (request) => void request.once("data", () => request.socket.destroy()),
      (engine) => engine.importImage(endless, { reference: "x", changes: [] }),
    );
    await expect(importing).rejects.toMatchObject({ code: "E_ENGINE_LOST" });
    expect(endless.destroyed).toBe(true);
  });
});

/** Gives the connection up as dockerd does for attach, sends `chunks` and ends. */
function hijacked(...chunks: readonly (string | Buffer)[]): Answers {
  return ({ socket }) => {
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    for (const chunk of chunks) socket.write(chunk);
    socket.end();
  };
}

function frame(stream: number, length: number, payload: string): Buffer {
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 4);
  return Buffer.concat([head, Buffer.from(payload)]);
}

/** Gives the connection up by a plain 200, and sends back what it gets first. */
const echoing: Answers = ({ socket }) => {
  socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n");
  socket.on("data", (chunk: Buffer) => {
    socket.write(frame(1, chunk.length, chunk.toString()));
    socket.end();
  });
};

describe("attached streams", () => {
  test.each<[string, string | Buffer, string]>([
    ["a length no engine sends", frame(1, 0xffffffff, "x"), "E_ENGINE_API"],
    ["an unknown stream", frame(9, 1, "x"), "E_ENGINE_API"],
    ["text without frames", "hello, this is text", "E_ENGINE_API"],
    ["the engine's own failure", frame(3, 4, "oops"), "E_ENGINE_API"],
    ["an end inside a frame", frame(1, 9, "x"), "E_ENGINE_LOST"],
  ])("end, and say why: %s", async (_what, bytes, code) => {
    const read = withContainer(hijacked(frame(2, 3, "err"), bytes), async (container) => {
      const attached = await container.attach({ stdin: false, tty: false });
      const outputs = await Promise.all([text(attached.stdout), text(attached.stderr)]);
      expect(outputs[1]).toBe("err");
      await attached.closed;
    });
    await expect(read).rejects.toMatchObject({ code });
  });

  test("are taken over from a plain 200 too, as older engines give them", async () => {
    await withContainer(echoing, async (container) => {
      const attached = await container.attach({ stdin: true, tty: false });
      attached.stdin.write("echo");
      attached.stderr.resume();
      expect(await text(attached.stdout)).toBe("echo");
      await attached.closed;
    });
  });

  test("a refusal to attach is told", async () => {
    const refusal = 'HTTP/1.1 409 Conflict\r\nContent-Length: 23\r\n\r\n{"message":"is paused"}';
    const attaching = withContainer(
      ({ socket }) => void socket.end(refusal),
      (container) => container.attach({ stdin: false, tty: false }),
    );
    await expect(attaching).rejects.toThrow(/is paused/);
  });
});

const headWith = (version: string): string => `HTTP/1.1 200 OK\r\n${version}Content-Length: 0\r\n\r\n`;

describe("what is no engine", () => {
  test.each<[string, string, string]>([
    ["a web server", headWith(""), "E_ENGINE_API"],
    ["a version that is none", headWith("Api-Version: ../x\r\n"), "E_ENGINE_API"],
    ["an engine that is too old", headWith("Api-Version: 1.40\r\n"), "E_ENGINE_UNSUPPORTED"],
    ["a mail server", "220 mail ESMTP\r\n", "E_ENGINE_UNREACHABLE"],
    ["a head without end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}`, "E_ENGINE_UNREACHABLE"],
    [
      "an engine that speaks TLS",
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
      "E_ENGINE_UNREACHABLE",
    ],
    ["a closed door", "", "E_ENGINE_UNREACHABLE"],
  ])("%s", async (_what, bytes, code) => {
    await using server = await rawServer((socket) => void socket.end(bytes));
    await expect(connectDocker({ kind: "unix", path: server.socketPath }, "test")).rejects.toMatchObject({ code });
  });

  test("a newer engine is spoken to in a version that is known", async () => {
    await using fake = await fakeEngine(say("{}"), { apiVersion: "2.3" });
    await using engine = await connectDocker({ kind: "unix", path: fake.socketPath }, "test");
    expect(engine.info.apiVersion).toBe("1.47");
  });
});

/** Serves one request of each connection and breaks at the second, as an engine that was restarted. */
function once(): Answers {
  const served = new WeakSet<object>();
  return (request, response, path) => {
    if (served.has(request.socket)) request.socket.destroy();
    else response.end(path.startsWith("/images") ? JSON.stringify({ Id: ID, Config: {} }) : "");
    served.add(request.socket);
  };
}

describe("a pooled connection that the engine closed in between", () => {
  test("is replaced, for a request that changes nothing", async () => {
    await against(once(), async (engine) => {
      for (let round = 0; round < 5; round++) expect(await engine.image("x")).toMatchObject({ id: `sha256:${ID}` });
    });
  });

  test("is not, for one that may have been carried out", async () => {
    const run = against(once(), async (engine) => {
      for (let round = 0; round < 5; round++) await engine.createVolume("v");
    });
    await expect(run).rejects.toMatchObject({ code: "E_ENGINE_LOST" });
  });
});
