// What a guarded Docker socket costs: calls, `docker run`, and bulk data through it against direct, in turns.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomBytes } from "node:crypto";
import { dockerTools } from "../test/support/docker-compose.ts";
import { startPrivateEngine } from "../test/support/private-engine.ts";
import { startProxy } from "../test/support/proxy-process.ts";
import { TestContainers } from "../test/support/test-containers.ts";
import { type Figure, median, printFigures } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    megabytes: { type: "string", default: "300" },
    calls: { type: "string", default: "2000" },
    attaches: { type: "string", default: "1000" },
    json: { type: "boolean" },
  },
});
const rounds = Number(flags.rounds);
const IMAGE = "petrify-busybox:test";

const engine = await startPrivateEngine();
const folder = mkdtempSync(join(tmpdir(), "petrify-bench-"));
const guarded = join(folder, "guard.sock");
const tools = await dockerTools(engine);
const env = { ...tools.onPath(folder), DOCKER_BUILDKIT: "0" };
const proxy = await startProxy(guarded, engine.socketPath);
try {
  await new TestContainers(engine.socketPath).importBusybox(tools.busybox);
  const figures = [...(await calls()), run(), ...bulk(), await idle()];
  printFigures("Docker socket: through guard / direct", figures);
} finally {
  await proxy.stop();
  await engine.stop();
  rmSync(folder, { recursive: true });
}

function docker(socket: string, args: readonly string[], input?: string): void {
  const stdin = input === undefined ? {} : { input: readFileSync(input) };
  const { status, stderr } = spawnSync("docker", ["-H", `unix://${socket}`, ...args], { env, cwd: folder, ...stdin });
  if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr.toString()}`);
}

function timed(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function get(socketPath: string, agent: Agent | false): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: "/v1.41/containers/json", agent }, (response) => {
      response.resume().on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}

/** One call after the other, direct and through guard in turns. */
async function calls(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const kept of [true, false]) {
    const agents = kept
      ? [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ keepAlive: true, maxSockets: 1 })]
      : [];
    const times: [number[], number[]] = [[], []];
    for (let call = 0; call < Number(flags.calls); call++) {
      for (const [side, socket] of [engine.socketPath, guarded].entries()) {
        const start = performance.now();
        await get(socket, agents[side] ?? false);
        times[side as 0 | 1].push(performance.now() - start);
      }
    }
    for (const agent of agents) agent.destroy();
    const [direct, through] = times.map((all) => median(all.slice(all.length / 10)));
    const name = kept ? "GET /containers/json, kept connection" : "GET /containers/json, new connection";
    figures.push({
      name,
      unit: "ms",
      value: through ?? 0,
      baseline: direct ?? 0,
      note: `adds ${added(through, direct)}`,
    });
  }
  const start = performance.now();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const ping = (): Promise<void> => get(guarded, agent);
  await Promise.all(Array.from({ length: Number(flags.calls) }, ping));
  const through = Number(flags.calls) / ((performance.now() - start) / 1000);
  const again = performance.now();
  const directAgent = new Agent({ keepAlive: true, maxSockets: 16 });
  await Promise.all(Array.from({ length: Number(flags.calls) }, () => get(engine.socketPath, directAgent)));
  const direct = Number(flags.calls) / ((performance.now() - again) / 1000);
  for (const used of [agent, directAgent]) used.destroy();
  return [...figures, { name: "calls per second, 16 at a time", unit: "/s", value: through, baseline: direct }];
}

function run(): Figure {
  const args = ["run", "--rm", "--network", "none", IMAGE, "true"];
  const pairs = Array.from({ length: rounds * 4 }, () => [
    timed(() => docker(engine.socketPath, args)),
    timed(() => docker(guarded, args)),
  ]);
  const [direct, through] = [0, 1].map((side) => median(pairs.map((pair) => pair[side] ?? 0)));
  const between = median(pairs.map(([a = 0, b = 0]) => b - a));
  return {
    name: "docker run --rm",
    unit: "ms",
    value: through ?? 0,
    baseline: direct ?? 0,
    budget: "adds < 3 ms",
    note: `adds ${added(through, direct)}; median of the pairs' differences ${between.toFixed(1)} ms`,
  };
}

/** Seconds for the same bytes: the ratio is of throughputs. */
function bulk(): readonly Figure[] {
  const megabytes = Number(flags.megabytes);
  writeFileSync(join(folder, "data"), randomBytes(megabytes * 1024 * 1024));
  const context = mkdtempSync(join(folder, "context-"));
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  writeFileSync(join(context, "ballast"), readFileSync(join(folder, "data")));
  docker(engine.socketPath, ["run", "-d", "--name", "bench-proxy", "--network", "none", IMAGE, "sleep", "100000"]);
  docker(engine.socketPath, ["cp", "data", "bench-proxy:/data"]);
  docker(engine.socketPath, ["commit", "bench-proxy", "bench-proxy:big"]);
  docker(engine.socketPath, ["save", "-o", "big.tar", "bench-proxy:big"]);
  const works: readonly (readonly [string, readonly string[]])[] = [
    ["cp into a container", ["cp", "data", "bench-proxy:/data"]],
    ["cp out of a container", ["cp", "bench-proxy:/data", "copied"]],
    ["save", ["save", "-o", "saved.tar", "bench-proxy:big"]],
    ["load", ["load", "-q", "-i", "big.tar"]],
    ["build, its context", ["build", "-q", "--no-cache", context]],
  ];
  try {
    return works.map(([name, args]) => {
      const pairs = Array.from({ length: rounds }, () => [
        timed(() => docker(engine.socketPath, args)),
        timed(() => docker(guarded, args)),
      ]);
      const rate = (side: number): number => megabytes / (median(pairs.map((pair) => pair[side] ?? 0)) / 1000);
      const ratio = median(pairs.map(([direct = 0, through = 1]) => direct / through));
      return {
        name: `${name}, ${megabytes} MiB`,
        unit: "MiB/s",
        value: rate(1),
        baseline: rate(0),
        ratio,
        budget: ">= 0.95",
      };
    });
  } finally {
    docker(engine.socketPath, ["rm", "-f", "bench-proxy"]);
    docker(engine.socketPath, ["rmi", "bench-proxy:big"]);
  }
}

/** Memory of guard with streams that say nothing (events serve the same as attaches: one connection each way). */
async function idle(): Promise<Figure> {
  const before = residentMegabytes();
  const sockets: Socket[] = [];
  for (let stream = 0; stream < Number(flags.attaches); stream++) {
    const socket = connect({ path: guarded });
    sockets.push(socket);
    socket.write("GET /v1.41/events HTTP/1.1\r\nHost: docker\r\n\r\n");
    await new Promise((resolve) => {
      socket.once("data", resolve);
    });
  }
  const after = residentMegabytes();
  for (const socket of sockets) socket.destroy();
  const note = `${(((after - before) * 1024) / sockets.length).toFixed(1)} KiB for each`;
  return {
    name: `memory with ${sockets.length} idle streams / before`,
    unit: "MiB",
    value: after,
    baseline: before,
    note,
  };
}

function added(through = 0, direct = 0): string {
  return `${(through - direct).toFixed(2)} ms`;
}

function residentMegabytes(): number {
  const status = readFileSync(`/proc/${proxy.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
