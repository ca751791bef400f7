import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startPrivateEngine } from "../../../test/support/private-engine.ts";
import type { EngineUnderTest } from "../contract/bench.ts";
import { engineContract } from "../contract.ts";
import { connectDocker } from "./connect.ts";

const run = promisify(execFile);

/** The engine's bridge is in a network namespace of its own, so the client enters it. */
async function open(): Promise<EngineUnderTest> {
  const daemon = await startPrivateEngine();
  return {
    engine: await connectDocker({ kind: "unix", path: daemon.socketPath }, "test"),
    busybox: daemon.busybox,
    httpGet: async (host, port) => {
      const url = `http://${host}:${port}/`;
      const { stdout } = await run("nsenter", ["-t", String(daemon.pid), "-n", daemon.busybox, "wget", "-qO-", url]);
      return stdout;
    },
    close: () => daemon.stop(),
  };
}

engineContract("dockerd with its default runtime", open);
engineContract("dockerd with crun", open, "crun");
