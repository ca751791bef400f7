import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Gate } from "../api-call.ts";
import { serveAuthzPlugin } from "./serve.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-plugin-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GATE: Gate = {
  plan: () => ({ kind: "judgeHead" }),
  judge: () => Promise.resolve({ kind: "refuse", refusal: { status: 403, message: "not here" } }),
};

function post(socketPath: string, path: string, body: string, method = "POST"): Promise<readonly [number, unknown]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly [number, unknown]>();
  const call = request({ socketPath, path, method, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.on("end", () => resolve([response.statusCode ?? 0, JSON.parse(text)]));
  });
  call.on("error", reject);
  call.end(body);
  return promise;
}

test("speaks dockerd's plugin protocol, to root alone", async () => {
  const path = join(folder, "a.sock");
  const server = await serveAuthzPlugin(path, GATE);
  try {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await post(path, "/Plugin.Activate", "")).toEqual([200, { Implements: ["authz"] }]);
    expect(await post(path, "/AuthZPlugin.AuthZRes", "{}")).toEqual([200, { Allow: true }]);
    const question = JSON.stringify({ RequestMethod: "POST", RequestUri: "/build" });
    expect(await post(path, "/AuthZPlugin.AuthZReq", question)).toEqual([200, { Allow: false, Msg: "not here" }]);
    for (const text of ["", "nonsense", "{}", `"${"x".repeat(9 * 2 ** 20)}"`])
      expect(await post(path, "/AuthZPlugin.AuthZReq", text)).toMatchObject([200, { Allow: false }]);
    expect(await post(path, "/Other", "")).toMatchObject([404, { Err: expect.any(String) }]);
    expect(await post(path, "/AuthZPlugin.AuthZReq", "", "PUT")).toMatchObject([405, { Err: expect.any(String) }]);
  } finally {
    await server.stop();
  }
});

test("stops with connections that nobody asks anything on, once what was asked is answered", async () => {
  const path = join(folder, "b.sock");
  const { promise: judged, resolve: judge } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const server = await serveAuthzPlugin(path, {
    ...GATE,
    async judge() {
      ask();
      await judged;
      return { kind: "forward", warnings: [] };
    },
  });
  const silent = createConnection(path);
  const closed = new Promise((resolve) => silent.once("close", resolve));
  const answer = post(path, "/AuthZPlugin.AuthZReq", JSON.stringify({ RequestMethod: "POST", RequestUri: "/build" }));
  await asked;
  expect(server.connections).toBe(2);
  const stopped = server.stop();
  judge();
  expect(await answer).toEqual([200, { Allow: true }]);
  await stopped;
  await closed;
  expect(server.connections).toBe(0);
});
