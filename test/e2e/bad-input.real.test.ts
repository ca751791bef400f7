import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { layoutOf } from "../../src/engine/embedded/layout.ts";
import { engineCgroups, engineProcesses } from "../../src/engine/embedded/teardown.ts";
import { readState } from "../../src/engine/embedded/state.ts";
import { type CliResult, petrify, ROOT } from "../support/cli.ts";
import { dockerJson } from "../support/docker-http.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";
import { scratchCache } from "../support/scratch-cache.ts";
import { sessionFolders } from "../support/leftovers.ts";

const IMAGE = "petrify-bad:1";
const DYING = "petrify-dying:1";
const folder = mkdtempSync(join(tmpdir(), "bad-input-test-"));
const learned = join(folder, "learned");
const NAME = "petrify-bad.strategy.yaml";
const PROFILE = "petrify-bad.profile.ndjson.zst";
let engine: PrivateEngine;
let env: NodeJS.ProcessEnv;
let before: unknown;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  engine = await startPrivateEngine();
  env = { PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined };
  await importImages(engine.cacheDir, [
    { reference: IMAGE, changes: [service("echo a >> /srv/state; cat /srv/state")] },
    { reference: DYING, changes: ['CMD ["sh", "-c", "echo no configuration; exit 9"]'] },
  ]);
  const { exitCode, stderr } = petrify(learn("--out", learned, "--test", "true", IMAGE), { env });
  if (exitCode !== 0) throw new Error(stderr);
  before = await containers();
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

const learn = (...args: string[]): string[] => ["learn", "--host", "embedded", "--network", "none", ...args];

/** The one error that a command ended with; what is not in the form of docs/reference/errors.md stays in `rest`. */
function failure({ exitCode, stdout, stderr }: CliResult): object {
  const error = /^petrify: (?<message>[^\n]+)  \[(?<code>E_[A-Z_]+)\]\nhint: (?<hint>[^\n]+)\n$/m.exec(stderr);
  const rest = stderr
    .replace(error?.[0] ?? "", "")
    .split("\n")
    .filter((line) => /\[E_|^petrify:|^hint:|^\s+at |Error/.test(line));
  return { exitCode, stdout, code: error?.groups?.["code"] ?? stderr, rest };
}
const failed = (code: string, exitCode = 1): object => ({ exitCode, stdout: "", code, rest: [] });

/** Another file may have left some. */
async function containers(): Promise<readonly string[]> {
  const found = await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json?all=1");
  return found.map(({ Id }) => Id).toSorted();
}
async function expectNothingLeft(): Promise<void> {
  expect(await containers()).toEqual(before);
}

function copyOf(name: string): string {
  const copy = join(folder, name);
  mkdirSync(copy);
  for (const file of readdirSync(learned)) copyFileSync(join(learned, file), join(copy, file));
  return copy;
}

/** The command under setpriv(1), with what it takes away. */
function restricted(flags: readonly string[], args: readonly string[], settings: NodeJS.ProcessEnv): CliResult {
  const result = spawnSync("setpriv", [...flags, "--", join(ROOT, "bin/petrify"), ...args], {
    cwd: "/",
    encoding: "utf8",
    env: { ...process.env, PETRIFY_NODE: process.execPath, DOCKER_HOST: undefined, ...settings },
  });
  return { exitCode: result.status, stdout: result.stdout, stderr: result.stderr };
}
describe("what is typed", () => {
  test.for<[string, string[], string, number]>([
    ["an unknown verb", ["lurn"], "E_USAGE", 1],
    ["no image", ["learn"], "E_USAGE", 1],
    ["no image to run", ["run"], "E_USAGE", 125],
    ["no strategy", ["verify"], "E_USAGE", 1],
    ["an unknown flag", ["learn", "--frobnicate", "x"], "E_USAGE", 1],
    ["an unknown flag of verify", ["verify", "--frobnicate", "x"], "E_USAGE", 1],
    ["an unknown flag of run", ["run", "--frobnicate", "x"], "E_USAGE", 125],
    ["a duration that is none", ["learn", "--for", "soon", "x"], "E_USAGE", 1],
    ["an unknown target", ["export", "x", "--to", "nothing"], "E_USAGE", 1],
    ["no target", ["export", "x"], "E_USAGE", 1],
    ["a strategy that is not there", ["verify", "/nowhere.yaml"], "E_STRATEGY_NOT_FOUND", 1],
    ["a folder for a strategy", ["verify", "/"], "E_IO", 1],
    ["a device without end for a strategy", ["export", "/dev/zero", "--to", "docker"], "E_IO", 1],
    ["no engine there", ["learn", "--host", "unix:///nonexistent", "x"], "E_ENGINE_UNREACHABLE", 1],
    ["no engine there to run on", ["run", "--host", "unix:///nonexistent", "x"], "E_ENGINE_UNREACHABLE", 125],
    ["an engine address that is none", ["learn", "--host", "carrier-pigeon", "x"], "E_USAGE", 1],
    ["an unknown context", ["learn", "--context", "nowhere", "x"], "E_ENGINE_UNREACHABLE", 1],
  ])("%s", ([, args, code, exitCode]) => {
    expect(failure(petrify(args, { env, cwd: folder }))).toEqual(failed(code, exitCode));
  });

  test("DOCKER_HOST names a dead engine, which is not replaced by another", () => {
    const result = petrify(["learn", "x"], { env: { ...env, DOCKER_HOST: "tcp://127.0.0.1:1" }, cwd: folder });
    expect(failure(result)).toEqual(failed("E_ENGINE_UNREACHABLE"));
    expect(result.stderr).toContain("DOCKER_HOST");
  });

  test.for([
    ["UPPER CASE", "E_IMAGE_REFERENCE"],
    ["Upper/x", "E_IMAGE_REFERENCE"],
    ["-it", "E_USAGE"],
    ["127.0.0.1:1/no/such:image", "E_IMAGE_NOT_FOUND"],
  ] as const)("the image '%s' is %s", ([image, code]) => {
    expect(failure(petrify(learn("--out", folder, image), { env }))).toEqual(failed(code));
  });

  test("with --json the error is the JSON, and stderr holds no other", () => {
    const { exitCode, stdout, stderr } = petrify(["verify", "--json", "/nowhere.yaml"], { env });
    expect({ exitCode, error: JSON.parse(stdout) as unknown, stderr }).toEqual({
      exitCode: 1,
      error: {
        error: {
          code: "E_STRATEGY_NOT_FOUND",
          message: "The strategy /nowhere.yaml does not exist.",
          hint: "Make it with `petrify learn IMAGE`.",
        },
      },
      stderr: "",
    });
  });
});

describe("files", () => {
  test.for<[string, (text: string) => string, string]>([
    ["empty", () => "", "E_STRATEGY_INVALID"],
    ["no YAML", () => "a: [", "E_STRATEGY_INVALID"],
    ["bytes", () => "\u0000\u0001\u001B]0;x\u0007", "E_STRATEGY_INVALID"],
    ["a mount on the root", (text) => text.replace("path: /srv", "path: /"), "E_STRATEGY_INVALID"],
    ["a way out of the container", (text) => text.replace("path: /srv", "path: /srv/../../etc"), "E_STRATEGY_INVALID"],
    ["the host's files as profile", (text) => text.replace(/file: .*/, "file: ../../etc/shadow"), "E_STRATEGY_INVALID"],
    ["a flag as image", (text) => text.replace(/image: .*/, 'image: "--privileged"'), "E_IMAGE_REFERENCE"],
    [
      "another profile's hash",
      (text) => text.replace(/[0-9a-f]{64}/, (hash) => (hash.startsWith("0") ? "1" : "0") + hash.slice(1)),
      "E_PROFILE_MISMATCH",
    ],
  ])("a strategy with %s", ([name, change, code]) => {
    const copy = copyOf(`strategy ${name.replaceAll("'", "")}`);
    const file = join(copy, NAME);
    const hostile = change(readFileSync(file, "utf8"));
    writeFileSync(file, hostile);
    const result = petrify(["verify", "--host", "embedded", file], { env });
    expect(failure(result)).toEqual(failed(code));
    expect(result.stderr).not.toContain("\u001B");
    expect(readFileSync(file, "utf8")).toBe(hostile);
  });

  test("a FIFO for a strategy does not block for ever", () => {
    const fifo = join(folder, "fifo.strategy.yaml");
    execFileSync("mkfifo", [fifo]);
    expect(failure(petrify(["verify", fifo], { env }))).toEqual(failed("E_IO"));
    rmSync(fifo);
  });

  test("a truncated profile, whether the strategy names its hash or the whole one's", () => {
    const copy = copyOf("truncated");
    const [strategy, profile] = [join(copy, NAME), join(copy, PROFILE)];
    truncateSync(profile, 100);
    const verify = (): object => failure(petrify(["verify", "--host", "embedded", strategy], { env }));
    expect(verify()).toEqual(failed("E_PROFILE_MISMATCH"));
    const sha256 = execFileSync("sha256sum", [profile], { encoding: "utf8" }).slice(0, 64);
    writeFileSync(strategy, readFileSync(strategy, "utf8").replace(/sha256: .*/, `sha256: "${sha256}"`));
    expect(verify()).toEqual(failed("E_PROFILE_INVALID"));
  });

  test("an absent profile is learned first, and that is said", () => {
    const copy = copyOf("absent");
    rmSync(join(copy, PROFILE));
    const { exitCode, stdout, stderr } = petrify(["verify", "--host", "embedded", join(copy, NAME)], { env });
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`${join(copy, PROFILE)} does not exist: learning first`);
    expect(stdout).toMatch(/^passed: petrify-bad/);
  });

  test.for([
    ["--out", "E_IO", "/proc/nowhere"],
    ["--record", "E_IO", "/nowhere/events.ndjson"],
  ] as const)("%s where nothing can be written is %s before anything runs", async ([flag, code, path]) => {
    const result = petrify(learn("--out", folder, flag, path, "--test", "true", IMAGE), { env });
    expect(failure(result)).toEqual(failed(code));
    expect(result.stderr).not.toContain("running the test");
    await expectNothingLeft();
  });

  test.for(["--out", "TMPDIR"])("a full disk under %s", async (what) => {
    const disk = join(folder, `disk-${what}`);
    const source = join(folder, `source-${what}`);
    for (const directory of [disk, source]) mkdirSync(directory);
    writeFileSync(join(source, "file"), Buffer.alloc(64 * 1024));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "petrify-test", disk]);
    try {
      writeFileSync(join(disk, "full"), Buffer.alloc(8192));
      const bind = ["-v", `${source}:/data`, "--test", "dd if=/dev/zero of=$FULL/more bs=4096 || true", IMAGE];
      const out = ["--out", what === "--out" ? disk : folder];
      const setting = what === "TMPDIR" ? { TMPDIR: disk } : {};
      const result = petrify(learn(...out, ...bind), { env: { ...env, ...setting, FULL: disk } });
      expect(failure(result)).toEqual(failed("E_DISK_FULL"));
      expect(readdirSync(disk).filter((name) => name !== "full" && name !== "more")).toEqual([]);
      await expectNothingLeft();
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

describe("workloads", () => {
  test("a test that fails on the writable container", async () => {
    const result = petrify(learn("--out", folder, "--test", "echo it is broken; exit 4", IMAGE), { env });
    expect(failure(result)).toEqual(failed("E_TEST_FAILED"));
    expect(result.stderr).toMatch(/the test printed:\n {2}it is broken\n[^]*exit code 4 /);
    // What it may have missed.
    expect(result.stderr).toMatch(/^hint: .*the embedded engine reach no network/m);
    await expectNothingLeft();
  });

  test("a container that ends before the test", async () => {
    const result = petrify(learn("--out", folder, "--test", "true", DYING), { env });
    expect(failure(result)).toEqual(failed("E_NOT_READY"));
    expect(result.stderr).toMatch(/the container printed:\n {2}no configuration\n[^]*exit code 9 /);
    await expectNothingLeft();
  });

  test("a command that the image does not have", async () => {
    expect(failure(petrify(learn("--out", folder, IMAGE, "--", "nothing"), { env }))).toEqual(
      failed("E_CONTAINER_START"),
    );
    expect(failure(petrify(["run", "--host", "embedded", IMAGE, "nothing"], { env, cwd: folder }))).toEqual(
      failed("E_CONTAINER_START", 125),
    );
    await expectNothingLeft();
  });
});

describe("rights", () => {
  const NOBODY = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];

  test("nobody, on a host without an engine", () => {
    const home = { HOME: "/nonexistent", PETRIFY_CACHE: undefined };
    expect(failure(restricted(NOBODY, ["learn", "--out", tmpdir(), "x"], home))).toEqual(failed("E_NOT_ROOT"));
    expect(failure(restricted(NOBODY, ["run", "x"], home))).toEqual(failed("E_NOT_ROOT", 125));
  });

  test("nobody, with root's settings, and with a socket that is not for him", () => {
    expect(failure(restricted(NOBODY, ["run", "x"], { HOME: "/root" }))).toMatchObject({ exitCode: 125, rest: [] });
    const host = ["--host", `unix://${engine.socketPath}`];
    expect(failure(restricted(NOBODY, ["run", ...host, "x"], { HOME: "/nonexistent" }))).toEqual(
      failed("E_ENGINE_UNREACHABLE", 125),
    );
  });

  test("nobody has nothing to say of root's engine, and nothing to clean", () => {
    const home = { HOME: "/nonexistent", PETRIFY_CACHE: undefined };
    expect(restricted(NOBODY, ["doctor", "--clean"], home)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(restricted(NOBODY, ["doctor"], home).stdout).not.toContain("embedded engine in");
  });

  test("root without the rights for BPF: no kernel sensor for who asks for it, but running", async () => {
    const without = "-bpf,-perfmon,-sys_admin";
    const flags = [`--bounding-set=${without}`, `--inh-caps=${without}`];
    const host = ["--host", `unix://${engine.socketPath}`];
    expect(failure(restricted(flags, ["learn", "--sensor", "bpf", "--out", folder, ...host, IMAGE], env))).toEqual(
      failed("E_SENSOR_UNAVAILABLE"),
    );
    expect(restricted(flags, ["run", "--rm", ...host, IMAGE, "echo", "ok"], env)).toMatchObject({
      exitCode: 0,
      stdout: "ok\n",
    });
    await expectNothingLeft();
  });
});

test("an engine that dies while the test runs", async () => {
  const cache = scratchCache();
  const layout = layoutOf(cache.directory);
  await importImages(cache.directory, [{ reference: IMAGE, changes: [service("echo a >> /srv/state")] }]);
  const command = startPetrify(learn("--out", folder, "--test", "sleep 3", IMAGE), {
    env: { ...env, PETRIFY_CACHE: cache.directory },
  });
  await command.shows("first run: running the test");
  const daemon = readState(layout.stateFile)?.daemon;
  if (daemon === undefined) throw new Error("no engine runs");
  process.kill(daemon.pid, "SIGKILL");
  const result = await command.ended;
  expect(failure(result)).toEqual(failed("E_ENGINE_LOST"));
  expect({ daemons: engineProcesses(layout), cgroups: engineCgroups(layout) }).toEqual({ daemons: [], cgroups: [] });
  expect(sessionFolders().filter((name) => name.includes(`-${command.pid}-`))).toEqual([]);
  cache.remove();
});

test("output that cannot be written is an error, and a reader that left is none", async () => {
  const full = spawnSync("sh", ["-c", '"$0" --help > /dev/full', join(ROOT, "bin/petrify")], {
    encoding: "utf8",
    env: { ...process.env, PETRIFY_NODE: process.execPath },
  });
  expect({ status: full.status, stderr: full.stderr }).toEqual({
    status: 1,
    stderr: expect.stringContaining("[E_DISK_FULL]") as string,
  });
  const reader = spawn("sh", ["-c", '"$0" --help | true', join(ROOT, "bin/petrify")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PETRIFY_NODE: process.execPath },
  });
  let stderr = "";
  reader.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(reader, "close");
  expect(stderr).toBe("");
});
