import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { EngineUnderTest } from "../../src/engine/contract/bench.ts";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import { busyboxPath, type PrivateEngine } from "./private-engine.ts";

const run = promisify(execFile);

/** A private engine for the contract suite. Its bridge is in a network namespace of its own, so the client enters it. */
export async function engineUnderTest(
  start: () => Promise<PrivateEngine>,
  lacks: EngineUnderTest["lacks"] = {},
): Promise<EngineUnderTest> {
  const daemon = await start();
  const busybox = await busyboxPath();
  return {
    engine: await connectDocker({ kind: "unix", path: daemon.socketPath }, "test"),
    busybox,
    httpGet: async (host, port) => {
      const url = `http://${host}:${port}/`;
      const { stdout } = await run("nsenter", ["-t", String(daemon.pid), "-n", busybox, "wget", "-qO-", url]);
      return stdout;
    },
    lacks,
    close: () => daemon.stop(),
  };
}
