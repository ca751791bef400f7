// What learning costs an application: throughput of nginx, redis and PostgreSQL watched by the sensor, against unwatched.
import { parseArgs } from "node:util";
import { cleanUp, cleanUpOnSignals } from "../src/cli/cleanup.ts";
import { withSession } from "../src/cli/session.ts";
import type { ContainerHandle, Engine } from "../src/engine/engine.ts";
import { NO_LOSS } from "../src/model/event.ts";
import { openSensor } from "../src/sensor/open-sensor.ts";
import { ensureImages } from "../demo/images/build.ts";
import type { ImageRecipe } from "../demo/images/recipe.ts";
import { NGINX, POSTGRESQL, REDIS } from "../demo/images/recipes.ts";
import { plainWorkload } from "../demo/workloads.ts";
import { cpuTimeNs } from "./support/cpu-time.ts";
import { type Figure, median, printFigures } from "./support/report.ts";

interface Load {
  readonly name: string;
  readonly recipe: ImageRecipe;
  readonly prepare?: string;
  /** Run inside the container, so that the load generator's own system calls are watched too. */
  readonly command: (seconds: number) => string;
  /** Find in what the command prints the throughput per second, and how many operations that were. */
  readonly throughput: RegExp;
  readonly operations: RegExp;
  readonly unit: string;
}

const LOADS: readonly Load[] = [
  {
    name: "nginx: GET of a small file, access log on",
    recipe: { ...NGINX, name: "bench-nginx", packages: [...NGINX.packages, "wrk"] },
    command: (seconds) => `wrk -t1 -c16 -d${seconds}s http://127.0.0.1:80/`,
    throughput: /^Requests\/sec:\s+([\d.]+)/m,
    operations: /(\d+) requests in/,
    unit: "req/s",
  },
  {
    name: "redis: SET, no pipelining",
    recipe: REDIS,
    // A count, not a time, is all that redis-benchmark takes; it does not repeat it.
    command: (seconds) =>
      `redis-benchmark -q --csv -t set -n ${seconds * 25_000} && echo ${seconds * 25_000} operations`,
    throughput: /^"SET","([\d.]+)"/m,
    operations: /^(\d+) operations$/m,
    unit: "req/s",
  },
  {
    name: "PostgreSQL: pgbench, read and write",
    recipe: POSTGRESQL,
    prepare: "pgbench -i -q -s 2 postgres",
    command: (seconds) => `pgbench -T ${seconds} -c 4 -j 1 postgres`,
    throughput: /^tps = ([\d.]+)/m,
    operations: /actually processed: (\d+)/,
    unit: "tps",
  },
];

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    seconds: { type: "string", default: "1" },
    host: { type: "string", default: "embedded" },
    json: { type: "boolean" },
  },
});

cleanUpOnSignals();
const figures = await withSession({ host: flags.host }, async ({ engine, id, progress }) => {
  const images = await ensureImages(
    engine,
    LOADS.map(({ recipe }) => recipe),
    { onProgress: (line) => progress.note(line) },
  );
  const measured: Figure[] = [];
  for (const [index, load] of LOADS.entries()) {
    progress.note(load.name);
    measured.push(await measure(engine, load, images[index] as string, id));
  }
  return measured;
});
printFigures(`watched / unwatched, median of ${flags.rounds} pairs`, figures);
await cleanUp();

async function measure(engine: Engine, load: Load, image: string, session: string): Promise<Figure> {
  const container = await engine.createContainer({
    workload: plainWorkload(load.recipe.name, image),
    name: `petrify-bench-${load.recipe.name}-${session}`,
    session,
    readOnlyRoot: false,
    tmpfs: {},
    volumes: [],
    binds: [],
    publishPorts: false,
    autoRemove: false,
  });
  try {
    await container.start();
    await ready(container, load);
    const watched: Run[] = [];
    const unwatched: Run[] = [];
    const total = { seen: 0, lost: 0 };
    for (let round = 0; round < Number(flags.rounds); round++) {
      // The order changes, so that a slow drift of the machine does not favour one of them.
      const order = round % 2 === 0 ? (["watched", "unwatched"] as const) : (["unwatched", "watched"] as const);
      for (const how of order)
        if (how === "unwatched") unwatched.push(await run(container, load));
        else watched.push(await underSensor(container, load, total));
    }
    const of = (runs: readonly Run[], key: keyof Run): number => median(runs.map((one) => one[key]));
    const pairs = (key: keyof Run): number => median(watched.map((one, i) => one[key] / (unwatched[i]?.[key] ?? NaN)));
    return {
      name: load.name,
      unit: load.unit,
      value: of(watched, "perSecond"),
      baseline: of(unwatched, "perSecond"),
      ratio: pairs("perSecond"),
      budget: ">= 0.95",
      note: `CPU time per operation x ${pairs("cpuNs").toFixed(3)}; ${total.seen} events, ${total.lost} lost`,
    };
  } finally {
    await container.remove();
  }
}

interface Run {
  readonly perSecond: number;
  /** CPU time of the whole container per operation. On a busy machine it says more than throughput. */
  readonly cpuNs: number;
}

async function underSensor(
  container: ContainerHandle,
  load: Load,
  total: { seen: number; lost: number },
): Promise<Run> {
  await using sensor = await openSensor({ onEvents: () => {} });
  await sensor.arm({ id: container.id });
  const result = await run(container, load);
  await sensor.disarm(container.id);
  total.seen += sensor.delivered;
  const loss = await sensor.loss();
  for (const counter of Object.keys(NO_LOSS)) total.lost += loss[counter as keyof typeof NO_LOSS];
  return result;
}

async function run(container: ContainerHandle, load: Load): Promise<Run> {
  const { pid } = await container.state();
  const cpuBefore = cpuTimeNs(pid);
  const { stdout, stderr, exitCode } = await container.exec(["/bin/sh", "-c", load.command(Number(flags.seconds))]);
  const cpuNs = cpuTimeNs(pid) - cpuBefore;
  const [perSecond, operations] = [load.throughput, load.operations].map((pattern) =>
    Number(pattern.exec(stdout)?.[1]),
  );
  if (exitCode !== 0 || !perSecond || !operations) throw new Error(`${load.name}: no figures in ${stdout}${stderr}`);
  return { perSecond, cpuNs: cpuNs / operations };
}

/** Until the load generator itself gets through: the first round must not pay for the start. */
async function ready(container: ContainerHandle, load: Load): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const command = attempt === 0 ? "sleep 1; true" : "sleep 0.5; true";
    await container.exec(["/bin/sh", "-c", command]);
    const { exitCode, stderr } = await container.exec(["/bin/sh", "-c", load.prepare ?? load.command(1)]);
    if (exitCode === 0) break;
    if (attempt === 20) throw new Error(`${load.name} does not start: ${stderr}`);
  }
}
