import { readFile } from "node:fs/promises";

// Socket states of /proc/net/tcp (include/net/tcp_states.h) that are no connection, or none yet.
const SYN_SENT = "02";
const CLOSE = "07";
const LISTEN = "0A";
const TABLES = ["tcp", "tcp6"];
const POLL_MS = 100;

/** Where a port of a container is reached from this host. */
export interface ReachedPort {
  /** The container's own. */
  readonly port: number;
  readonly host: string;
  readonly hostPort: number;
}

/**
 * Notes which TCP ports of a container somebody has been connected to. Both ends are looked at: whichever closes first keeps a
 * connection that has ended for a minute (TIME_WAIT). One that is reset within the tenth of a second between two looks is missed.
 */
export class ConnectionWatch implements AsyncDisposable {
  readonly #pid: number;
  readonly #reached: readonly ReachedPort[];
  readonly #used = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #ended = false;

  /** `pid` is in the container's network namespace. */
  constructor(pid: number, reached: readonly ReachedPort[]) {
    this.#pid = pid;
    this.#reached = reached;
    this.#poll();
  }

  /** Sorted numbers of the ports that were connected to until now. */
  async used(): Promise<readonly number[]> {
    await this.#looking;
    await this.#look();
    return [...this.#used].toSorted((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #poll(): void {
    this.#looking = this.#look().finally(() => {
      if (!this.#ended) this.#timer = setTimeout(() => this.#poll(), POLL_MS);
    });
  }

  async #look(): Promise<void> {
    for (const table of TABLES) {
      for (const { local, remote } of parseConnections(await read(`/proc/${this.#pid}/net/${table}`))) {
        this.#used.add(local.port);
        // A client inside the container, which closed first.
        if (remote.address === local.address) this.#used.add(remote.port);
      }
      for (const { local, remote } of parseConnections(await read(`/proc/self/net/${table}`)))
        for (const { port, host, hostPort } of this.#reached)
          if ([local, remote].some((end) => end.port === hostPort && isAddress(end.address, host)))
            this.#used.add(port);
    }
  }
}

interface SocketEnd {
  /** As the kernel prints it: words of four bytes in the host's order, in hexadecimal. */
  readonly address: string;
  readonly port: number;
}

/** The rows of one `/proc/net/{tcp,tcp6}` table that are connections, open or just closed. */
export function parseConnections(text: string): readonly { readonly local: SocketEnd; readonly remote: SocketEnd }[] {
  const rows = text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, local = "", remote = "", state]) =>
    state === undefined || state === LISTEN || state === SYN_SENT || state === CLOSE
      ? []
      : [{ local: socketEnd(local), remote: socketEnd(remote) }],
  );
}

function socketEnd(text: string): SocketEnd {
  const [address = "", port = ""] = text.split(":");
  return { address, port: Number.parseInt(port, 16) };
}

/** Whether the kernel's text is this IPv4 address, plain or mapped into IPv6. */
export function isAddress(kernelText: string, host: string): boolean {
  const bytes = (host === "localhost" ? "127.0.0.1" : host).split(".").map(Number);
  if (bytes.length !== 4 || bytes.some(Number.isNaN)) return false;
  const word = bytes
    .toReversed()
    .map((byte) => byte.toString(16).padStart(2, "0").toUpperCase())
    .join("");
  return kernelText === word || kernelText === `0000000000000000FFFF0000${word}`;
}

async function read(file: string): Promise<string> {
  return readFile(file, "latin1").catch(() => "");
}
