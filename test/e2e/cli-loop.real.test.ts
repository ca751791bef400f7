import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Verdict } from "../../src/model/verdict.ts";
import { formatStrategy, parseStrategy } from "../../src/strategy/file.ts";
import { type CliResult, petrify } from "../support/cli.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

/** State that is read back after a restart, a log, a pid file, a declared volume, a file that passes beside a shipped one: by root, and by a user of the image. */
const WRITES =
  "cat /srv/app/state 2>/dev/null; echo state >> /srv/app/state; echo started >> /var/log/app/log; echo 1 > /run/app/pid; echo c > /cache/c; cat /etc/app/conf && echo t > /etc/app/new && rm /etc/app/new";
const ARRANGE =
  "mkdir -p srv/app var/log/app run/app cache etc/app && echo conf > etc/app/conf && chown -R 1000:1000 srv/app var/log/app run/app cache etc/app";
const IMAGES = [
  { name: "petrify-loop-root", changes: [] },
  { name: "petrify-loop-user", changes: ["USER 1000:1000"] },
] as const;

const folder = mkdtempSync(join(tmpdir(), "cli-loop-test-"));
let engine: PrivateEngine;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  engine = await startPrivateEngine();
  env = { PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined };
  await importImages(
    engine.cacheDir,
    IMAGES.map(({ name, changes }) => ({
      reference: `${name}:1`,
      arrange: ARRANGE,
      changes: [service(WRITES), "VOLUME /cache", ...changes],
    })),
  );
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

function petrifyIn(cwd: string, ...args: string[]): CliResult {
  return petrify(args, { env, cwd });
}
const learn = (cwd: string, name: string, ...options: string[]): CliResult =>
  petrifyIn(cwd, "learn", "--host", "embedded", "--exec", "cat /srv/app/state", ...options, `${name}:1`);
const verify = (cwd: string, ...args: string[]): CliResult =>
  petrifyIn(cwd, "verify", "--host", "embedded", "--json", ...args);
const withoutHash = (text: string): string => text.replace(/sha256: .*/, "");
const read = (...path: string[]): string => readFileSync(join(folder, ...path), "utf8");

describe.each(IMAGES)("$name", ({ name }) => {
  const file = `${name}.strategy.yaml`;
  const own = join(folder, name);
  const at = (changed: string): string => join(own, changed);
  let learned: string;

  beforeAll(() => {
    mkdirSync(own);
    const { exitCode, stderr } = learn(own, name, "--record", "run.ndjson", "--report", "learned.html");
    if (exitCode !== 0) throw new Error(stderr);
    learned = read(name, file);
  });

  test("what was learned is what the workload needs, and nothing wider", () => {
    const { entries } = parseStrategy(learned, file);
    const kinds = Object.fromEntries(entries.map(({ path, kind }) => [path, kind]));
    expect(kinds).toEqual({
      "/cache": "volume",
      "/etc/app": "seeded",
      "/run/app": "tmpfs",
      "/srv/app": "volume",
      "/var/log/app": "tmpfs",
    });
  });

  test("the report shows each decision, when each path was first tried, and what is not proven yet", () => {
    const report = read(name, "learned.html");
    for (const { path, why } of parseStrategy(learned, file).entries) {
      expect(report).toContain(`<code>${path}</code>`);
      expect(report).toContain(why.replaceAll("'", "&#39;"));
    }
    expect(report).toContain("Not verified yet");
    expect(report).toMatch(/<h5>First run <span>\d+ new paths in/);
  });

  test("the strategy names its profile's SHA-256, and learning again gives the same bytes", () => {
    const sum = execFileSync("sha256sum", [at(`${name}.profile.ndjson.zst`)], { encoding: "utf8" }).slice(0, 64);
    expect(parseStrategy(learned, file).profile.sha256).toBe(sum);
    const again = join(own, "again");
    mkdirSync(again);
    expect(learn(again, name).exitCode).toBe(0);

    expect(withoutHash(read(name, "again", file))).toBe(withoutHash(learned));
    expect(learn(own, name)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Unchanged:") as string });
    expect(read(name, file)).toBe(learned);
  });

  test.for([`${name}.profile.ndjson.zst`, "run.ndjson"])(
    "%s gives the same bytes again, without an engine",
    (source) => {
      const out = join(own, `from-${source}`);
      const nobody = { env: { ...env, DOCKER_HOST: "unix:///nonexistent" } };
      const derived = petrify(["learn", "--from", at(source), "--out", out], nobody);
      expect(derived).toMatchObject({ exitCode: 0, stderr: "" });
      expect(readFileSync(join(out, file), "utf8")).toBe(learned);
    },
  );

  test("verify passes, and --minimal says of each mount what it is needed for; a needless one goes", () => {
    const strategy = parseStrategy(learned, file);
    const needless = {
      kind: "tmpfs",
      path: "/opt",
      sizeBytes: 2 ** 24,
      mode: 0o755,
      uid: 0,
      gid: 0,
      exec: false,
      why: "By hand.",
    } as const;
    const entries = [...strategy.entries, needless].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    writeFileSync(at("wide.yaml"), formatStrategy({ ...strategy, entries }));
    const { exitCode, stdout } = verify(own, "--minimal", "wide.yaml", "--report", "verified.html");
    expect(exitCode).toBe(0);
    const verdict = JSON.parse(stdout) as Verdict;
    expect(verdict.outcome).toBe("passed");
    expect(read(name, "verified.html")).toContain("Verified: works read-only");
    expect(Object.fromEntries((verdict.minimal ?? []).map(({ path, needed }) => [path, needed]))).toEqual(
      Object.fromEntries(entries.map(({ path }) => [path, path !== "/opt"])),
    );
    for (const { path, needed, evidence } of verdict.minimal ?? [])
      expect(evidence).toMatch(needed ? new RegExp(` ${path}/.*EROFS`) : /^everything works/);
    const reduced = parseStrategy(read(name, "wide.yaml"), "wide.yaml");
    expect(reduced.entries).toEqual(strategy.entries);
    expect(reduced.verifiedOn).toHaveLength(1);
  });

  // The engine would make a declared VOLUME, /cache, writable by itself: without an entry verify mounts it read-only.
  test.for(["/cache", "/etc/app", "/run/app", "/srv/app", "/var/log/app"])(
    "without %s verify names process, path, errno and the fix",
    (path) => {
      const strategy = parseStrategy(learned, file);
      const entries = strategy.entries.filter((entry) => entry.path !== path);
      expect(entries).toHaveLength(strategy.entries.length - 1);
      writeFileSync(at("narrow.yaml"), formatStrategy({ ...strategy, entries }));
      const { exitCode, stdout } = verify(own, "narrow.yaml");
      expect(exitCode).toBe(2);
      const { outcome, regressions } = JSON.parse(stdout) as Verdict;
      expect(outcome).toBe("failed");
      const denied = regressions.find(({ kind }) => kind === "operation");
      expect(denied).toMatchObject({ errno: "EROFS", fix: expect.stringContaining(path) as string });
      expect(JSON.stringify(denied)).toContain("/bin/");
      expect(read(name, "narrow.yaml")).toBe(formatStrategy({ ...strategy, entries }));
    },
  );

  test("it is exported for docker and Compose", () => {
    const docker = petrifyIn(own, "export", file, "--to", "docker");
    expect(docker).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("--read-only") as string });
    expect(docker.stdout).toContain("--tmpfs /run/app:");
    const compose = petrifyIn(own, "export", file, "--to", "compose");
    expect(compose).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("read_only: true") as string });
    expect(compose.stdout).toContain(":/srv/app");
  });
});

test("a volume that is given read-only is the user's own in every run, and no mount that --minimal takes away", () => {
  const image = "petrify-loop-root:1";
  const fill = ["--rm", "-v", "conf:/conf", image, "sh", "-c", "echo set > /conf/option"];
  expect(petrifyIn(folder, "run", "--host", "embedded", ...fill)).toMatchObject({ exitCode: 0 });
  const given = ["--name", "configured", "-v", "conf:/conf:ro", "--exec", "grep set /conf/option"];
  expect(petrifyIn(folder, "learn", "--host", "embedded", ...given, image)).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = verify(folder, "--minimal", "configured.strategy.yaml");
  expect(exitCode).toBe(0);
  expect((JSON.parse(stdout) as Verdict).minimal?.map(({ path }) => path)).toEqual(
    expect.not.arrayContaining(["/conf"]),
  );
});
