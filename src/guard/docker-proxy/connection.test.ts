import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { everything, guardedSocket, OK } from "../../../test/support/guarded-socket.ts";
import { passThroughGate } from "../../../test/support/pass-through-gate.ts";
import type { Answer, ApiCall, Gate, Plan } from "../api-call.ts";

const GET = "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n";
const CREATE = "POST /containers/create HTTP/1.1\r\nHost: docker\r\n";
const ATTACH = "POST /containers/a/attach HTTP/1.1\r\nHost: docker\r\n";
const forward: Answer = { kind: "forward", warnings: [] };
const gate = (plan: Plan, judge: (call: ApiCall, body?: Buffer) => Promise<Answer>): Gate => ({
  plan: () => plan,
  judge,
});
const bodies = (judge: (call: ApiCall, body?: Buffer) => Promise<Answer>): Gate =>
  gate({ kind: "judgeBody", maxBytes: 100 }, judge);
const refuse = (status: number, message: string): Answer => ({ kind: "refuse", refusal: { status, message } });

/** Reads until the text is there. */
async function until(socket: Socket, text: string): Promise<string> {
  let all = "";
  while (!all.includes(text)) {
    const bytes: unknown = socket.read() ?? (await once(socket, "readable"), socket.read());
    if (bytes instanceof Buffer) all += bytes.toString("latin1");
    else if (socket.readableEnded || socket.destroyed) throw new Error(`ended after: ${all}`);
  }
  return all;
}

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

describe("what the engine gets", () => {
  test("is a head that guard has written, with the body as it came", async () => {
    await using guarded = await guardedSocket();
    const answer = await guarded.talk(
      "POST /v1.41/build?t=a+b HTTP/1.1\r\nHost: x\r\nX-Registry-Config: e30=\r\nConnection: close\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n",
      "0\r\n\r\n",
    );
    expect(answer).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK");
    expect(guarded.engine.received()).toBe(
      "POST /v1.41/build?t=a%20b HTTP/1.1\r\nHost: docker\r\nX-Registry-Config: e30=\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    );
  });

  test("is the body that the judgement gave, with its own length", async () => {
    await using guarded = await guardedSocket({
      gate: bodies((_call, body) => Promise.resolve({ ...forward, body: Buffer.from(`[${body?.toString()}]`) })),
    });
    const answer = await guarded.talk(
      `${CREATE}Connection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n1\r\n{\r\n`,
      "1\r\n}\r\n0\r\n\r\n",
    );
    expect(answer).toContain("\r\n\r\nOK");
    expect(guarded.engine.received()).toBe(`${CREATE}Content-Type: application/json\r\nContent-Length: 4\r\n\r\n[{}]`);
  });

  test("is nothing when the client has gone while the gate judges", async () => {
    const { promise: judged, resolve: endJudgement } = Promise.withResolvers<Answer>();
    const { promise: judging, resolve: beginJudgement } = Promise.withResolvers<void>();
    await using guarded = await guardedSocket({
      gate: bodies(() => {
        beginJudgement();
        return judged;
      }),
    });
    const socket = guarded.connect();
    socket.write(`${CREATE}Content-Length: 2\r\n\r\n{}`);
    await judging;
    socket.destroy();
    await once(socket, "close");
    await new Promise((resolve) => setTimeout(resolve, 50));
    endJudgement(forward);
    await eventually(() => guarded.server.connections === 0);
    expect(guarded.engine.received()).toBe("");
  });

  test("is no second request before the first is answered", async () => {
    await using guarded = await guardedSocket({ answer: () => undefined });
    const socket = guarded.connect();
    const answer = everything(socket);
    socket.write(GET);
    await eventually(() => guarded.engine.received() !== "");
    socket.write(CREATE);
    expect(await answer).toBe("");
    expect(guarded.engine.received()).toBe(GET);
    await eventually(() => guarded.engine.open() === 0);
  });

  test("ends in the middle of a chunked body that turns out wrong", async () => {
    await using guarded = await guardedSocket({ answer: () => undefined });
    const head = "POST /build HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n";
    const socket = guarded.connect();
    const answer = everything(socket);
    socket.write(`${head}2\r\nab\r\n`);
    await eventually(() => guarded.engine.received().endsWith("ab\r\n"));
    socket.write(`3;x\r\n${CREATE}`);
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(guarded.engine.received()).toBe(`${head}2\r\nab\r\n`);
  });

  test("start with the nothing that some clients send has no body, with anything else is refused", async () => {
    await using guarded = await guardedSocket({
      gate: gate({ kind: "judgeWithoutBody" }, () => Promise.resolve(forward)),
    });
    const start = "POST /containers/a/start HTTP/1.1\r\nHost: docker\r\n";
    for (const body of ["", "{}", "null"])
      expect(
        await guarded.talk(`${start}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
      ).toContain("OK");
    expect(guarded.engine.received()).toBe(`${start}Content-Length: 0\r\n\r\n`.repeat(3));
    expect(await guarded.talk(`${start}Content-Length: 7\r\n\r\n{"a":1}`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await guarded.talk(`${start}Content-Length: 30\r\n\r\n${" ".repeat(30)}`)).toMatch(/^HTTP\/1\.1 413 /);
    expect(guarded.engine.received()).toBe(`${start}Content-Length: 0\r\n\r\n`.repeat(3));
  });
});

describe("refusals", () => {
  test("are in Docker's form and leave the connection for the next request", async () => {
    await using guarded = await guardedSocket({
      gate: bodies((_call, body) => Promise.resolve(body?.length === 2 ? refuse(403, 'No, as "x".') : forward)),
    });
    const socket = guarded.connect();
    socket.write(`${CREATE}Content-Length: 2\r\n\r\n{}`);
    expect(await until(socket, "}\n")).toBe(
      'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n{"message":"No, as \\"x\\"."}\n',
    );
    socket.write(`${CREATE}Content-Length: 3\r\n\r\n{ }`);
    expect(await until(socket, "\r\n\r\nOK")).toBe(OK);
    socket.destroy();
    expect(guarded.engine.received()).toBe(`${CREATE}Content-Length: 3\r\n\r\n{ }`);
  });

  test("of libpod are in Podman's form; of a HEAD they have no body", async () => {
    await using guarded = await guardedSocket({
      gate: gate({ kind: "refuse", refusal: { status: 403, message: "No." } }, () => Promise.resolve(forward)),
    });
    expect(await guarded.talk("GET /libpod/info HTTP/1.0\r\n\r\n")).toContain(
      '{"cause":"No.","message":"No.","response":403}',
    );
    expect(await guarded.talk("HEAD /_ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toMatch(/\r\n\r\n$/);
  });

  test("reach a client that is still sending a large body", async () => {
    await using guarded = await guardedSocket({
      gate: gate({ kind: "refuse", refusal: { status: 403, message: "No." } }, () => Promise.resolve(forward)),
    });
    const body = "x".repeat(4_000_000);
    expect(
      await guarded.talk(`POST /build HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`, body),
    ).toContain("No.");
  });

  test.each<[string, Gate]>([
    [
      "plan throws",
      {
        plan: () => {
          throw new Error("secret");
        },
        judge: () => Promise.resolve(forward),
      },
    ],
    ["judge rejects", bodies(() => Promise.reject(new Error("secret")))],
    [
      "judge throws",
      bodies(() => {
        throw new Error("secret");
      }),
    ],
  ])("when the gate fails: %s", async (_what, broken) => {
    await using guarded = await guardedSocket({ gate: broken });
    const answer = await guarded.talk(`${CREATE}Connection: close\r\nContent-Length: 2\r\n\r\n{}`);
    expect(answer).toMatch(/^HTTP\/1\.1 500 /);
    expect(answer).not.toContain("secret");
    expect(guarded.failures).toHaveLength(1);
    expect(guarded.engine.received()).toBe("");
  });

  test("of a body that grows too long come before its end", async () => {
    await using guarded = await guardedSocket({ gate: bodies(() => Promise.resolve(forward)) });
    const piece = `40\r\n${"x".repeat(64)}\r\n`;
    expect(await guarded.talk(`${CREATE}Transfer-Encoding: chunked\r\n\r\n${piece}`, piece)).toMatch(
      /^HTTP\/1\.1 413 /,
    );
    expect(guarded.engine.received()).toBe("");
  });

  test("of what does not come in time", async () => {
    await using guarded = await guardedSocket({ limits: { headMs: 30, bodyMs: 30 } });
    expect(await guarded.talk("GET /_pi")).toMatch(/^HTTP\/1\.1 408 /);
    expect(await guarded.talk(`${CREATE}Content-Length: 2\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await guarded.talk()).toBe("");
    expect(guarded.engine.received()).toBe("");
  });
});

describe("100 Continue", () => {
  test("comes from the engine where the body is copied", async () => {
    await using guarded = await guardedSocket({
      answer: (socket, soFar) => void socket.write(soFar.endsWith("ab") ? OK : "HTTP/1.1 100 Continue\r\n\r\n"),
    });
    const socket = guarded.connect();
    socket.write("PUT /containers/a/archive HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    expect(await until(socket, "\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    expect(guarded.engine.received()).toContain("\r\nExpect: 100-continue\r\n");
    socket.write("ab");
    expect(await until(socket, "OK\r\nContent-Length: 2\r\n\r\nOK")).toContain("HTTP/1.1 200 OK");
    socket.destroy();
  });

  test("comes from guard where the body is judged", async () => {
    await using guarded = await guardedSocket();
    const socket = guarded.connect();
    socket.write(`${CREATE}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
    expect(await until(socket, "\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("{}");
    await until(socket, "\r\n\r\nOK");
    expect(guarded.engine.received()).toBe(`${CREATE}Content-Length: 2\r\n\r\n{}`);
    socket.destroy();
  });
});

describe("streams that carry anything both ways", () => {
  const UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
  const SWITCHED =
    "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
  const HIJACKED = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n";

  test.each([
    ["after the engine's 101", `${ATTACH}${UPGRADE}\r\n`, SWITCHED],
    ["after its 200 without an end", `${ATTACH}\r\n`, HIJACKED],
  ])("%s, each end passed on by itself", async (_what, request, head) => {
    await using guarded = await guardedSocket({
      answer: (socket, soFar) => {
        if (!soFar.endsWith("\r\n\r\n")) return;
        socket.write(`${head}first`);
        socket.once("end", () => socket.end("last"));
      },
    });
    const socket = guarded.connect();
    socket.write(request);
    expect(await until(socket, "first")).toContain(head.split("\r\n")[0]);
    const rest = everything(socket);
    socket.write("GET / HTTP/1.1\r\n\0");
    socket.end("input");
    expect(await rest).toBe("last");
    expect(guarded.engine.received()).toMatch(/GET \/ HTTP\/1\.1\r\n\0input$/);
    expect(guarded.engine.received().match(/Content-Length: 0\r\n/g)).toHaveLength(1);
    await eventually(() => guarded.server.connections === 0 && guarded.engine.open() === 0);
  });

  test("carry nothing when the engine answers with an error", async () => {
    const refused = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
    await using guarded = await guardedSocket({ answer: (socket) => void socket.write(refused) });
    expect(await guarded.talk(`${ATTACH}${UPGRADE}\r\nearly input`)).toBe(
      refused.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
    );
    expect(guarded.engine.received()).not.toContain("early");
  });

  test("do not come where nothing asked for them", async () => {
    await using guarded = await guardedSocket({ answer: (socket) => void socket.write(SWITCHED) });
    expect(await guarded.talk(GET)).toMatch(/^HTTP\/1\.1 502 /);
    expect(await guarded.talk(`${ATTACH}\r\n`)).toMatch(/^HTTP\/1\.1 502 /);
  });
});

describe("answers", () => {
  test.each<[string, string, string, string]>([
    [
      "chunks are written anew",
      GET,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    ],
    [
      "HTTP/1.0 gets no chunks",
      "GET /info HTTP/1.0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na",
    ],
    [
      "a HEAD has no body",
      "HEAD /_ping HTTP/1.1\r\nHost: a\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    ],
    [
      "204 has no body",
      GET,
      "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n",
      "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n",
    ],
    ["a hint before the answer is dropped", GET, `HTTP/1.1 103 Early Hints\r\n\r\n${OK}`, OK],
  ])("%s", async (_what, request, said, expected) => {
    await using guarded = await guardedSocket({ answer: (socket) => void socket.write(said) });
    const socket = guarded.connect();
    socket.write(request);
    expect(await until(socket, expected)).toBe(expected);
    socket.destroy();
  });

  test("without a length last until the engine closes", async () => {
    await using guarded = await guardedSocket({ answer: (socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\nabc") });
    expect(await guarded.talk(GET)).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
  });

  test.each([
    ["no HTTP", "nonsense\r\n\r\n"],
    ["a length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["a status that is none", "HTTP/1.1 2000 OK\r\n\r\n"],
  ])("that cannot be read become a 502: %s", async (_what, said) => {
    await using guarded = await guardedSocket({ answer: (socket) => void socket.write(said) });
    expect(await guarded.talk(GET)).toMatch(/^HTTP\/1\.1 502 /);
  });

  test("that break off are broken off", async () => {
    await using guarded = await guardedSocket({
      answer: (socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
    });
    expect(await guarded.talk(GET)).toBe("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
  });

  test("that nothing asked for end the connection", async () => {
    await using guarded = await guardedSocket({ answer: (socket) => void socket.write(OK + OK) });
    expect(await guarded.talk(GET)).toBe(OK);
  });

  test("to a create call carry the warnings", async () => {
    const said = '{"Id":"a","Warnings":["theirs"]}';
    await using guarded = await guardedSocket({
      gate: bodies(() => Promise.resolve({ ...forward, warnings: ["ours"] })),
      answer: (socket) => void socket.write(`HTTP/1.1 201 Created\r\nContent-Length: ${said.length}\r\n\r\n${said}`),
    });
    const answer = await guarded.talk(`${CREATE}Connection: close\r\nContent-Length: 2\r\n\r\n{}`);
    expect(answer.split("\r\n\r\n")[1]).toBe('{"Id":"a","Warnings":["theirs","ours"]}\n');
    expect(answer).toContain("\r\nContent-Length: 40\r\n");
  });

  test("keep a connection for the next request", async () => {
    await using guarded = await guardedSocket();
    const socket = guarded.connect();
    for (let turn = 0; turn < 3; turn++) {
      socket.write(GET);
      expect(await until(socket, "\r\n\r\nOK")).toBe(OK);
    }
    expect(guarded.engine.open()).toBe(1);
    socket.end();
    await eventually(() => guarded.engine.open() === 0);
  });
});

test("a stream ends when its client has gone, though the engine says nothing; not when the client only has said all", async () => {
  await using guarded = await guardedSocket({
    answer: (socket, soFar) => {
      // As dockerd with an attach that has no input: it looks at nothing that comes.
      socket.removeAllListeners("end");
      if (soFar.endsWith("last")) socket.once("end", () => socket.end("heard"));
      else socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    },
  });
  const gone = guarded.connect();
  gone.write(`${ATTACH}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n`);
  await until(gone, "\r\n\r\n");
  gone.destroy();
  await eventually(() => guarded.server.connections === 0);

  const silent = guarded.connect();
  silent.write(`${ATTACH}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n`);
  await until(silent, "\r\n\r\n");
  silent.end("last");
  expect(await until(silent, "heard")).toContain("heard");
});

describe("an engine that is not there", () => {
  test("is told in one sentence", async () => {
    await using guarded = await guardedSocket();
    await guarded.engine.close();
    const answer = await guarded.talk(GET);
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer).toContain(`does not answer at ${guarded.engine.path} (ENOENT)`);
  });

  test("so is it when the call was judged", async () => {
    await using guarded = await guardedSocket({
      gate: bodies(async () => {
        // The connection fails meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return forward;
      }),
    });
    await guarded.engine.close();
    const answer = await guarded.talk(`${CREATE}Content-Length: 2\r\n\r\n{}`);
    expect(answer).toMatch(/^HTTP\/1\.1 502 .*does not answer/s);
  });

  test("so is one that closes before it answers", async () => {
    await using guarded = await guardedSocket({ answer: (socket) => void socket.destroy() });
    expect(await guarded.talk(GET)).toMatch(/^HTTP\/1\.1 502 .*before it answered/s);
  });
});

test("the caller is the process at the other end", async () => {
  const calls: ApiCall[] = [];
  await using guarded = await guardedSocket({
    gate: {
      ...passThroughGate,
      plan: (call) => {
        calls.push(call);
        return { kind: "stream" };
      },
    },
  });
  await guarded.talk(
    "POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: Application/JSON; charset=x\r\n\r\n",
  );
  expect(calls).toEqual([
    {
      method: "POST",
      contentType: "application/json",
      target: { libpod: false, parts: ["x"], query: [] },
      caller: { uid: process.getuid?.(), gid: process.getgid?.(), pid: process.pid },
    },
  ]);
});
