import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ConnectionWatch, isAddress, parseConnections } from "./connections.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

test.each([
  ["open", "01", 1],
  ["closed a moment ago", "06", 1],
  ["listening", "0A", 0],
  ["asked for in vain", "02", 0],
])("a socket that is %s", (_, state, count) => {
  const row = `   0: 0100007F:1F90 0100007F:C350 ${state} 00000000:00000000 00:00000000 00000000 0 0 1 1\n`;
  expect(parseConnections(HEAD + row)).toHaveLength(count);
});

test.each([
  ["0100007F", "127.0.0.1", true],
  ["0100007F", "localhost", true],
  ["020011AC", "172.17.0.2", true],
  ["0000000000000000FFFF0000020011AC", "172.17.0.2", true],
  ["030011AC", "172.17.0.2", false],
  ["0100007F", "example.org", false],
])("%s is %s: %s", (text, host, expected) => {
  expect(isAddress(text, host)).toBe(expected);
});

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
async function listen(): Promise<number> {
  const server = createServer((socket) => socket.end("hello").resume()).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("a port that was connected to for a moment is told, one that nobody asked for is not", async () => {
  const [used, silent] = [await listen(), await listen()];
  await using watch = new ConnectionWatch(process.pid, []);
  const socket = connect(used, "127.0.0.1");
  await once(socket.resume(), "close");
  const found = await watch.used();
  expect(found).toContain(used);
  expect(found).not.toContain(silent);
});

test("a port of another network namespace is known by the address at which it is reached", async () => {
  const hostPort = await listen();
  // No process has this pid: only this host's table can tell.
  await using watch = new ConnectionWatch(2 ** 22 + 1, [{ port: 80, host: "127.0.0.1", hostPort }]);
  expect(await watch.used()).toEqual([]);
  const socket = connect(hostPort, "127.0.0.1");
  await once(socket.resume(), "close");
  expect(await watch.used()).toEqual([80]);
});
