import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { loopbackRegistry } from "./loopback-registry.ts";
import { parseAuthority } from "./relay.ts";
import { openTunnel, proxyFor } from "./upstream.ts";

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
async function listening(server: net.Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as net.AddressInfo).port;
}

describe("the user's proxy", () => {
  const environment = {
    HTTPS_PROXY: "http://proxy.example:8080",
    no_proxy: "localhost,.internal,10.0.0.1,registry.example:5000",
  };
  test.for([
    ["https", "docker.io", "proxy.example:8080"],
    ["http", "docker.io", undefined],
    ["https", "a.internal", undefined],
    ["https", "internal", undefined],
    ["https", "notinternal", "proxy.example:8080"],
    ["https", "10.0.0.1", undefined],
    ["https", "registry.example", undefined],
  ] as const)("%s to %s goes through %s", ([scheme, host, expected]) => {
    expect(proxyFor(scheme, host, environment)?.host).toBe(expected);
  });

  test("`*` excepts everything, and a proxy may be named without its scheme", () => {
    expect(proxyFor("https", "x", { https_proxy: "p:1", no_proxy: "*" })).toBeUndefined();
    expect(proxyFor("https", "x", { https_proxy: "p:1" })?.href).toBe("http://p:1/");
  });
});

describe("a tunnel", () => {
  test("goes straight to its end without a proxy", async () => {
    const port = await listening(net.createServer((socket) => socket.end("the registry")));
    expect(await text(await openTunnel("127.0.0.1", port, {}))).toBe("the registry");
  });

  test("goes through the proxy with its credentials", async () => {
    const proxy = http.createServer().on("connect", (request, socket) => {
      const isKnown =
        request.headers["proxy-authorization"] === `Basic ${Buffer.from("me:se:cret").toString("base64")}`;
      socket.end(isKnown ? `HTTP/1.1 200 OK\r\n\r\ntunnel to ${request.url}` : "HTTP/1.1 407 No\r\n\r\n");
    });
    const port = await listening(proxy);
    const environment = { https_proxy: `http://me:se%3Acret@127.0.0.1:${port}` };
    expect(await text(await openTunnel("registry.example", 443, environment))).toBe("tunnel to registry.example:443");
    await expect(openTunnel("x", 443, { https_proxy: `http://127.0.0.1:${port}` })).rejects.toThrow(/answered 407/);
  });
});

test.for([
  ["registry.example:443", { host: "registry.example", port: 443 }],
  ["[::1]:5000", { host: "::1", port: 5000 }],
  ["registry.example", undefined],
  ["registry.example:0", undefined],
  ["registry.example:65536", undefined],
  ["http://registry.example:443", undefined],
  ["user@registry.example:443", undefined],
  ["a b:443", undefined],
  ["", undefined],
] as const)("CONNECT to %s", ([authority, expected]) => {
  expect(parseAuthority(authority)).toEqual(expected);
});

test.for([
  ["127.0.0.1:5000/x:1", { hosts: ["127.0.0.1"], ports: [5000] }],
  ["127.1.2.3/x", { hosts: ["127.1.2.3"], ports: [443, 80] }],
  ["localhost:5000/team/x", { hosts: ["127.0.0.1", "::1"], ports: [5000] }],
  ["localhost/x", { hosts: ["127.0.0.1", "::1"], ports: [443, 80] }],
  ["[::1]:5000/x", { hosts: ["::1"], ports: [5000] }],
  ["nginx:1.27", undefined],
  ["registry.example:5000/x", undefined],
  ["10.0.0.1:5000/x", undefined],
  ["localhost.example/x", undefined],
] as const)("loopback registry of %s", ([reference, expected]) => {
  expect(loopbackRegistry(reference)).toEqual(expected);
});
