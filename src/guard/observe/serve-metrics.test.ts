import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseMetricsAddress, serveMetrics } from "./serve-metrics.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-metrics-"));
afterAll(() => rmSync(folder, { recursive: true }));

function get(where: { socketPath: string } | { port: number }, path: string, method = "GET"): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request({ ...where, host: "127.0.0.1", path, method, agent: false }, (response) => {
    let text = `${response.statusCode} `;
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    response.on("end", () => resolve(text));
  })
    .on("error", reject)
    .end();
  return promise;
}

test("serves metrics and health by GET on a socket of its own group", async () => {
  const path = join(folder, "m.sock");
  let reason: string | undefined;
  const server = await serveMetrics({ kind: "unix", path }, { text: () => "a 1\n", unhealthy: () => reason });
  try {
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(await get({ socketPath: path }, "/metrics")).toBe("200 a 1\n");
    expect(await get({ socketPath: path }, "/healthz")).toBe("200 ok\n");
    reason = "the engine does not answer";
    expect(await get({ socketPath: path }, "/healthz")).toBe("503 the engine does not answer\n");
    expect(await get({ socketPath: path }, "/metrics", "POST")).toBe("405 only GET\n");
    expect(await get({ socketPath: path }, "/other")).toBe("404 not found\n");
    // One that answers is not taken away from whoever serves it.
    await expect(
      serveMetrics({ kind: "unix", path }, { text: () => "", unhealthy: () => undefined }),
    ).rejects.toMatchObject({ code: "E_SOCKET_IN_USE" });
  } finally {
    server.close();
  }
});

test("a file that is no socket is not removed", async () => {
  const path = join(folder, "file");
  writeFileSync(path, "mine");
  await expect(
    serveMetrics({ kind: "unix", path }, { text: () => "", unhealthy: () => undefined }),
  ).rejects.toMatchObject({ code: "E_SOCKET_IN_USE" });
  expect(statSync(path).size).toBe(4);
});

test("serves on a loopback port", async () => {
  const server = await serveMetrics(
    { kind: "tcp", host: "127.0.0.1", port: 0 },
    { text: () => "a 1\n", unhealthy: () => undefined },
  );
  try {
    expect(await get({ port: (server.address() as AddressInfo).port }, "/metrics")).toBe("200 a 1\n");
  } finally {
    server.close();
  }
});

test.each([
  ["unix:///run/m.sock", { kind: "unix", path: "/run/m.sock" }],
  ["/run/m.sock", { kind: "unix", path: "/run/m.sock" }],
  ["127.0.0.1:9100", { kind: "tcp", host: "127.0.0.1", port: 9100 }],
  ["[::1]:9100", { kind: "tcp", host: "::1", port: 9100 }],
])("%s is an address", (text, address) => {
  expect(parseMetricsAddress(text)).toEqual(address);
});

test.each([
  "0.0.0.0:9100",
  "[::]:9100",
  "10.0.0.1:9100",
  "127.0.0.1:99999",
  "9100",
  "",
  "127.0.0.1.example:80",
  "relative.sock",
])("%s is none", (text) => {
  expect(() => parseMetricsAddress(text)).toThrow(expect.objectContaining({ code: "E_USAGE" }));
});
