import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startScript } from "../../../test/support/cli.ts";
import { everything, guardedSocket, OK } from "../../../test/support/guarded-socket.ts";
import { activatedListening, listen, type Listening } from "./listen.ts";

const listening = (path: string): Listening => ({ kind: "path", path, mode: 0o660, group: "0" });
const GET = "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n";

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

describe("clients at a time", () => {
  test("are bounded, and the next is told so", async () => {
    await using guarded = await guardedSocket({ limits: { connections: 2 }, answer: () => undefined });
    for (const socket of [guarded.connect(), guarded.connect()]) socket.write(GET);
    await eventually(() => guarded.engine.received() === GET + GET);
    expect(await guarded.talk(GET)).toMatch(/^HTTP\/1\.1 503 .*petrify guard serves 2 clients already/s);
    expect(guarded.engine.received()).toBe(GET + GET);
  });

  test("who ask nothing make room", async () => {
    await using guarded = await guardedSocket({ limits: { connections: 2 } });
    const idle = everything(guarded.connect());
    guarded.connect();
    await eventually(() => guarded.server.connections === 2);
    expect(await guarded.talk(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))).toContain("OK");
    expect(await idle).toBe("");
  });
});

describe("draining", () => {
  test("lets calls end, closes the rest, and removes the socket at once", async () => {
    let answer: (() => void) | undefined;
    await using guarded = await guardedSocket({
      answer: (socket) => {
        answer = () => void socket.write(OK);
      },
    });
    const idle = everything(guarded.connect());
    const busy = guarded.connect();
    const answered = everything(busy);
    busy.write(GET);
    await eventually(() => guarded.engine.received() === GET && guarded.server.connections === 2);
    const drained = guarded.server.drain(60_000);
    expect(existsSync(guarded.path)).toBe(false);
    expect(await idle).toBe("");
    answer?.();
    expect(await answered).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK");
    await drained;
    expect(guarded.server.connections).toBe(0);
  });

  test("cuts what goes on for longer", async () => {
    await using guarded = await guardedSocket({
      answer: (socket) => void socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"),
    });
    const events = guarded.connect();
    const heard = everything(events);
    events.write(GET);
    await eventually(() => events.bytesRead > 50);
    await guarded.server.drain(20);
    expect(await heard).toMatch(/1\r\na\r\n$/);
  });
});

describe("the socket's file", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "petrify-listen-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("has the mode that was asked for", async () => {
    const path = join(folder, "a.sock");
    const server = createServer();
    await listen(server, listening(path));
    expect(statSync(path).mode & 0o777).toBe(0o660);
    server.close();
  });

  test("is replaced when a process that was killed left it", async () => {
    const path = join(folder, "a.sock");
    const script = startScript(`
      import { createServer } from "node:net";
      createServer().listen(${JSON.stringify(path)}, () => process.stdout.write("listening"));`);
    await script.shows("listening");
    script.signal("SIGKILL");
    await script.ended;
    expect(statSync(path).isSocket()).toBe(true);
    const server = createServer((socket) => socket.end("new"));
    await listen(server, listening(path));
    server.close();
  });

  test("is left alone when somebody listens, or when it is no socket", async () => {
    const path = join(folder, "a.sock");
    const first = createServer();
    await listen(first, listening(path));
    await expect(listen(createServer(), listening(path))).rejects.toMatchObject({ code: "E_SOCKET_IN_USE" });
    expect(statSync(path).isSocket()).toBe(true);
    first.close();
    const file = join(folder, "file");
    writeFileSync(file, "data");
    await expect(listen(createServer(), listening(file))).rejects.toMatchObject({ code: "E_SOCKET_IN_USE" });
    expect(statSync(file).size).toBe(4);
  });

  test("that cannot be made is told with the reason", async () => {
    await expect(listen(createServer(), listening(join(folder, "none/a.sock")))).rejects.toMatchObject({
      code: "E_IO",
      message: `The socket '${join(folder, "none/a.sock")}' cannot be made: the folder '${join(folder, "none")}' does not exist.`,
    });
  });
});

describe("the socket of systemd", () => {
  test("is taken only when it is for this process, and no child takes it for its own", () => {
    const env = { LISTEN_PID: "7", LISTEN_FDS: "1", LISTEN_FDNAMES: "x", PATH: "/bin" };
    expect(activatedListening({ ...env }, 8)).toBeUndefined();
    const own = { ...env };
    expect(activatedListening(own, 7)).toEqual({ kind: "descriptor", fd: 3 });
    expect(own).toEqual({ PATH: "/bin" });
    expect(() => activatedListening({ ...env, LISTEN_FDS: "2" }, 7)).toThrow(/more than one/);
  });
});
