import type { Command } from "commander";
import type { EngineInfo } from "../engine/engine.ts";
import { type EngineChoice, openEngine } from "../engine/open.ts";
import { type Progress, Session } from "../learn/session.ts";
import type { SensorChoice } from "../sensor/sensor.ts";
import { interruption, onCleanup } from "./cleanup.ts";
import { openStatusLine, type StatusLine } from "./render/status-line.ts";

/** Adds the options that choose the engine. */
export function engineOptions<C extends Command>(command: C): C {
  return command
    .option("--host <address>", "engine to use: unix:///path, tcp://host:port, ssh://user@host, or embedded")
    .option("--context <name>", "docker context to use");
}

/**
 * Opens the engine, says which on stderr, and runs `body` in a session that is removed however the command ends.
 * Throws what opening the engine throws.
 */
export async function withSession<T>(
  choice: EngineChoice & { readonly sensor?: SensorChoice },
  body: (session: Session, status: StatusLine) => Promise<T>,
): Promise<T> {
  using status = openStatusLine();
  // Registered before there is anything to remove: a signal may come while the engine starts.
  const opening = Promise.withResolvers<Session | undefined>();
  const forget = onCleanup(async () => (await opening.promise)?.[Symbol.asyncDispose]());
  let session: Session | undefined;
  try {
    status.phase("looking for an engine");
    const engine = await openEngine(choice, {
      onProgress: (step) => status.phase(step),
      onNote: (line) => status.print(line),
      signal: interruption,
    });
    status.print(engineLine(engine.info));
    session = new Session(engine, progressOn(status), choice.sensor);
  } finally {
    opening.resolve(session);
  }
  const counting = setInterval(
    () => session.delivered > 0 && status.detail(`${session.delivered} events`),
    100,
  ).unref();
  const finish = async (): Promise<void> => {
    clearInterval(counting);
    if (!interruption.aborted) status.phase("removing what was started");
    await session[Symbol.asyncDispose]().finally(forget);
    // The signal's cleanup ends the process; a result told beside that news would be half true.
    if (interruption.aborted) await new Promise<never>(() => {});
  };
  let result: T;
  try {
    result = await body(session, status);
  } catch (error) {
    // The first error is the one that counts: an engine that died cannot be cleaned up either.
    await finish().catch(() => {});
    throw error;
  }
  await finish();
  return result;
}

/** `engine: dockerd 20.10.24 at unix:///run/docker.sock (socket /run/docker.sock), runtime runc, overlay2, cgroup v1`. */
export function engineLine(info: EngineInfo): string {
  const name = info.kind === "embedded" ? "embedded docker" : info.kind;
  const place = info.kind === "embedded" ? "" : ` at ${info.host}`;
  const remote = info.local ? "" : ", remote";
  return `engine: ${name} ${info.version}${place} (${info.foundBy}), runtime ${info.defaultRuntime}, ${info.storageDriver}, cgroup v${info.cgroupVersion}${remote}`;
}

function progressOn(status: StatusLine): Progress {
  const debug = process.env["PETRIFY_DEBUG"] !== undefined;
  return {
    step: (text) => status.phase(text),
    note: (text) => status.print(text),
    testOutput: (line) => {
      if (debug) status.print(line);
    },
  };
}
