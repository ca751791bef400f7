import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { busyboxPath, startPrivatePodman } from "../../../../test/support/private-engine.ts";
import type { EngineUnderTest } from "../../contract/bench.ts";
import { engineContract } from "../../contract.ts";
import { connectDocker } from "../connect.ts";

const run = promisify(execFile);

async function open(): Promise<EngineUnderTest> {
  const podman = await startPrivatePodman();
  const busybox = await busyboxPath();
  return {
    engine: await connectDocker({ kind: "unix", path: podman.socketPath }, "test"),
    busybox,
    httpGet: async (host, port) => {
      const url = `http://${host}:${port}/`;
      const { stdout } = await run("nsenter", ["-t", String(podman.pid), "-n", busybox, "wget", "-qO-", url]);
      return stdout;
    },
    lacks: {
      "health checks": "Podman has systemd run health checks, and the private one has no systemd",
      "reason of a kill": "conmon 2.1.6 does not tell of the kernel's kill under cgroup v1",
      "resource limits": "Podman 4 sets a process limit beside any other one, above what this host allows",
      "read-only paths": "Podman's API has no field for them: they are refused",
    },
    close: () => podman.stop(),
  };
}

engineContract("Podman with crun", open);
