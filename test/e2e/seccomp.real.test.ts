import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProfile } from "../../src/learn/profile-file.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { petrify } from "../support/cli.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";

const NAME = "petrify-seccomp";
const IMAGE = `${NAME}:1`;
/** Two calls that the profile may refuse, and writes that it does not. */
const WRITES =
  "mkdir /srv/refused; echo x > /srv/state; chmod 600 /srv/state; cat /srv/state; echo g > /srv/gone; rm /srv/gone; echo y > /etc/y";
const TEST = ["--exec", "cat /srv/state && grep -q '^Seccomp:.*2' /proc/self/status"];

const folder = mkdtempSync(join(tmpdir(), "seccomp-e2e-"));
let engine: PrivateEngine;

beforeAll(async () => {
  engine = await startPrivateEngine();
  await importImages(engine.cacheDir, [{ reference: IMAGE, changes: [service(WRITES)] }]);
  mkdirSync(join(folder, "cwd"));
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

/** A profile that refuses these calls with EPERM. */
function profile(file: string, ...names: string[]): void {
  const syscalls = [{ names, action: "SCMP_ACT_ERRNO", errnoRet: 1 }];
  writeFileSync(join(folder, "cwd", file), JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
}
function run(verb: string, ...args: string[]): ReturnType<typeof petrify> {
  return petrify([verb, "--host", `unix://${engine.socketPath}`, ...args], { cwd: join(folder, "cwd") });
}

const strategyFile = (out: string): string => join(folder, "cwd", out, `${NAME}.strategy.yaml`);

test.each(["bpf", "strace"])(
  "%s: what the user's profile refuses is no failure of the read-only root",
  async (sensor) => {
    profile("user.json", "mkdir", "mkdirat", "chmod", "fchmod", "fchmodat");
    const { exitCode, stderr } = run(
      "learn",
      ...TEST,
      "--sensor",
      sensor,
      "--out",
      sensor,
      "--security-opt",
      "seccomp=user.json",
      IMAGE,
    );
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const { records } = await readProfile(join(folder, "cwd", sensor, `${NAME}.profile.ndjson.zst`));
    expect(records.find(({ path }) => path === "/srv/refused")?.failed).toEqual([
      { operation: "mkdir", errno: "EPERM" },
    ]);
    const { workload } = parseStrategy(readFileSync(strategyFile(sensor), "utf8"), sensor);
    expect(workload.securityOpt).toEqual([`seccomp=${join(folder, "cwd/user.json")}`]);
    const verified = run("verify", strategyFile(sensor));
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("passed") as string });
  },
);

test("a profile that refuses more than when it was learned is named, and not the root", () => {
  profile("user.json", "mkdir", "mkdirat", "chmod", "fchmod", "fchmodat", "openat2", "unlink", "unlinkat");
  const { exitCode, stdout } = run("verify", strategyFile("bpf"));
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 2 });
  const text = stdout.replaceAll(/\s+/g, " ");
  expect(text).toContain("could not remove /srv/gone (unlink: EPERM)");
  expect(text).toContain(`the seccomp profile of the run (${join(folder, "cwd/user.json")})`);
});

test("run honours it", async () => {
  profile("user.json", "mkdir", "mkdirat");
  const args = ["run", "--host", `unix://${engine.socketPath}`, "--rm", "--name", "sealed"];
  const running = startPetrify(
    [...args, "--strategy", strategyFile("bpf"), "--security-opt", "seccomp=user.json", IMAGE],
    { cwd: join(folder, "cwd") },
  );
  expect(await running.shows("mkdir: can't create directory '/srv/refused': Operation not permitted")).toBe(true);
  await dockerHttp(engine.socketPath, "POST", "/containers/sealed/kill?signal=SIGTERM");
  expect(await running.ended).toMatchObject({ exitCode: 0 });
  for (const { Name } of (await dockerJson<{ Volumes: { Name: string }[] }>(engine.socketPath, "GET", "/volumes"))
    .Volumes)
    if (Name.startsWith("sealed")) await dockerHttp(engine.socketPath, "DELETE", `/volumes/${Name}`);
});

test("strace, which the profile does not let trace, is refused with the reason, and nothing is written", () => {
  profile("no-ptrace.json", "ptrace");
  const args = [...TEST, "--sensor", "strace", "--out", "traced", "--security-opt", "seccomp=./no-ptrace.json"];
  const { exitCode, stderr } = run("learn", ...args, IMAGE);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /strace was not allowed .*ptrace.*Operation not permitted.*\[E_SENSOR_UNAVAILABLE\]\nhint: .*seccomp/,
  );
  expect(readdirSync(join(folder, "cwd/traced"))).toEqual([]);
});

test("a container that exists tells the text of its profile; what was learned of it runs, and an export says what it needs", async () => {
  const text = JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [] });
  const body = { Image: IMAGE, HostConfig: { NetworkMode: "none", SecurityOpt: [`seccomp=${text}`] } };
  const { Id } = await dockerJson<{ Id: string }>(engine.socketPath, "POST", "/containers/create?name=shop", body);
  try {
    await dockerJson(engine.socketPath, "POST", `/containers/${Id}/start`);
    const learned = run("learn", "--container", "shop", "--for", "1s", "--out", "found");
    expect(learned).toMatchObject({ exitCode: 0 });
  } finally {
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
  }
  const file = join(folder, "cwd/found/shop.strategy.yaml");
  expect(parseStrategy(readFileSync(file, "utf8"), file).workload.securityOpt).toEqual([`seccomp=${text}`]);
  expect(run("verify", file).stderr).toContain("the container gets: a seccomp profile of its own");
  const exported = petrify(["export", file, "--to", "compose"]);
  expect(exported).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("[E_EXPORT_UNSUPPORTED]") as string });
});
