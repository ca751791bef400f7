import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { chosenPorts, listeningPorts, parseSocketTable } from "./listening.ts";

const HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

test.each([
  ["any address", "   0: 00000000:0050 00000000:0000 0A 0:0", "0A", [{ port: 80, loopback: false }]],
  ["loopback", "   0: 0100007F:1538 00000000:0000 0A 0:0", "0A", [{ port: 5432, loopback: true }]],
  [
    "v6 loopback",
    "   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A",
    "0A",
    [{ port: 80, loopback: true }],
  ],
  ["established is not listening", "   0: 0100007F:1538 0100007F:9999 01 0:0", "0A", []],
  ["udp with a peer is a client", "   0: 0100007F:1538 0100007F:0035 07 0:0", "07", []],
  ["garbage", "   what\n\n:::", "0A", []],
])("socket table: %s", (_name, line, state, expected) => {
  expect(parseSocketTable(HEADER + line, state)).toEqual(expected);
});

test("a real listening socket of this process is found, and is gone once closed", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await listeningPorts(process.pid)).toContainEqual({ port, protocol: "tcp", loopbackOnly: true });
  server.close();
  await once(server, "close");
  expect((await listeningPorts(process.pid)).map((p) => p.port)).not.toContain(port);
});

test("ports that the kernel chose by chance are left out, unless they were expected", () => {
  const ports = [80, 32_767, 32_768, 40_000, 60_999, 61_000].map((port) => ({
    port,
    protocol: "udp" as const,
    loopbackOnly: false,
  }));
  expect(chosenPorts(ports, ["40000/udp", "60999/tcp"]).map(({ port }) => port)).toEqual([80, 32_767, 40_000, 61_000]);
});
