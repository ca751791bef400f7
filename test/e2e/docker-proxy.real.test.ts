import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerTools } from "../support/docker-compose.ts";
import { dockerHttp } from "../support/docker-http.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { TestContainers } from "../support/test-containers.ts";

const IMAGE = "petrify-busybox:test";
const MEGABYTE = 1024 * 1024;
let engine: PrivateEngine;
let proxy: ProxyProcess;
let folder = "";
let env: NodeJS.ProcessEnv = {};
const path = (name: string): string => join(folder, name);

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: readonly string[]): ChildProcess {
  return spawn("docker", args, { cwd: folder, env, stdio: "pipe" });
}

async function run(args: readonly string[], input?: string | Buffer): Promise<Run> {
  const child = start(...args);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin?.end(input);
  await once(child, "close");
  return { exitCode: child.exitCode, stdout, stderr };
}

/** What an attached container writes until it ends; the input stays open, as its end may end the output first. */
async function attach(id: string, input: string): Promise<string> {
  const child = start("attach", id);
  let stdout = "";
  child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stdin?.write(input);
  await once(child, "close");
  return stdout;
}

/** Standard output of a command that worked. */
async function docker(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(args);
  if (exitCode !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** Resolves when the child has written the text; for one child only once. */
function shows(child: ChildProcess, text: string): Promise<void> {
  let seen = "";
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (bytes: Buffer) => {
      seen += bytes.toString();
      if (seen.includes(text)) resolve();
    });
    child.on("close", () => reject(new Error(`ended with: ${seen}`)));
  });
}

beforeAll(async () => {
  engine = await startPrivateEngine();
  folder = mkdtempSync(join(tmpdir(), "petrify-proxy-"));
  const tools = await dockerTools(engine);
  env = { ...tools.onPath(folder), DOCKER_HOST: `unix://${path("guard.sock")}`, DOCKER_BUILDKIT: "0" };
  await new TestContainers(engine.socketPath).importBusybox(tools.busybox);
  proxy = await startProxy(path("guard.sock"), engine.socketPath);
});
afterAll(async () => {
  await proxy.stop();
  const { text } = await dockerHttp(engine.socketPath, "GET", '/containers/json?all=1&filters={"label":["proxytest"]}');
  for (const { Id } of JSON.parse(text) as { Id: string }[])
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1`);
  await engine.stop();
  rmSync(folder, { recursive: true });
});

/** The end of an attached input is not that of the container's (`StdinOnce` is `docker run -i`'s alone). */
const ECHO = "while read line; do echo got $line; test $line != quit || break; done";
const RUN = ["run", "--rm", "--network", "none", "--label", "proxytest"];
const DETACHED = ["run", "-d", "--network", "none", "--label", "proxytest"];

describe("docker behaves as without guard in between", () => {
  test("version names client and server", async () => {
    expect(await docker("version", "--format", "{{.Client.Version}} {{.Server.Version}}")).toMatch(/^\d+\S* \d+\S*$/);
  });

  test("run -i ends when its input ends, and gives all of it back", async () => {
    const input = randomBytes(3 * MEGABYTE).toString("base64");
    const { exitCode, stdout } = await run([...RUN, "-i", IMAGE, "sh", "-c", "cat; echo end; exit 3"], input);
    expect(exitCode).toBe(3);
    expect(stdout === `${input}end\n`).toBe(true);
  });

  test("run -t gives the container a terminal", async () => {
    const line = `docker ${RUN.join(" ")} -it ${IMAGE} sh -c 'test -t 0 && test -t 1 && echo a terminal'`;
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      cwd: folder,
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    await shows(child, "a terminal\r\n");
    child.stdin.end();
    await once(child, "close");
    expect(child.exitCode).toBe(0);
  });

  test("exec, attach, logs -f and events", async () => {
    const id = await docker(...DETACHED, "-i", IMAGE, "sh", "-c", ECHO);
    expect(await run(["exec", "-i", id, "cat"], "exec input")).toEqual({
      exitCode: 0,
      stdout: "exec input",
      stderr: "",
    });
    expect((await run(["exec", id, "sh", "-c", "exit 7"])).exitCode).toBe(7);
    const events = start("events", "--since", "10m", "--filter", `container=${id}`, "--format", "{{.Action}}");
    const died = shows(events, "die");
    const logs = run(["logs", "-f", id]);
    expect(await attach(id, "one\nquit\n")).toBe("got one\ngot quit\n");
    expect(await logs).toEqual({ exitCode: 0, stdout: "got one\ngot quit\n", stderr: "" });
    await died;
    events.kill("SIGINT");
    await once(events, "close");
  });

  test("cp of 100 MB into a container and back changes no byte", async () => {
    const data = randomBytes(100 * MEGABYTE);
    writeFileSync(path("in.bin"), data);
    const id = await docker(...DETACHED, IMAGE, "sleep", "1000");
    await docker("cp", path("in.bin"), `${id}:/data.bin`);
    await docker("cp", `${id}:/data.bin`, path("out.bin"));
    expect(readFileSync(path("out.bin")).equals(data)).toBe(true);
  });

  test("build takes its context, and save | load gives the same image", async () => {
    const context = mkdtempSync(path("context-"));
    writeFileSync(join(context, "data"), randomBytes(5 * MEGABYTE));
    writeFileSync(join(context, "Dockerfile"), `FROM ${IMAGE}\nCOPY data /data\nRUN md5sum /data\n`);
    const id = await docker("build", "-q", "--network", "none", "-t", "petrify-proxy:built", context);
    await docker("save", "-o", path("image.tar"), "petrify-proxy:built");
    await docker("rmi", "petrify-proxy:built");
    expect((await run(["load", "-q"], readFileSync(path("image.tar")))).stdout).toContain("petrify-proxy:built");
    expect(await docker("inspect", "--format", "{{.Id}}", "petrify-proxy:built")).toBe(id);
    await docker("rmi", "petrify-proxy:built");
  });

  test("an error of the engine is shown as it is", async () => {
    const { exitCode, stderr } = await run(["inspect", "--type", "container", "no-such-container"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("No such container: no-such-container");
  });
});

test("kill -9 in the middle leaves the container running, and the next start is clean", async () => {
  const id = await docker(...DETACHED, "-i", IMAGE, "sh", "-c", ECHO);
  const attached = start("attach", id);
  attached.stdin?.write("one\n");
  await shows(attached, "got one");
  await proxy.kill();
  await once(attached, "close");
  expect((await run(["version"])).exitCode).toBe(1);
  proxy = await startProxy(path("guard.sock"), engine.socketPath);
  expect(await docker("inspect", "--format", "{{.State.Running}}", id)).toBe("true");
  expect(await attach(id, "quit\n")).toBe("got quit\n");
});
