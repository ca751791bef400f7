import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A guarded socket that lets everything through, in a process of its own. */
export interface ProxyProcess {
  readonly pid: number;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export async function startProxy(path: string, upstream: string): Promise<ProxyProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "proxy-user.ts"), path, upstream], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  const ended = once(child, "close").then(() => void running.delete(child));
  const started = await Promise.race([once(child.stdout, "data"), ended]);
  if (started === undefined || child.pid === undefined) throw new Error("the proxy did not start");
  const signal = (name: NodeJS.Signals) => (): Promise<void> => {
    child.kill(name);
    return ended;
  };
  return { pid: child.pid, kill: signal("SIGKILL"), stop: signal("SIGTERM") };
}
