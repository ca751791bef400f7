import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assetPath } from "../../src/assets.ts";
import { DOCKERD } from "../../src/engine/embedded/dockerd.ts";
import type { Layout } from "../../src/engine/embedded/layout.ts";
import type { EngineProgram, Launch } from "../../src/engine/embedded/program.ts";
import { launcherScript } from "../../src/guard/runtime-wrapper/launcher.ts";
import type { WrapperSettings } from "../../src/guard/runtime-wrapper/settings.ts";
import { PODMAN } from "./podman-program.ts";

/** Gives an engine's wrapper another policy: one named house, enforced unless the lines begin with another mode, with more lines of the file. */
export function writePolicy(runDir: string, more = ""): void {
  const mode = more.startsWith("mode: ") ? "" : "mode: enforce\n";
  const head = `apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata:\n  name: house\n${mode}`;
  writeFileSync(policyFileOf(runDir), head + more);
}

/** The file that the wrapper reads. */
export function policyFileOf(runDir: string): string {
  return join(runDir, "policy.yaml");
}

/** Where the wrapper writes its decisions. */
export function logFileOf(runDir: string): string {
  return join(runDir, "decisions.log");
}

/** dockerd with the wrapper in front of runc as its default runtime, and runc itself as `plain`. */
export const WRAPPED_DOCKERD = wrappedDockerd(assetPath("runtime-wrapper.cjs"));

/** The same with another build of the wrapper. */
export function wrappedDockerd(entry: string): EngineProgram {
  return { packages: DOCKERD.packages, prepare: (...all) => prepareDockerd(entry, ...all) };
}

function prepareDockerd(entry: string, ...[layout, packages, proxy]: Parameters<EngineProgram["prepare"]>): Launch {
  const launch = DOCKERD.prepare(layout, packages, proxy);
  const file = launch.args.at(-1) ?? "";
  const config = JSON.parse(readFileSync(file, "utf8")) as { readonly runtimes: object };
  const runtime = join(packages.root, "usr/sbin/runc");
  const path = writeLauncher(
    layout,
    "runc",
    runtime,
    {
      engine: "docker",
      dockerRoot: layout.dataDir,
      enginePaths: [layout.dataDir, layout.runDir],
    },
    entry,
  );
  const runtimes = { ...config.runtimes, petrify: { path }, plain: { path: runtime } };
  writeFileSync(file, JSON.stringify({ ...config, runtimes, "default-runtime": "petrify" }));
  return launch;
}

/** Podman with the wrapper in place of crun. */
export const WRAPPED_PODMAN: EngineProgram = {
  packages: PODMAN.packages,
  prepare(layout, packages, proxy) {
    const launch = PODMAN.prepare(layout, packages, proxy);
    const path = writeLauncher(layout, "crun", "/usr/bin/crun", { engine: "podman" });
    const file = join(layout.runDir, "containers/containers.conf");
    writeFileSync(file, `${readFileSync(file, "utf8")}[engine.runtimes]\ncrun = [${JSON.stringify(path)}]\n`);
    return launch;
  },
};

function writeLauncher(
  { runDir }: Layout,
  name: string,
  runtime: string,
  settings: Pick<WrapperSettings, "engine" | "dockerRoot" | "enginePaths">,
  entry = assetPath("runtime-wrapper.cjs"),
): string {
  const folder = join(runDir, "wrapper");
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const paths = {
    runtime,
    node: process.execPath,
    entry,
    settings: join(folder, "settings.json"),
  };
  const policyFile = policyFileOf(runDir);
  const all: WrapperSettings = {
    ...settings,
    policyFile,
    sinceMs: Date.now(),
    cacheDir: join(folder, "policy"),
    logFile: logFileOf(runDir),
  };
  writeFileSync(paths.settings, JSON.stringify(all));
  const launcher = join(folder, name);
  writeFileSync(launcher, launcherScript(paths));
  chmodSync(launcher, 0o755);
  return launcher;
}
