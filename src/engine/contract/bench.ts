import { text } from "node:stream/consumers";
import { busyboxRoot } from "../../../test/support/test-image.ts";
import { containerSpec, plainWorkload } from "../../../test/support/workload.ts";
import type { Workload } from "../../model/workload.ts";
import type { ContainerHandle, ContainerSpec, Engine } from "../engine.ts";
import { newSessionId } from "../sessions.ts";

/** What a host or an engine's version may lack, through no fault of the adapter. */
export type Lack = "health checks" | "reason of a kill" | "resource limits" | "read-only paths" | "host network";

/** What an adapter gives its contract. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** A static busybox on this host. */
  readonly busybox: string;
  /** Body of an HTTP GET of `/`, from where addresses of `Engine.reach` hold. */
  readonly httpGet: (host: string, port: number) => Promise<string>;
  /** With the reason, which the end of the test run prints. */
  readonly lacks?: Readonly<Partial<Record<Lack, string>>>;
  readonly close: () => Promise<void>;
}

export type SpecOptions = Partial<Omit<ContainerSpec, "workload">> & { readonly workload?: Partial<Workload> };

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const IMAGE = "petrify-contract:latest";

/** The image's root, beyond busybox: what the contract's tests find in it. */
const ARRANGE = `
mkdir -p etc seed/sub tmp run var/tmp var/lib/app opaque/old link-target
printf 'root:x:0:0::/root:/bin/sh\\napp:x:1234:1235::/:/bin/sh\\n' > etc/passwd
printf 'root:x:0:\\napp:x:1235:\\nextra:x:4321:\\n' > etc/group
echo shipped > seed/file; echo deeper > seed/sub/file; chown 1234:1235 seed seed/file; chmod 0750 seed; chmod 0640 seed/file
chmod 1777 tmp; chown 1234:1235 var/lib/app; chmod 02775 var/lib/app
echo old > opaque/old/file; echo gone > removed; echo plain > not-a-program; chmod 755 not-a-program
ln -s link-target relative; ln -s /seed/file absolute; ln -s ../../../../../../etc/passwd escaping; ln seed/file hardlink
mkfifo fifo; touch setuid; chmod 4755 setuid; mkdir -p "$(printf 'd%.0s' $(seq 120))/$(printf 'f%.0s' $(seq 120))"
`;

/** One engine with the contract's image on it, and short ways to run something there. */
export class Bench {
  readonly session = newSessionId();
  readonly #runtime: string | undefined;
  #subject: EngineUnderTest | undefined;
  #count = 0;

  constructor(runtime: string | undefined) {
    this.#runtime = runtime;
  }

  get subject(): EngineUnderTest {
    if (this.#subject === undefined) throw new Error("the engine is not open");
    return this.#subject;
  }

  get engine(): Engine {
    return this.subject.engine;
  }

  async open(subject: EngineUnderTest): Promise<void> {
    this.#subject = subject;
    const root = busyboxRoot(subject.busybox, ARRANGE);
    try {
      await this.engine.importImage(root.tar, { reference: IMAGE, changes: ['CMD ["sh"]'] });
    } finally {
      root.remove();
    }
  }

  async close(): Promise<void> {
    if (this.#subject === undefined) return;
    await this.engine.removeSession(this.session);
    await this.engine[Symbol.asyncDispose]();
    await this.#subject.close();
  }

  /** Skips the test, with the reason, where this engine lacks what it is about. */
  need(what: Lack, skip: (note: string) => void): void {
    const reason = this.subject.lacks?.[what];
    if (reason !== undefined) skip(reason);
  }

  name(): string {
    return `contract-${this.#runtime ?? "default"}-${++this.#count}`;
  }

  spec({ workload, ...rest }: SpecOptions = {}): ContainerSpec {
    const runtime = this.#runtime === undefined ? {} : { runtime: this.#runtime };
    return containerSpec(plainWorkload(IMAGE, { ...runtime, ...workload }), {
      name: this.name(),
      session: this.session,
      ...rest,
    });
  }

  /** Creates the container, hands it to `use` and removes it. */
  async with<T>(options: SpecOptions, use: (container: ContainerHandle) => Promise<T>): Promise<T> {
    const container = await this.engine.createContainer(this.spec(options));
    try {
      return await use(container);
    } finally {
      await container.remove();
    }
  }

  /** A container in which `script` runs by sh, started. */
  async started<T>(script: string, options: SpecOptions, use: (container: ContainerHandle) => Promise<T>): Promise<T> {
    return this.with(withCommand(options, ["sh", "-c", script]), async (container) => {
      await container.start();
      return use(container);
    });
  }

  /** What `script`, run by sh, wrote and ended with. */
  async run(script: string, options: SpecOptions = {}): Promise<RunResult> {
    return this.with(withCommand(options, ["sh", "-c", script]), async (container) => {
      const { stdout, stderr } = await container.attach({ stdin: false, tty: options.workload?.tty === true });
      const output = Promise.all([text(stdout), text(stderr)]);
      await container.start();
      const exitCode = await container.wait();
      const [out, err] = await output;
      return { exitCode, stdout: out, stderr: err };
    });
  }
}

/** Waits until `probe` gives something else than undefined. */
export async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error("it did not happen within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function withCommand(options: SpecOptions, command: readonly string[]): SpecOptions {
  return { ...options, workload: { command, ...options.workload } };
}
