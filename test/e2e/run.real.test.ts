import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliResult, petrify, ROOT } from "../support/cli.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { plainWorkload } from "../support/workload.ts";
import { importImages } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { strategy, volume } from "../support/strategy-samples.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { formatStrategy, parseStrategy } from "../../src/strategy/file.ts";
import { startPetrify } from "../support/running-petrify.ts";

const IMAGE = "petrify-run:1";
const folder = mkdtempSync(join(tmpdir(), "run-test-"));
let engine: PrivateEngine;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  engine = await startPrivateEngine();
  env = { PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined };
  await importImages(engine.cacheDir, [{ reference: IMAGE, changes: ['CMD ["sh"]', "EXPOSE 8080"] }]);
});
afterAll(async () => {
  await dockerHttp(engine.socketPath, "DELETE", "/volumes/petrify-run_srv");
  await engine.stop();
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): CliResult {
  return petrify(["run", "--host", "embedded", ...args], { env, cwd: folder });
}
const shell = (script: string): string[] => [IMAGE, "sh", "-c", script];
const containers = (): Promise<unknown> => dockerJson(engine.socketPath, "GET", "/containers/json?all=1");
/** Another file may have left some. */
const volumes = async (): Promise<readonly string[]> =>
  ((await dockerJson<{ Volumes: { Name: string }[] | null }>(engine.socketPath, "GET", "/volumes")).Volumes ?? []).map(
    ({ Name }) => Name,
  );

test.for([
  ["exit 0", 0],
  ["exit 3", 3],
  ["exit 125", 125],
  ["sh -c 'kill -KILL $$'; exit $?", 137],
] as const)("`%s` ends with the container's own exit code", async ([script, code]) => {
  expect(run("--rm", ...shell(script)).exitCode).toBe(code);
  expect(await containers()).toEqual([]);
});

test("a process of the container gets EROFS from its root, and the template's directories take what it writes", () => {
  const { exitCode, stdout, stderr } = run(
    ...shell("echo x > /etc/x; mkdir /new; for d in run tmp var/tmp dev/shm; do echo $d > /$d/x && cat /$d/x; done"),
  );
  expect(exitCode).toBe(0);
  expect(stdout.split("\n")).toEqual(["run", "tmp", "var/tmp", "dev/shm", ""]);
  expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
  expect(stderr).toContain("template (tmpfs on /run, /tmp, /var/tmp): no *.strategy.yaml is here");
});

test("the two output streams stay two", () => {
  expect(run(...shell("echo out; echo err >&2"))).toMatchObject({
    stdout: "out\n",
    stderr: expect.stringMatching(/^err$/m) as string,
  });
});

/** A shell of this host, as users combine commands in one. */
function hostShell(script: string): { readonly stdout: string; readonly status: number | null } {
  const result = spawnSync("bash", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      ...env,
      PETRIFY_NODE: process.execPath,
      PETRIFY: `${join(ROOT, "bin/petrify")} run --host embedded`,
      IMAGE,
    },
  });
  return { stdout: result.stdout, status: result.status };
}

test("standard input goes to the container with -i, from a pipe and from a file, and ends there", () => {
  expect(hostShell("printf 'a\\nb' | $PETRIFY -i $IMAGE cat").stdout).toBe("a\nb");
  writeFileSync(join(folder, "input"), "from a file");
  expect(hostShell("$PETRIFY -i $IMAGE cat < input")).toEqual({ stdout: "from a file", status: 0 });
  expect(hostShell("head -c 3000000 /dev/zero | $PETRIFY -i $IMAGE sh -c 'wc -c'").stdout.trim()).toBe("3000000");
});

test("without -i standard input stays with whoever reads it next", () => {
  expect(hostShell("printf 'a\\nb\\n' | ($PETRIFY $IMAGE cat; cat)").stdout).toBe("a\nb\n");
});

test("a reader that goes away ends the container too", async () => {
  expect(hostShell("$PETRIFY $IMAGE yes 2>/dev/null | head -1; exit ${PIPESTATUS[0]}")).toEqual({
    stdout: "y\n",
    status: 137,
  });
  expect(await containers()).toEqual([]);
});

test("with -it the container has a terminal, and echoes on it", () => {
  const script = "$PETRIFY -it $IMAGE sh -c 'test -t 0 && test -t 1 && read line && echo got-$line; stty size; exit 7'";
  const typed = spawnSync("script", ["-qec", script, "/dev/null"], {
    input: "hello\n",
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      ...env,
      PETRIFY_NODE: process.execPath,
      PETRIFY: `${ROOT}/bin/petrify run --host embedded`,
      IMAGE,
    },
  });
  expect(typed.stdout).toContain("got-hello");
  expect(typed.status).toBe(7);
});

test.for([
  ["SIGTERM", "TERM"],
  ["SIGINT", "INT"],
] as const)("%s reaches the container's own trap, and its exit code comes back", async ([signal, name]) => {
  const command = startPetrify(
    [
      "run",
      "--host",
      "embedded",
      ...shell(`trap 'echo ${name}; exit 5' ${name}; echo up; while :; do sleep 0.1; done`),
    ],
    { env, cwd: folder },
  );
  expect(await command.shows("up")).toBe(true);
  command.kill(signal);
  expect(await command.ended).toMatchObject({ exitCode: 5, stdout: `up\n${name}\n` });
  expect(await containers()).toEqual([]);
});

test("a published port answers on this host's loopback, and is free again afterwards", async () => {
  const command = startPetrify(
    [
      "run",
      "--host",
      "embedded",
      "-p",
      "127.0.0.1:18473:8080",
      ...shell("trap exit INT; echo page > /tmp/index; httpd -p 8080 -h /tmp; echo up; sleep 1000 & wait"),
    ],
    { env, cwd: folder },
  );
  expect(await command.shows("up")).toBe(true);
  expect(await httpGet("http://127.0.0.1:18473/index")).toBe("page\n");
  command.interrupt();
  await command.ended;
  await expect(httpGet("http://127.0.0.1:18473/index")).rejects.toThrow("ECONNREFUSED");
});

function httpGet(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

test("-d is refused where nothing could go on in the background", async () => {
  const { exitCode, stderr } = run("-d", IMAGE);
  expect(exitCode).toBe(125);
  expect(stderr).toContain("[E_ENGINE_UNSUPPORTED]");
  expect(await containers()).toEqual([]);
});

test("what is too large for the memory limit lies on disk, with the owner and mode it needs, and is gone afterwards", async () => {
  const before = await volumes();
  const script = "df /tmp | tail -1; stat -c '%a %u' /tmp; ls /tmp; echo x > /tmp/x";
  const flags = ["--memory", "96m", "--user", "1000"];
  const learned = petrify(["learn", "--host", "embedded", ...flags, IMAGE, "--", "sh", "-c", script], {
    env,
    cwd: folder,
  });
  expect(learned).toMatchObject({ exitCode: 0 });
  const file = join(folder, "petrify-run.strategy.yaml");
  expect(parseStrategy(readFileSync(file, "utf8"), file).entries).toMatchObject([{ kind: "scratch", path: "/tmp" }]);
  expect(petrify(["verify", "--host", "embedded", file], { env, cwd: folder })).toMatchObject({ exitCode: 0 });
  for (const _ of ["first", "second"]) {
    const { stdout, exitCode } = run("--strategy", file, ...flags, ...shell(script));
    expect({ stdout, exitCode }).toEqual({
      stdout: expect.stringMatching(/^\/dev\/.* \/tmp\n1777 0\n$/) as string,
      exitCode: 0,
    });
  }
  expect((await volumes()).toSorted()).toEqual(before.toSorted());
  rmSync(file);
});

test("a volume that is given with options or read-only is learned without the user's, and run with it", async () => {
  const before = await volumes();
  const script = "touch /ro/x; df -k /srv | awk 'NR==2{print $2}'; echo x > /srv/state";
  const mount =
    "type=volume,source=given,target=/srv,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-opt=o=size=3m";
  const flags = ["--mount", mount, "-v", "given-ro:/ro:ro"];
  const learned = petrify(["learn", "--host", "embedded", ...flags, IMAGE, "--", "sh", "-c", script], {
    env,
    cwd: folder,
  });
  expect(learned).toMatchObject({ exitCode: 0 });
  const file = join(folder, "petrify-run.strategy.yaml");
  const { entries } = parseStrategy(readFileSync(file, "utf8"), file);
  const options = { type: "tmpfs", device: "tmpfs", o: "size=3m" };
  expect(entries).toMatchObject([
    { path: "/ro", source: "given-ro" },
    { path: "/srv", source: "given", options },
  ]);
  expect((await volumes()).toSorted()).toEqual(before.toSorted());
  const started = run("--strategy", file, ...flags, ...shell(script));
  expect(started).toMatchObject({ exitCode: 0, stdout: "3072\n" });
  expect(started.stderr).toContain("/ro/x: Read-only file system");
  for (const name of ["given", "given-ro"]) await dockerHttp(engine.socketPath, "DELETE", `/volumes/${name}`);
  rmSync(file);
});

test("a volume's options hold in run and in verify: a tmpfs behind it is bounded, and loses the data", async () => {
  const script = "df -k /srv | awk 'NR==2{print $2}'; cat /srv/state; echo x >> /srv/state";
  const file = join(folder, "options.strategy.yaml");
  const written = (options: Readonly<Record<string, string>>): string =>
    formatStrategy(
      strategy([volume("/srv", { options })], {
        name: "options",
        fits: { repositories: ["docker.io/library/petrify-run"] },
        workload: plainWorkload(IMAGE, { command: ["sh", "-c", script] }),
        test: { kind: "none" },
      }),
    );
  writeFileSync(file, written({ type: "tmpfs", device: "tmpfs", o: "size=1m" }));
  expect(run("--strategy", file, ...shell(script))).toMatchObject({ exitCode: 0, stdout: "1024\n" });
  const verified = petrify(["verify", "--host", "embedded", "--json", file], { env, cwd: folder });
  expect(verified.exitCode).toBe(2);
  const { regressions, caveats } = JSON.parse(verified.stdout) as Verdict;
  expect(regressions).toContainEqual(expect.objectContaining({ kind: "lost", path: "/srv/state" }));
  expect(caveats.join()).not.toContain("not tried");
  await dockerHttp(engine.socketPath, "DELETE", "/volumes/options_srv");

  writeFileSync(file, written({ size: "10m" }));
  const bounded = run("--strategy", file, ...shell(script));
  expect(["0 ", "125 [E_ENGINE_UNSUPPORTED]"]).toContain(
    `${bounded.exitCode} ${/\[E_\w+\]/.exec(bounded.stderr)?.[0] ?? ""}`,
  );
  await dockerHttp(engine.socketPath, "DELETE", "/volumes/options_srv");
  rmSync(file);
});

test("a strategy that seals single paths: EROFS there, writes elsewhere, and verify says the same", () => {
  const script = "echo x > /etc/x; echo y > /srv/y && cat /srv/y; mkdir /made && echo $?";
  const file = join(folder, "partial.strategy.yaml");
  const written = (paths: string): string =>
    formatStrategy(
      strategy([], {
        name: "partial",
        fits: { repositories: ["docker.io/library/petrify-run"] },
        workload: plainWorkload(IMAGE, { command: ["sh", "-c", script] }),
        test: { kind: "none" },
        readOnlyPaths: [paths],
      }),
    );
  writeFileSync(file, written("/etc"));
  const { exitCode, stdout, stderr } = run("--strategy", file, ...shell(script));
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "y\n0\n" });
  expect(stderr).toContain("can't create /etc/x: Read-only file system");
  expect(stderr).toContain("only /etc are read-only, the root is NOT");

  const verified = petrify(["verify", "--host", "embedded", "--json", file], { env, cwd: folder });
  expect(verified.exitCode).toBe(2);
  const { regressions } = JSON.parse(verified.stdout) as Verdict;
  expect(regressions.filter(({ kind }) => kind === "operation")).toMatchObject([{ path: "/etc/x", errno: "EROFS" }]);

  writeFileSync(file, written("/absent"));
  const refused = run("--strategy", file, ...shell(script));
  expect(refused.exitCode).toBe(125);
  expect(refused.stderr).toMatch(/does not have \/absent.*\[E_CONTAINER_START\]/);
  rmSync(file);
});

test("the strategy that fits is taken and named, its volumes keep their data, and another one is refused", () => {
  const script = "echo x >> /srv/state; cat /srv/state";
  expect(petrify(["learn", "--host", "embedded", IMAGE, "--", "sh", "-c", script], { env, cwd: folder })).toMatchObject(
    { exitCode: 0 },
  );
  const file = "petrify-run.strategy.yaml";
  const first = run(...shell(script));
  expect(first).toMatchObject({ exitCode: 0, stdout: "x\n" });
  expect(first.stderr).toContain(`strategy ${file} fits, UNVERIFIED on this image`);
  expect(run("--strategy", file, ...shell(script)).stdout).toBe("x\nx\n");
  const other = run(...shell("true"));
  expect(other.exitCode).toBe(0);
  expect(other.stderr).toMatch(/template .*petrify-run\.strategy\.yaml does not fit\./);
  const refused = run("--strategy", file, ...shell("true"));
  expect(refused.exitCode).toBe(125);
  expect(refused.stderr).toContain("[E_USAGE]");
});
