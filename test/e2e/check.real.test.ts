import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type CliResult, petrify, ROOT } from "../support/cli.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

const WRITES = "echo 1 > /run/app/pid; echo state >> /srv/app/state";
const ARRANGE = "mkdir -p srv/app run/app app";
const DOCKERFILE = `FROM busybox
RUN mkdir -p /srv/app /run/app
WORKDIR /app
CMD ["sh", "-c", "service"]
`;

const repository = mkdtempSync(join(tmpdir(), "petrify-check-test-"));
let engine: PrivateEngine;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  engine = await startPrivateEngine();
  env = { PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined, GITHUB_ACTIONS: undefined };
  await importImages(engine.cacheDir, [
    { reference: "petrify-check:1", arrange: ARRANGE, changes: [service(WRITES)] },
    {
      reference: "petrify-check:pr",
      arrange: ARRANGE,
      changes: [service(`${WRITES}; mkdir -p /app/.cache; echo c > /app/.cache/entry`)],
    },
  ]);
  writeFileSync(join(repository, "Dockerfile"), DOCKERFILE);
  const learned = run("learn", "--host", "embedded", "--exec", "cat /srv/app/state", "petrify-check:1");
  if (learned.exitCode !== 0) throw new Error(learned.stderr);
});
afterAll(async () => {
  await engine.stop();
  rmSync(repository, { recursive: true });
});

function run(...args: string[]): CliResult {
  return petrify(args, { env, cwd: repository });
}
const check = (...args: string[]): CliResult => run("check", "--host", "embedded", ...args);
const strategy = (): string => readFileSync(join(repository, "petrify-check.strategy.yaml"), "utf8");

test("the image that was learned passes, and no file changes", () => {
  const before = strategy();
  const { exitCode, stdout } = check("petrify-check:1");
  expect(stdout).toContain("check passed: petrify-check:1 against petrify-check.strategy.yaml");
  expect(exitCode).toBe(0);
  expect(strategy()).toBe(before);
});

test("a new write fails it, named with its path and process in the first lines", () => {
  const { exitCode, stdout } = check("petrify-check:pr", "--report", "pr.html");
  expect(exitCode).toBe(2);
  const [first, second] = stdout.split("\n");
  expect(first).toBe("check failed: petrify-check:pr against petrify-check.strategy.yaml: 2 new writes");
  expect(second).toMatch(/^new write: \/app\/\.cache by sh/);
  expect(stdout).toContain("/app/.cache/entry");
  expect(stdout).toContain("petrify learn petrify-check:pr");
  expect(readFileSync(join(repository, "pr.html"), "utf8")).toContain("2 new writes");
});

describe("in GitHub Actions", () => {
  test("each new write is an annotation at the Dockerfile's line, and the summary has them all", () => {
    const summary = join(repository, "summary.md");
    const args = ["check", "--host", "embedded", "petrify-check:pr", "--json"];
    const { exitCode, stdout, stderr } = petrify(args, {
      cwd: repository,
      env: { ...env, GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary },
    });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "failed",
      newWrites: [{ path: "/app/.cache" }, { path: "/app/.cache/entry" }],
      verdict: { outcome: "failed" },
    });
    expect(stderr).toMatch(/^::error file=Dockerfile,line=3,title=petrify check::new write: \/app\/\.cache by /m);
    expect(readFileSync(summary, "utf8")).toContain("| <code>/app/.cache/entry</code> |");
  });

  test("the example workflow's check step does it", () => {
    const workflow = parse(readFileSync(join(ROOT, "examples/ci/github-actions.yml"), "utf8")) as {
      jobs: { check: { steps: { name?: string; run?: string }[] } };
    };
    const step = workflow.jobs.check.steps.find(({ name }) => name === "check")?.run ?? "";
    const bin = join(repository, "bin");
    mkdirSync(bin);
    symlinkSync(join(ROOT, "bin/petrify"), join(bin, "petrify"));
    // A runner's user becomes root by it; the test is root.
    writeFileSync(join(bin, "sudo"), '#!/bin/sh\nshift; exec "$@"\n', { mode: 0o755 });
    writeFileSync(join(repository, "shop.strategy.yaml"), strategy());
    const { status, stdout } = spawnSync("bash", ["-e", "-c", step], {
      cwd: repository,
      encoding: "utf8",
      env: {
        ...process.env,
        ...env,
        PETRIFY_NODE: process.execPath,
        PATH: `${bin}:${process.env["PATH"]}`,
        IMAGE: "petrify-check:1",
      },
    });
    expect(stdout).toContain("check passed");
    expect(status).toBe(0);
  });
});

test("without a strategy it says how to get one", () => {
  expect(check("petrify-absent:1")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /petrify-absent\.strategy\.yaml does not exist.*\[E_STRATEGY_NOT_FOUND\]\nhint: .*learn/s,
    ) as string,
  });
});
