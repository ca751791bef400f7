import { readFile } from "node:fs/promises";
import type { ContainerHandle } from "../engine/engine.ts";

// Socket states of /proc/net/tcp and udp (include/net/tcp_states.h): a bound, unconnected UDP socket shows as CLOSE.
const TCP_LISTEN = "0A";
const UDP_UNCONNECTED = "07";
const TABLES = [
  { file: "tcp", protocol: "tcp", state: TCP_LISTEN },
  { file: "tcp6", protocol: "tcp", state: TCP_LISTEN },
  { file: "udp", protocol: "udp", state: UDP_UNCONNECTED },
  { file: "udp6", protocol: "udp", state: UDP_UNCONNECTED },
] as const;

export interface ListeningPort {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Bound to the loopback only: no other address reaches it. */
  readonly loopbackOnly: boolean;
}

/** Ports that some process in the network namespace of `pid` listens on, sorted; empty when the process is gone. */
export async function listeningPorts(pid: number): Promise<readonly ListeningPort[]> {
  return united((file) => readFile(`/proc/${pid}/net/${file}`, "latin1").catch(() => ""));
}

/** The same of a container that is on another machine, by its own `cat`; undefined when it has none, or has ended. */
export async function listeningInside(
  container: Pick<ContainerHandle, "exec">,
): Promise<readonly ListeningPort[] | undefined> {
  let isKnown = false;
  const ports = await united(async (file) => {
    const found = await container.exec(["cat", `/proc/net/${file}`]).catch(() => undefined);
    isKnown ||= found?.exitCode === 0;
    return found?.exitCode === 0 ? found.stdout : "";
  });
  return isKnown ? ports : undefined;
}

async function united(tableText: (file: string) => Promise<string>): Promise<readonly ListeningPort[]> {
  const found = new Map<string, ListeningPort>();
  for (const { file, protocol, state } of TABLES) {
    for (const { port, loopback } of parseSocketTable(await tableText(file), state)) {
      const key = `${port}/${protocol}`;
      found.set(key, { port, protocol, loopbackOnly: loopback && (found.get(key)?.loopbackOnly ?? true) });
    }
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol));
}

// What a new network namespace starts with (net/ipv4/af_inet.c, inet_init_net).
const FIRST_EPHEMERAL_PORT = 32_768;
const LAST_EPHEMERAL_PORT = 60_999;

/** Without the ports that the kernel chose by chance, which differ from run to run; `expected` (`40000/tcp`) stay. */
export function chosenPorts(ports: readonly ListeningPort[], expected: readonly string[]): readonly ListeningPort[] {
  return ports.filter(
    ({ port, protocol }) =>
      port < FIRST_EPHEMERAL_PORT || port > LAST_EPHEMERAL_PORT || expected.includes(`${port}/${protocol}`),
  );
}

/** Local ports in one `/proc/net/{tcp,udp}{,6}` table whose socket is in `state` (two hex digits) and has no peer. */
export function parseSocketTable(text: string, state: string): readonly { port: number; loopback: boolean }[] {
  const ports: { port: number; loopback: boolean }[] = [];
  for (const line of text.split("\n").slice(1)) {
    const [, local, remote, socketState] = line.trim().split(/\s+/);
    const [address, port] = local?.split(":") ?? [];
    if (address === undefined || port === undefined || socketState !== state || !remote?.endsWith(":0000")) continue;
    // 127.x.y.z in host byte order ends in 7F; ::1 and ::ffff:127.x likewise in their last word.
    const loopback =
      address.length === 8 ? address.endsWith("7F") : /^0{24}01000000$|^0{16}FFFF0000.{6}7F$/.test(address);
    ports.push({ port: Number.parseInt(port, 16), loopback });
  }
  return ports;
}
