// What a guarded Docker socket costs: direct, through a proxy that judges nothing, and through `petrify guard` with a policy, in turns.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dockerTools } from "../test/support/docker-compose.ts";
import { startGuard } from "../test/support/guard.ts";
import { startPrivateEngine } from "../test/support/private-engine.ts";
import { startProxy } from "../test/support/proxy-process.ts";
import { TestContainers } from "../test/support/test-containers.ts";
import { bulk } from "./docker-proxy/bulk.ts";
import { judgedCalls, lives, measured, reads } from "./docker-proxy/calls.ts";
import { decisions } from "./docker-proxy/decisions.ts";
import { attaches, connections } from "./docker-proxy/footprint.ts";
import type { Side } from "./docker-proxy/sides.ts";
import { type Figure, printFigures } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    megabytes: { type: "string", default: "300" },
    calls: { type: "string", default: "500" },
    lives: { type: "string", default: "20" },
    attaches: { type: "string", default: "1000" },
    connections: { type: "string", default: "10000" },
    /** Of calls, run, bulk, footprint, decisions; all when absent. */
    only: { type: "string" },
    json: { type: "boolean" },
  },
});
const IMAGE = "petrify-busybox:test";
const POLICY = `apiVersion: petrify.dev/v1
kind: ReadOnlyPolicy
metadata:
  name: bench
scope: all
`;

const engine = await startPrivateEngine();
const folder = mkdtempSync(join(tmpdir(), "petrify-bench-"));
const tools = await dockerTools(engine);
const env = { ...tools.onPath(folder), DOCKER_BUILDKIT: "0" };
const passing = join(folder, "pass.sock");
const proxy = await startProxy(passing, engine.socketPath);
const guard = await startGuard({ upstream: engine.socketPath, folder: join(folder, "guard"), policy: POLICY });
const direct: Side = { name: "direct", socketPath: engine.socketPath };
const guarded: Side = { name: "guard", socketPath: guard.socketPath, pid: guard.pid };
const sides: readonly Side[] = [direct, { name: "pass", socketPath: passing, pid: proxy.pid }, guarded];
const works: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  calls: async () => [
    ...(await reads(sides, Number(flags.calls))),
    ...(await judgedCalls(sides, Number(flags.calls), IMAGE)),
  ],
  run: async () => [
    ...(await lives(sides, Number(flags.lives), IMAGE)),
    ...(await measured("docker run --rm", sides, Number(flags.lives), run, "adds < 3 ms")),
  ],
  bulk: () =>
    bulk([direct, guarded], {
      folder,
      image: IMAGE,
      megabytes: Number(flags.megabytes),
      rounds: Number(flags.rounds),
      docker,
    }),
  footprint: async () => [
    ...(await attaches(direct, guarded, Number(flags.attaches), IMAGE)),
    ...(await connections(guarded, Number(flags.connections))),
  ],
  decisions: () => decisions(engine.socketPath, IMAGE, POLICY),
};
try {
  await new TestContainers(engine.socketPath).importBusybox(tools.busybox);
  const figures: Figure[] = [];
  for (const [name, work] of Object.entries(works))
    if (flags.only === undefined || flags.only.split(",").includes(name)) figures.push(...(await work()));
  const load = loadavg()[0]?.toFixed(1);
  printFigures(`Docker socket: through guard / direct (load average ${load} at the end)`, figures);
} finally {
  await guard.stop();
  await proxy.stop();
  await engine.stop();
  rmSync(folder, { recursive: true });
}

function run({ socketPath }: Side): void {
  docker(socketPath, ["run", "--rm", "--network", "none", IMAGE, "true"]);
}

function docker(socketPath: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync("docker", ["-H", `unix://${socketPath}`, ...args], { env, cwd: folder });
  if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr.toString()}`);
}
