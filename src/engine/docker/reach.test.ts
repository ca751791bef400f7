import { expect, test } from "vitest";
import { reachAddress } from "./reach.ts";

const UNIX = { endpoint: { kind: "unix", path: "/s" }, local: true, rootless: false } as const;
const REMOTE = { endpoint: { kind: "tcp", host: "build-host", port: 2376 }, local: false, rootless: false } as const;

function container(mode: string, address: string, ports: Record<string, { HostIp: string; HostPort: string }[]> = {}) {
  return {
    HostConfig: { ReadonlyPaths: [], ReadonlyRootfs: false, NetworkMode: mode },
    NetworkSettings: { Ports: ports, Networks: { x: { IPAddress: address } } },
  };
}
const PUBLISHED = { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }] };

test.each([
  ["its own address, published or not", container("bridge", "172.17.0.2", PUBLISHED), UNIX, "172.17.0.2", 80],
  ["loopback, in the host's network", container("host", ""), UNIX, "127.0.0.1", 80],
  [
    "the published port of a rootless engine",
    container("bridge", "10.0.2.2", PUBLISHED),
    { ...UNIX, rootless: true },
    "127.0.0.1",
    8080,
  ],
  ["the published port on the remote host", container("bridge", "172.17.0.2", PUBLISHED), REMOTE, "build-host", 8080],
  ["the remote host itself, in its network", container("host", ""), REMOTE, "build-host", 80],
  [
    "the address that the port is published on",
    container("bridge", "", { "80/tcp": [{ HostIp: "10.1.1.1", HostPort: "81" }] }),
    REMOTE,
    "10.1.1.1",
    81,
  ],
])("%s", (_what, answer, engine, host, port) => {
  expect(reachAddress(answer, 80, "tcp", engine)).toEqual({ host, port });
});

test.each([
  ["a remote bridge", container("bridge", "172.17.0.2"), REMOTE],
  ["a port of the other protocol", container("bridge", "172.17.0.2", { "80/udp": PUBLISHED["80/tcp"] }), REMOTE],
  ["no network", container("none", ""), UNIX],
])("%s is not reached, with the way out", (_what, answer, engine) => {
  expect(() => reachAddress(answer, 80, "tcp", engine)).toThrow(
    expect.objectContaining({ code: "E_PORT", hint: expect.stringMatching(/--exec/) as string }),
  );
});
