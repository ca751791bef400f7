import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";

type Parameters = Readonly<Record<string, unknown>>;
export interface ProtocolEvent {
  readonly method: string;
  readonly params: Parameters;
}

/** A tab of a browser that runs without a screen and without any network. */
export interface Page {
  /** Sends a command of the DevTools protocol and gives its result. */
  send(method: string, params?: Parameters): Promise<Parameters>;
  /** Opens a file and waits until it is loaded. */
  open(file: string): Promise<void>;
  /** Value of an expression in the page, which may be a promise. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses keys, by the names of `KeyboardEvent.key`. */
  press(...keys: readonly string[]): Promise<void>;
  /** Everything the tab has told so far. */
  readonly events: readonly ProtocolEvent[];
}

export interface Browser {
  page(): Promise<Page>;
  close(): Promise<void>;
}

/** Debian's chromium, unpacked and not installed, in a network namespace of its own that is not even up. */
export async function startBrowser(): Promise<Browser> {
  const directory = join(defaultCacheDir(), "packages");
  const { root, env } = await unpackPackages(["chromium", "fonts-liberation"], directory, { dependencies: "all" });
  const profile = mkdtempSync(join(tmpdir(), "petrify-browser-"));
  const child = spawn("unshare", ["--net", join(root, "usr/lib/chromium/chromium"), ...flags(profile)], {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    env: {
      PATH: env.PATH,
      HOME: profile,
      // Some libraries find those beside them only by their own installed path.
      LD_LIBRARY_PATH: `${env.LD_LIBRARY_PATH}:${join(root, "usr/lib/x86_64-linux-gnu/pulseaudio")}`,
    },
  });
  const connection = new Connection(child);
  return {
    page: () => openPage(connection),
    close: async () => {
      const exited = once(child, "exit");
      // It may be gone before it answers.
      connection.send("Browser.close").catch(() => undefined);
      await exited;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

function flags(profile: string): readonly string[] {
  return [
    "--headless",
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
    // Its sandbox refuses root; what it shows is the tests' own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
  ];
}

interface Answer {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
}

/** The DevTools protocol over two pipes: JSON messages that end with a zero byte. */
class Connection {
  readonly #to: Writable;
  readonly #waiting = new Map<number, PromiseWithResolvers<Parameters>>();
  readonly #listeners = new Map<string, (event: ProtocolEvent) => void>();
  #next = 1;
  #unread = "";
  #said = "";

  constructor(child: ChildProcess) {
    this.#to = child.stdio[3] as Writable;
    const from = child.stdio[4] as Readable;
    from.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    child.on("exit", (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`chromium ended with ${code}: ${this.#said.slice(-2000)}`));
    });
    this.#to.on("error", () => undefined);
  }

  send(method: string, params: Parameters = {}, sessionId?: string): Promise<Parameters> {
    const id = this.#next++;
    const answer = Promise.withResolvers<Parameters>();
    this.#waiting.set(id, answer);
    this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer.promise;
  }

  listen(sessionId: string, listener: (event: ProtocolEvent) => void): void {
    this.#listeners.set(sessionId, listener);
  }

  #read(text: string): void {
    const messages = (this.#unread + text).split("\0");
    this.#unread = messages.pop() ?? "";
    for (const message of messages) this.#take(JSON.parse(message) as Answer);
  }

  #take({ id, sessionId = "", method, params = {}, result = {}, error }: Answer): void {
    if (id === undefined) {
      if (method !== undefined) this.#listeners.get(sessionId)?.({ method, params });
      return;
    }
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error.message));
  }
}

async function openPage(connection: Connection): Promise<Page> {
  const { targetId } = await connection.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const session = sessionId as string;
  const events: ProtocolEvent[] = [];
  let loaded = Promise.withResolvers<void>();
  connection.listen(session, (event) => {
    events.push(event);
    if (event.method === "Page.loadEventFired") loaded.resolve();
  });
  const send = (method: string, params?: Parameters): Promise<Parameters> => connection.send(method, params, session);
  for (const domain of ["Page", "Runtime", "Network", "Log", "Security"]) await send(`${domain}.enable`);
  return {
    events,
    send,
    open: async (file) => {
      loaded = Promise.withResolvers<void>();
      await send("Page.navigate", { url: `file://${file}` });
      await loaded.promise;
    },
    evaluate: async <T>(expression: string) => {
      const answer = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      if (answer["exceptionDetails"] !== undefined) throw new Error(JSON.stringify(answer["exceptionDetails"]));
      return (answer["result"] as { value: T }).value;
    },
    press: async (...keys) => {
      for (const key of keys) {
        await send("Input.dispatchKeyEvent", { type: "keyDown", key, ...KEY_CODES[key] });
        await send("Input.dispatchKeyEvent", { type: "keyUp", key, ...KEY_CODES[key] });
      }
    },
  };
}

/** Keys with an effect of the browser's own need their old codes as well. */
const KEY_CODES: Readonly<Record<string, Parameters>> = Object.fromEntries(
  Object.entries({
    Tab: 9,
    Enter: 13,
    End: 35,
    Home: 36,
    ArrowLeft: 37,
    ArrowUp: 38,
    ArrowRight: 39,
    ArrowDown: 40,
    " ": 32,
  }).map(([key, code]) => [
    key,
    {
      code: key,
      windowsVirtualKeyCode: code,
      ...(key === "Enter" ? { text: "\r" } : {}),
      ...(key === " " ? { text: " " } : {}),
    },
  ]),
);
