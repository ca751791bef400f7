import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { busyboxPath, startPrivateEngine } from "../../../test/support/private-engine.ts";
import type { EngineUnderTest } from "../contract/bench.ts";
import { engineContract } from "../contract.ts";
import { startEmbeddedEngine } from "../embedded/start.ts";
import { connectDocker } from "./connect.ts";

const run = promisify(execFile);

/** The engine's bridge is in a network namespace of its own, so the client enters it. */
async function open(): Promise<EngineUnderTest> {
  const daemon = await startPrivateEngine();
  const busybox = await busyboxPath();
  return {
    engine: await connectDocker({ kind: "unix", path: daemon.socketPath }, "test"),
    busybox,
    httpGet: async (host, port) => {
      const url = `http://${host}:${port}/`;
      const { stdout } = await run("nsenter", ["-t", String(daemon.pid), "-n", busybox, "wget", "-qO-", url]);
      return stdout;
    },
    close: () => daemon.stop(),
  };
}

async function openEmbedded(): Promise<EngineUnderTest> {
  const daemon = await startPrivateEngine();
  return {
    engine: await startEmbeddedEngine({ cacheDir: daemon.cacheDir }),
    busybox: await busyboxPath(),
    httpGet: async (host, port) => (await fetch(`http://${host}:${port}/`)).text(),
    close: () => daemon.stop(),
  };
}

engineContract("dockerd with runc", open);
engineContract("dockerd with crun", open, { runtime: "crun", parts: ["lifecycle", "streams", "storage"] });
engineContract("the embedded engine", openEmbedded, { parts: ["images", "network", "sessions"] });
