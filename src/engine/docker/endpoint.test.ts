import { describe, expect, test } from "vitest";
import { formatEndpoint, parseEndpoint } from "./endpoint.ts";
import { sshArguments } from "./ssh.ts";

test.each([
  ["unix:///var/run/docker.sock", { kind: "unix", path: "/var/run/docker.sock" }],
  ["unix:///a b:c", { kind: "unix", path: "/a b:c" }],
  ["tcp://build-host:2375", { kind: "tcp", host: "build-host", port: 2375 }],
  ["tcp://build-host", { kind: "tcp", host: "build-host", port: 2375 }],
  ["tcp://build-host:80", { kind: "tcp", host: "build-host", port: 80 }],
  ["tcp://[::1]:99", { kind: "tcp", host: "::1", port: 99 }],
  ["https://build-host", { kind: "tcp", host: "build-host", port: 2376, tls: { verify: true } }],
  ["ssh://build-host", { kind: "ssh", host: "build-host" }],
  ["ssh://me@build-host:2222", { kind: "ssh", host: "build-host", user: "me", port: 2222 }],
  [
    "ssh://me@build-host/run/podman/podman.sock",
    { kind: "ssh", host: "build-host", user: "me", socketPath: "/run/podman/podman.sock" },
  ],
])("%s is read", (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
  expect(parseEndpoint(formatEndpoint(parseEndpoint(text)))).toMatchObject({ kind: endpoint.kind });
});

test("TLS changes the default port, and its secrets are not printed", () => {
  const endpoint = parseEndpoint("tcp://build-host", { verify: true, key: "SECRET" });
  expect(endpoint).toMatchObject({ port: 2376, tls: { key: "SECRET" } });
  expect(formatEndpoint(endpoint)).toBe("tcp://build-host:2376");
});

describe("what could be an option of ssh or a word of a shell is refused", () => {
  test.each([
    "ssh://-oProxyCommand=touch%20x/",
    "ssh://-oProxyCommand@host",
    "ssh://host%20-oProxyCommand=x",
    "ssh://user%20name@host",
    "ssh://$(id)@host",
    "ssh://user:secret@host",
    "ssh://host/run/$(id)",
    "ssh://host/run/a;id",
    "ssh://host/run/a%20b",
    "ssh://host?x=1",
    "ssh://",
    "ssh://;id",
    "unix://relative.sock",
    "tcp://",
    "tcp://host:port",
    "tcp://host:99999",
    "tcp://user@host:1",
    "tcp://host:1/path",
    "npipe:////./pipe/docker_engine",
    "/var/run/docker.sock",
    "",
  ])("%j", (text) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: "E_USAGE" }));
  });
});

test("ssh gets the host after the end of its options", () => {
  const endpoint = parseEndpoint("ssh://me@build-host:2222");
  const words = endpoint.kind === "ssh" ? sshArguments(endpoint) : [];
  expect(words.slice(words.indexOf("--"))).toEqual(["--", "build-host", "docker", "system", "dial-stdio"]);
  expect(words.slice(0, words.indexOf("--")).join(" ")).toBe("-T -o ConnectTimeout=30 -l me -p 2222");
});
