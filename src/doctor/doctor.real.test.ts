import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startChild } from "../../test/support/child.ts";
import { busyboxTar, dockerHttp, dockerJson } from "../../test/support/docker-http.ts";
import { type PrivateEngine, startPrivateEngine } from "../../test/support/private-engine.ts";
import { scratchCache } from "../../test/support/scratch-cache.ts";
import { isAlive, identify } from "../engine/identity.ts";
import { layoutOf } from "../engine/embedded/layout.ts";
import { DOCKERD } from "../engine/embedded/dockerd.ts";
import { useEngine } from "../engine/embedded/lifecycle.ts";
import { unpackPackages } from "../engine/embedded/packages.ts";
import { addUse } from "../engine/embedded/state.ts";
import { engineCgroups, engineProcesses } from "../engine/embedded/teardown.ts";
import { newSessionId, sessionAlive } from "../engine/sessions.ts";
import { clean } from "./clean.ts";
import { examine } from "./examine.ts";

let engine: PrivateEngine;
beforeAll(async () => {
  engine = await startPrivateEngine();
  const { root } = await unpackPackages(DOCKERD.packages, layoutOf(engine.cacheDir).packagesDir);
  const tar = busyboxTar(join(root, "bin/busybox"));
  await dockerHttp(engine.socketPath, "POST", "/images/create?fromSrc=-&repo=busybox&tag=doctor", tar);
});
afterAll(() => engine.stop());
const host = (): { host: string } => ({ host: `unix://${engine.socketPath}` });

/** A session whose process has ended. */
async function deadSession(): Promise<string> {
  const code = `import("${join(import.meta.dirname, "../engine/sessions.ts")}").then((m) => console.log(m.newSessionId()))`;
  const child = startChild(process.execPath, ["--eval", code]);
  const session = await child.firstLine;
  await child.ended;
  expect(sessionAlive(session)).toBe(false);
  return session;
}
async function container(name: string, labels: Record<string, string>): Promise<void> {
  const body = { Image: "busybox:doctor", Cmd: ["sleep", "1000"], Labels: labels };
  const { Id } = await dockerJson<{ Id: string }>(engine.socketPath, "POST", `/containers/create?name=${name}`, body);
  await dockerJson(engine.socketPath, "POST", `/containers/${Id}/start`);
}
async function volume(name: string, session?: string): Promise<void> {
  const labels = session === undefined ? {} : { "petrify.session": session };
  await dockerJson(engine.socketPath, "POST", "/volumes/create", { Name: name, Labels: labels });
}
async function exists(path: string): Promise<boolean> {
  return (await dockerHttp(engine.socketPath, "GET", path)).status === 200;
}

test("an engine is examined by what its containers see, and nothing stays on it", async () => {
  const { findings } = await examine(host());
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  expect(byId.get("store")).toMatchObject({ status: "ok", found: "overlay2: layers are read on disk" });
  expect(byId.get("engine")).toMatchObject({ status: "ok", found: expect.stringMatching(/runtime runc/) as string });
  // runc 1.1.5 of Debian 12; newer ones hold what they were asked.
  const runc = byId.get("tmpfs.runc");
  expect(runc?.found).toMatch(/^(mode= is ignored on directories that the image has|mode=, uid= and gid= hold)$/);
  const toDo = findings.filter(({ status }) => status !== "ok").map(({ action }) => action);
  expect(toDo).toEqual(toDo.map(() => expect.stringMatching(/\.$/) as string));
  expect(await exists("/images/petrify-doctor:probe/json")).toBe(false);
  const left = await dockerJson<unknown[]>(
    engine.socketPath,
    "GET",
    '/containers/json?all=1&filters={"name":["petrify-doctor"]}',
  );
  expect(left).toEqual([]);
});

test("the embedded engine is examined as another one; crun holds the mode where runc may not", async () => {
  const cache = scratchCache();
  vi.stubEnv("PETRIFY_CACHE", cache.directory);
  try {
    await unpackPackages(DOCKERD.packages, join(cache.directory, "packages"));
    const { findings } = await examine({ host: "embedded" });
    for (const id of ["overlay", "store", "tmpfs.crun"])
      expect(findings.filter((finding) => finding.id === id)).toMatchObject([{ status: "ok" }]);
    expect(engineProcesses(layoutOf(cache.directory))).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    cache.remove();
  }
});

test("an engine that was named and does not answer fails the examination", async () => {
  const { findings } = await examine({ host: "unix:///nowhere/docker.sock" });
  expect(findings.filter(({ id }) => id.startsWith("engine"))).toMatchObject([{ id: "engine.open", status: "fail" }]);
});

test("clean removes what dead sessions left, and nothing else", async () => {
  const [dead, alive] = [await deadSession(), newSessionId()];
  await container("left-by-the-dead", { "petrify.session": dead });
  await container("of-the-living", { "petrify.session": alive });
  await container("of-the-user", {});
  await Promise.all([volume("dead-volume", dead), volume("living-volume", alive), volume("user-volume")]);
  const directories = [dead, alive].map((session) => mkdtempSync(join(tmpdir(), `petrify-${session}-`)));
  const foreign = join(tmpdir(), "petrify-notes-of-the-user");
  mkdirSync(foreign);
  try {
    const report = await clean(host());
    expect(report.failed).toEqual([]);
    expect(report.removed).toEqual(
      expect.arrayContaining(["container left-by-the-dead", "volume dead-volume", `directory ${directories[0]}`]),
    );
    expect(await exists("/containers/left-by-the-dead/json")).toBe(false);
    expect(await exists("/volumes/dead-volume")).toBe(false);
    for (const name of ["of-the-living", "of-the-user"]) expect(await exists(`/containers/${name}/json`)).toBe(true);
    for (const name of ["living-volume", "user-volume"]) expect(await exists(`/volumes/${name}`)).toBe(true);
    expect([...directories, foreign].map((directory) => existsSync(directory))).toEqual([false, true, true]);
  } finally {
    for (const name of ["of-the-living", "of-the-user"])
      await dockerHttp(engine.socketPath, "DELETE", `/containers/${name}?force=1`);
    for (const name of ["living-volume", "user-volume"])
      await dockerHttp(engine.socketPath, "DELETE", `/volumes/${name}`);
    for (const directory of [...directories, foreign]) rmSync(directory, { recursive: true, force: true });
  }
});

test("clean removes the embedded engine of a killed process, and leaves one that is used", async () => {
  const [abandoned, used] = [scratchCache(), scratchCache()];
  const use = await useEngine(used.directory);
  const script = join(import.meta.dirname, "../../test/support/engine-user.ts");
  const victim = startChild(process.execPath, [script, abandoned.directory]);
  const { pid } = JSON.parse(await victim.firstLine) as { pid: number };
  const daemon = identify(pid);
  victim.kill("SIGKILL");
  await victim.ended;
  expect(daemon !== undefined && isAlive(daemon)).toBe(true);

  const { removed } = await clean(host());
  const layout = layoutOf(abandoned.directory);
  expect(removed).toContain(`run directory ${layout.runDir}`);
  expect(daemon !== undefined && isAlive(daemon)).toBe(false);
  expect({
    processes: engineProcesses(layout),
    cgroups: engineCgroups(layout),
    runDir: existsSync(layout.runDir),
  }).toEqual({
    processes: [],
    cgroups: [],
    runDir: false,
  });
  expect(isAlive(use.daemon)).toBe(true);
  await use.release();
  abandoned.remove();
  used.remove();
});

test("clean is not troubled by the engine of a petrify that is just starting or ending it", async () => {
  const cache = scratchCache();
  const layout = layoutOf(cache.directory);
  addUse(layout, 1);
  try {
    const report = await clean(host());
    expect(report.failed.filter((reason) => reason.includes(layout.runDir))).toEqual([]);
    expect(existsSync(layout.usersDir)).toBe(true);
  } finally {
    rmSync(layout.runDir, { recursive: true });
    cache.remove();
  }
});
