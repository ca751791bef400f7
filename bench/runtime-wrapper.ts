// Time of a container's whole life (create, start, wait, remove) on dockerd: the runtime wrapper against runc alone, in pairs.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { useEngine } from "../src/engine/embedded/lifecycle.ts";
import { defaultCacheDir } from "../src/engine/embedded/layout.ts";
import { bundle } from "../scripts/bundle.ts";
import { busyboxTar, dockerHttp, dockerJson } from "../test/support/docker-http.ts";
import { busyboxPath } from "../test/support/private-engine.ts";
import { wrappedDockerd, writePolicy } from "../test/support/wrapped-engines.ts";
import { median, printFigures } from "./support/report.ts";

const ROUNDS = 40;
const IMAGE = "bench:1";

const folder = join(tmpdir(), `petrify-bench-wrapper-${process.pid}`);
mkdirSync(folder, { mode: 0o711 });
symlinkSync(join(defaultCacheDir(), "packages"), join(folder, "packages"));
// As it is shipped.
await bundle(join(folder, "dist"));
const use = await useEngine(folder, {}, wrappedDockerd(join(folder, "dist/runtime-wrapper.cjs")));
try {
  const { socketPath } = use.layout;
  writePolicy(dirname(socketPath));
  const changes = encodeURIComponent("ENV PATH=/bin");
  const tar = busyboxTar(await busyboxPath());
  await dockerHttp(socketPath, "POST", `/images/create?fromSrc=-&repo=bench&tag=1&changes=${changes}`, tar);
  const times: Record<"plain" | "petrify", number[]> = { plain: [], petrify: [] };
  for (let round = 0; round < ROUNDS + 2; round++)
    for (const runtime of round % 2 === 0 ? (["plain", "petrify"] as const) : (["petrify", "plain"] as const)) {
      const ms = await life(socketPath, runtime);
      // The first ones compile, and read the policy.
      if (round > 1) times[runtime].push(ms);
    }
  const ratios = times.petrify.map((ms, index) => ms / (times.plain[index] ?? Number.NaN));
  const added = times.petrify.map((ms, index) => ms - (times.plain[index] ?? Number.NaN));
  printFigures(`a container's life on dockerd, median of ${ROUNDS}`, [
    {
      name: "runtime wrapper, to runc",
      unit: "ms",
      value: median(times.petrify),
      baseline: median(times.plain),
      ratio: median(ratios),
      budget: "< 100 ms added",
      note: `${median(added).toFixed(0)} ms added`,
    },
  ]);
} finally {
  await use.release();
  rmSync(folder, { recursive: true, force: true });
}

async function life(socketPath: string, Runtime: string): Promise<number> {
  const started = performance.now();
  const body = { Image: IMAGE, Cmd: ["true"], HostConfig: { Runtime, NetworkMode: "none" } };
  const { Id } = await dockerJson<{ Id: string }>(socketPath, "POST", "/containers/create", body);
  await dockerJson(socketPath, "POST", `/containers/${Id}/start`);
  await dockerJson(socketPath, "POST", `/containers/${Id}/wait`);
  await dockerJson(socketPath, "DELETE", `/containers/${Id}`);
  return performance.now() - started;
}
