import type { PublishedPort } from "../../model/workload.ts";
import type { Attached, ContainerHandle, ContainerState, ExecOptions, ExecResult } from "../engine.ts";
import type { EngineNamespace, Forwarder } from "./namespace.ts";

/** A container whose ports are published on this host while it runs, as `docker run --publish` does it. */
export class PublishedContainer implements ContainerHandle {
  readonly id: string;
  readonly name: string;
  readonly #container: ContainerHandle;
  readonly #ports: readonly PublishedPort[];
  readonly #namespace: EngineNamespace;
  #forwarders: readonly Forwarder[] = [];

  constructor(container: ContainerHandle, ports: readonly PublishedPort[], namespace: EngineNamespace) {
    this.id = container.id;
    this.name = container.name;
    this.#container = container;
    this.#ports = ports;
    this.#namespace = namespace;
  }

  /** Throws E_PORT, before anything has started, when one of the ports cannot be opened. */
  async start(): Promise<void> {
    await this.#unpublish();
    await using opened = new AsyncDisposableStack();
    const forwarders: Forwarder[] = [];
    for (const { hostIp, hostPort, protocol } of this.#ports) {
      // As with Docker, no address means all of them.
      const forwarder = await this.#namespace.forward(protocol, hostIp || undefined, hostPort ?? 0);
      opened.defer(() => forwarder.close());
      forwarders.push(forwarder);
    }
    await this.#container.start();
    // Its address is known only now; until here connections are reset, as those to a port that nobody serves.
    const { ipAddress } = await this.#container.state();
    for (const [index, forwarder] of forwarders.entries()) {
      const { containerPort } = this.#ports[index] as PublishedPort;
      if (ipAddress !== "") await forwarder.retarget({ host: ipAddress, port: containerPort });
    }
    opened.move();
    this.#forwarders = forwarders;
  }

  async stop(timeoutSeconds?: number): Promise<void> {
    await this.#container.stop(timeoutSeconds);
    await this.#unpublish();
  }
  async wait(): Promise<number> {
    const exitCode = await this.#container.wait();
    await this.#unpublish();
    return exitCode;
  }
  async remove(): Promise<void> {
    await this.#container.remove();
    await this.#unpublish();
  }

  signal(name: string): Promise<void> {
    return this.#container.signal(name);
  }
  state(): Promise<ContainerState> {
    return this.#container.state();
  }
  logs(tailLines: number): Promise<string> {
    return this.#container.logs(tailLines);
  }
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult> {
    return this.#container.exec(command, options);
  }
  attach(options: { readonly stdin: boolean; readonly tty: boolean }): Promise<Attached> {
    return this.#container.attach(options);
  }
  resize(columns: number, rows: number): Promise<void> {
    return this.#container.resize(columns, rows);
  }
  volumes(): ReturnType<ContainerHandle["volumes"]> {
    return this.#container.volumes();
  }

  async #unpublish(): Promise<void> {
    const forwarders = this.#forwarders;
    this.#forwarders = [];
    await Promise.all(forwarders.map((forwarder) => forwarder.close()));
  }
}
