import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { type Figure, median } from "../support/report.ts";
import { cpuMs, inTurns, medianOf, type Side } from "./sides.ts";

export interface BulkOptions {
  readonly folder: string;
  readonly image: string;
  readonly megabytes: number;
  readonly rounds: number;
  readonly docker: (socketPath: string, args: readonly string[]) => void;
}

/** Seconds of the docker command for the same bytes: the ratio is of throughputs, median of the pairs. */
export async function bulk(sides: readonly Side[], options: BulkOptions): Promise<readonly Figure[]> {
  const { folder, image, megabytes, rounds, docker } = options;
  const [direct, guard] = sides as readonly [Side, Side];
  writeFileSync(join(folder, "data"), randomBytes(megabytes * 1024 * 1024));
  const context = mkdtempSync(join(folder, "context-"));
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY ballast /\n");
  writeFileSync(join(context, "ballast"), readFileSync(join(folder, "data")));
  const container = ["--name", "bench-proxy", "--network", "none", "--read-only", "-v", "/data"];
  docker(direct.socketPath, ["run", "-d", ...container, image, "sleep", "100000"]);
  docker(direct.socketPath, ["cp", "data", "bench-proxy:/data"]);
  docker(direct.socketPath, ["build", "-q", "-t", "bench-proxy:big", context]);
  docker(direct.socketPath, ["save", "-o", "big.tar", "bench-proxy:big"]);
  const works: readonly (readonly [string, readonly string[]])[] = [
    ["cp into a container", ["cp", "data", "bench-proxy:/data"]],
    ["cp out of a container", ["cp", "bench-proxy:/data/data", "copied"]],
    ["save", ["save", "-o", "saved.tar", "bench-proxy:big"]],
    ["load", ["load", "-q", "-i", "big.tar"]],
    ["build, its context", ["build", "-q", "--no-cache", context]],
  ];
  try {
    const figures: Figure[] = [];
    for (const [name, args] of works) {
      const before = cpuMs(guard.pid ?? 0);
      const times = await inTurns(rounds, [direct, guard], ({ socketPath }) => docker(socketPath, args));
      const cpu = (cpuMs(guard.pid ?? 0) - before) / ((rounds + 1) * megabytes);
      figures.push({
        name: `${name}, ${megabytes} MiB`,
        unit: "MiB/s",
        value: megabytes / (medianOf(times, "guard") / 1000),
        baseline: megabytes / (medianOf(times, "direct") / 1000),
        ratio: median(times.map((time) => (time.direct ?? Number.NaN) / (time.guard ?? Number.NaN))),
        budget: ">= 0.95",
        note: `processor ${cpu.toFixed(2)} ms for 1 MiB`,
      });
    }
    return figures;
  } finally {
    docker(direct.socketPath, ["rm", "-fv", "bench-proxy"]);
    docker(direct.socketPath, ["rmi", "bench-proxy:big"]);
  }
}
