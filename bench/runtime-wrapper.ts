// The runtime wrapper against runc alone, in pairs: time of a container's whole life (create, start, wait, remove) on dockerd, and
// processor time of one call.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { DOCKERD } from "../src/engine/embedded/dockerd.ts";
import { unpackPackages } from "../src/engine/embedded/packages.ts";
import { launcherScript } from "../src/guard/runtime-wrapper/launcher.ts";
import { useEngine } from "../src/engine/embedded/lifecycle.ts";
import { defaultCacheDir } from "../src/engine/embedded/layout.ts";
import { bundle } from "../scripts/bundle.ts";
import { busyboxTar, dockerHttp, dockerJson } from "../test/support/docker-http.ts";
import { busyboxPath } from "../test/support/private-engine.ts";
import { wrappedDockerd, writePolicy } from "../test/support/wrapped-engines.ts";
import { type Figure, median, printFigures } from "./support/report.ts";

const ROUNDS = 40;
const IMAGE = "bench:1";

const folder = join(tmpdir(), `petrify-bench-wrapper-${process.pid}`);
mkdirSync(folder, { mode: 0o711 });
symlinkSync(join(defaultCacheDir(), "packages"), join(folder, "packages"));
// As it is shipped.
const ENTRY = join(folder, "dist/runtime-wrapper.cjs");
await bundle(join(folder, "dist"));
const use = await useEngine(folder, {}, wrappedDockerd(ENTRY));
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
  const { root } = await unpackPackages(DOCKERD.packages, use.layout.packagesDir);
  printFigures(
    `processor time of one call, median of ${ROUNDS}`,
    callFigures(dirname(socketPath), join(root, "usr/sbin/runc")),
  );
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

/** In a container's way stand a shell, Node's own start and the judgement; runc itself is measured by a container that does nothing. */
function callFigures(runDir: string, runc: string): readonly Figure[] {
  const bundleDir = join(folder, "bundle");
  mkdirSync(join(bundleDir, "rootfs"), { recursive: true });
  spawnSync(runc, ["spec"], { cwd: bundleDir });
  const config = readFileSync(join(bundleDir, "config.json"), "utf8").replace('"readonly": true', '"readonly": false');
  const launcher = join(folder, "launcher");
  const settings = join(runDir, "wrapper/settings.json");
  writeFileSync(launcher, launcherScript({ runtime: "/bin/true", node: process.execPath, entry: ENTRY, settings }));
  chmodSync(launcher, 0o755);
  const calls = {
    wrapper: [launcher, "create", "--bundle", bundleDir, "bench"],
    node: [process.execPath, "-e", "0"],
    // It makes all of the container and fails at the last step, as there is no program in its root.
    runc: [runc, "--root", join(folder, "runc"), "run", "--bundle", bundleDir, "bench"],
  };
  const times: Record<keyof typeof calls, number[]> = { wrapper: [], node: [], runc: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const name of ["wrapper", "node", "runc"] as const) {
      writeFileSync(
        join(bundleDir, "config.json"),
        name === "runc" ? config.replace('"terminal": true', '"terminal": false') : config,
      );
      times[name].push(processorMs(calls[name]));
    }
  const { wrapper, node, runc: own } = times;
  const value = median(wrapper);
  const unit = "ms";
  return [
    {
      name: "wrapper, to an empty Node",
      unit,
      value,
      baseline: median(node),
      ratio: ratioOf(wrapper, node),
      budget: "< 1.7",
    },
    {
      name: "wrapper, to runc's own",
      unit,
      value,
      baseline: median(own),
      ratio: ratioOf(wrapper, own),
      budget: "none",
    },
  ];
}

function ratioOf(values: readonly number[], baselines: readonly number[]): number {
  return median(values.map((value, index) => value / (baselines[index] ?? Number.NaN)));
}

/** User and system time of a command and all that it waited for, as bash tells it: dash counts in ticks of 10 ms. */
function processorMs(words: readonly string[]): number {
  const script = 'TIMEFORMAT="%3U %3S"; { time "$@" > /dev/null 2>&1 < /dev/null; } 2>&1';
  const { stdout } = spawnSync("/bin/bash", ["-c", script, "bash", ...words], {
    encoding: "utf8",
    env: { LC_ALL: "C" },
  });
  return stdout
    .trim()
    .split(" ")
    .reduce((sum, seconds) => sum + Number(seconds) * 1000, 0);
}
