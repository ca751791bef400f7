import { type ChildProcess, spawn } from "node:child_process";
import dgram from "node:dgram";
import { readlinkSync } from "node:fs";
import net from "node:net";
import { assetPath } from "../../assets.ts";
import { PetrifyError } from "../../model/errors.ts";
import { SYSTEM_PATH } from "./command.ts";
import type { HelperAnswer, HelperRequest, Target } from "./netns-protocol.ts";

/** A listener of this host that leads into the engine's network namespace. */
export interface Forwarder {
  readonly host: string;
  readonly port: number;
  retarget(target: Target): Promise<void>;
  close(): Promise<void>;
}

type Protocol = "tcp" | "udp";
type Listener = net.Server | dgram.Socket;
type Unnumbered<T> = T extends HelperRequest ? Omit<T, "id"> : never;

/** The engine's network namespace, seen from this process: through one helper process inside, started when first needed. */
export class EngineNamespace {
  readonly #enginePid: number;
  #helper: Promise<Helper> | undefined;

  constructor(enginePid: number) {
    this.#enginePid = enginePid;
  }

  /** Opens a port on this host: on `host`, or on all addresses; port 0 is any free one. Throws E_PORT, E_ENGINE_LOST. */
  async forward(protocol: Protocol, host: string | undefined, port: number, target?: Target): Promise<Forwarder> {
    const helper = await this.#open();
    const listener = await listenOnHost(protocol, host, port);
    try {
      const { id } = await helper.ask({ kind: "forward", protocol, ...(target !== undefined && { target }) }, listener);
      const bound = listener.address() as net.AddressInfo;
      return {
        host: bound.address,
        port: bound.port,
        retarget: async (to) => void (await helper.ask({ kind: "retarget", forward: id, target: to })),
        close: async () => void (await helper.ask({ kind: "close", forward: id }).catch(() => undefined)),
      };
    } finally {
      // The helper has its own descriptor of it by now.
      listener.close();
    }
  }

  /** A server that listens inside the namespace and is served by this process. Throws E_PORT, E_ENGINE_LOST. */
  async listenInside(host: string, port: number): Promise<net.Server> {
    const { listener } = await (await this.#open()).ask({ kind: "listen", host, port });
    if (listener instanceof net.Server) return listener;
    throw lost();
  }

  async close(): Promise<void> {
    const helper = await this.#helper?.catch(() => undefined);
    this.#helper = undefined;
    await helper?.close();
  }

  async #open(): Promise<Helper> {
    const existing = await this.#helper?.catch(() => undefined);
    if (existing?.isRunning === true) return existing;
    const opening = startHelper(this.#enginePid);
    this.#helper = opening;
    return opening;
  }
}

async function startHelper(enginePid: number): Promise<Helper> {
  let namespace: string;
  try {
    namespace = readlinkSync(`/proc/${enginePid}/ns/net`);
  } catch (cause) {
    throw lost(cause);
  }
  const helper = new Helper(
    spawn("nsenter", [`--net=/proc/${enginePid}/ns/net`, "--", process.execPath, assetPath("netns-helper.mjs")], {
      // A session of its own: Ctrl-C must not cut the connections through which a test or a stop may still go.
      detached: true,
      cwd: "/",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: { PATH: SYSTEM_PATH },
    }),
  );
  // Between the look and the entry the engine may have ended and its pid may be somebody else's.
  if ((await helper.ready) === namespace) return helper;
  await helper.close();
  throw lost();
}

class Helper {
  readonly ready: Promise<string>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #ended = Promise.withResolvers<void>();
  #lastId = 0;
  #hasEnded = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    const ready = Promise.withResolvers<string>();
    this.ready = ready.promise;
    const end = (cause?: unknown): void => {
      this.#hasEnded = true;
      this.#ended.resolve();
      for (const { reject } of [ready, ...this.#waiting.values()]) reject(lost(cause));
    };
    child.on("error", end);
    child.on("exit", () => end());
    child.on("message", (answer: HelperAnswer, listener: unknown) => {
      if (answer.kind === "ready") return ready.resolve(answer.namespace);
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.kind === "done") waiting?.resolve(listener);
      else waiting?.reject(portError(answer.code, answer.message));
    });
  }

  get isRunning(): boolean {
    return !this.#hasEnded;
  }

  /** Resolves when it is done, with the listener that came back. Throws E_PORT, E_ENGINE_LOST. */
  async ask(request: Unnumbered<HelperRequest>, listener?: Listener): Promise<{ id: number; listener: unknown }> {
    if (this.#hasEnded) throw lost();
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#child.send({ ...request, id }, listener, {}, (error) => {
      if (error !== null) waiting.reject(lost(error));
    });
    return { id, listener: await waiting.promise };
  }

  async close(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill("SIGKILL");
    await this.#ended.promise;
  }
}

async function listenOnHost(protocol: Protocol, host: string | undefined, port: number): Promise<Listener> {
  const listen: (address: string, on: number) => Promise<Listener> = protocol === "tcp" ? listenTcp : listenUdp;
  try {
    // `::` takes IPv4 too, where the kernel has IPv6 at all.
    return await listen(host ?? "::", port).catch((error: NodeJS.ErrnoException) => {
      if (host === undefined && NO_IPV6.has(error.code ?? "")) return listen("0.0.0.0", port);
      throw error;
    });
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw portError(code, message, { host: host ?? "this host", port });
  }
}
const NO_IPV6: ReadonlySet<string> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL"]);

async function listenTcp(host: string, port: number): Promise<net.Server> {
  const server = net.createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // In one second a load test opens more connections than the default of 511 lets wait.
  server.once("error", reject).listen({ host, port, exclusive: true, backlog: 4096 }, resolve);
  await promise;
  return server;
}

async function listenUdp(host: string, port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket(net.isIPv6(host) ? "udp6" : "udp4");
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("error", reject).bind({ address: host, port, exclusive: true }, resolve);
  await promise.catch((error: unknown) => {
    socket.close();
    throw error;
  });
  return socket;
}

const PORT_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else uses it",
  EADDRNOTAVAIL: "this host does not have that address",
  EACCES: "that is not allowed",
  EAFNOSUPPORT: "this kernel does not have that kind of address",
};
function portError(code: string, message: string, where?: Target): PetrifyError {
  const what = where === undefined ? "A port" : `Port ${where.port} of ${where.host}`;
  return new PetrifyError("E_PORT", `${what} cannot be opened: ${PORT_REASONS[code] ?? message}.`, {
    hint: code === "EADDRINUSE" ? "Choose another port, or stop what uses it." : "Choose another address or port.",
    cause: { code },
  });
}

function lost(cause?: unknown): PetrifyError {
  return new PetrifyError("E_ENGINE_LOST", "The network of the embedded engine cannot be reached any more.", {
    hint: "Run the command again; a new engine is started then.",
    cause,
  });
}
