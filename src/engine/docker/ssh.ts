import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import net from "node:net";
import { Duplex } from "node:stream";
import type { Endpoint } from "./endpoint.ts";

type SshEndpoint = Extract<Endpoint, { kind: "ssh" }>;

const STDERR_LIMIT_CHARS = 2000;

/**
 * Arguments of the `ssh` that relays one connection to the engine of the remote host.
 * `--` ends the options, and the endpoint's parser admits no word that a shell or ssh could take for more than a name.
 */
export function sshArguments(endpoint: SshEndpoint): readonly string[] {
  return [
    "-T",
    // As the docker command does (docker/cli cli/connhelper): a host that is down must not hang for minutes.
    "-o",
    "ConnectTimeout=30",
    ...(endpoint.user === undefined ? [] : ["-l", endpoint.user]),
    ...(endpoint.port === undefined ? [] : ["-p", String(endpoint.port)]),
    "--",
    endpoint.host,
    "docker",
    ...(endpoint.socketPath === undefined ? [] : ["--host", `unix://${endpoint.socketPath}`]),
    "system",
    "dial-stdio",
  ];
}

/** Opens one connection to the engine through ssh. */
export function connectSsh(endpoint: SshEndpoint): Duplex {
  return new SshSocket(spawn("ssh", sshArguments(endpoint), { stdio: ["pipe", "pipe", "pipe"] }));
}

/** Standard input and output of a child as one stream, with the few socket methods that Node's HTTP agent calls. */
class SshSocket extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #stderr = "";
  #idle: NodeJS.Timeout | undefined;
  #idleMs = 0;

  constructor(child: ChildProcessWithoutNullStreams) {
    super({ allowHalfOpen: true });
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => {
      this.#touch();
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_LIMIT_CHARS);
    });
    child.stdin.on("error", (error) => this.destroy(error));
    child.on("error", (error) => this.destroy(error));
    // "close" comes after the last byte of both outputs, so the reason that ssh printed is complete.
    child.on("close", (code) => {
      if (code === 0) this.push(null);
      else this.destroy(Object.assign(new Error(this.#reason(code)), { code: "E_SSH" }));
    });
  }

  #reason(code: number | null): string {
    const said = this.#stderr.trim().split("\n").at(-1) ?? "";
    return said === "" ? `ssh ended with code ${code ?? "unknown"}` : said;
  }

  #touch(): void {
    if (this.#idleMs > 0) this.setTimeout(this.#idleMs);
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#touch();
    this.#child.stdin.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle);
    this.#child.stdin.destroy();
    this.#child.kill();
    done(error);
  }

  setTimeout(timeoutMs: number): this {
    this.#idleMs = timeoutMs;
    clearTimeout(this.#idle);
    if (timeoutMs > 0) this.#idle = setTimeout(() => this.emit("timeout"), timeoutMs).unref();
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    this.#child.ref();
    for (const pipe of this.#pipes()) pipe.ref();
    return this;
  }

  unref(): this {
    this.#child.unref();
    for (const pipe of this.#pipes()) pipe.unref();
    return this;
  }

  /** Node's pipes to a child are sockets, and each keeps the process alive by itself. */
  #pipes(): readonly net.Socket[] {
    const { stdin, stdout, stderr } = this.#child;
    return [stdin, stdout, stderr].filter((pipe) => pipe instanceof net.Socket);
  }
}
