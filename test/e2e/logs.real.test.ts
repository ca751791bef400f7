import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { corpusWorkload } from "../../demo/corpus.ts";
import { ensureImage } from "../../demo/images/build.ts";
import { workloadOf } from "../../demo/workloads.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { startReadOnly } from "../../src/run/run.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { http } from "../support/clients/target.ts";
import { type CliResult, petrify } from "../support/cli.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

/** Building a Debian base, and several starts of the engine. */
const TIMEOUT_MS = 300_000;
const NGINX = corpusWorkload("nginx");
/** What is too large for a page is an error, which nginx logs. */
const REQUESTS = ["", "head -c 2000000 /dev/zero | "]
  .map((body) => `${body}curl -sS ${body === "" ? "-f" : "--data-binary @-"} http://$PETRIFY_HOST:$PETRIFY_PORT/`)
  .join(" && ");
const ACCOUNTS = "printf 'root:x:0:0::/:/bin/sh\\napp:x:7:7::/:/bin/sh\\n' > etc/passwd";
const APP_LOG = "mkdir -p var/log/app && chown 7:7 var/log/app";

const folder = mkdtempSync(join(tmpdir(), "petrify-logs-test-"));
let engine: PrivateEngine;
let env: NodeJS.ProcessEnv;
let nginx: string;

beforeAll(async () => {
  engine = await startPrivateEngine();
  env = { PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined };
  await importImages(engine.cacheDir, [
    {
      reference: "logs-dropped:1",
      arrange: `${ACCOUNTS}; ${APP_LOG}`,
      changes: [service("echo up; su app -c 'echo a line of the log >> /var/log/app/app.log' || true")],
    },
  ]);
  await using own = await startEmbeddedEngine({ cacheDir: engine.cacheDir });
  nginx = await ensureImage(own, NGINX.recipe, { onProgress: () => {} });
}, TIMEOUT_MS);
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

function run(verb: string, ...args: string[]): CliResult {
  return petrify([verb, ...(verb === "export" ? [] : ["--host", "embedded"]), ...args], { env, cwd: folder });
}
function fileOf(name: string): string {
  return readFileSync(join(folder, `${name}.strategy.yaml`), "utf8");
}
function kindsOf(name: string): readonly string[] {
  const { entries, logs = [] }: Strategy = parseStrategy(fileOf(name), name);
  return [
    ...entries.map(({ kind, path }) => `${kind} ${path}`),
    ...logs.map(({ path, stream }) => `log ${path} ${stream}`),
  ];
}

describe("nginx as Debian ships it", { timeout: TIMEOUT_MS }, () => {
  const name = "petrify-demo-nginx";
  test("logs to the container's log by links that were tried, and its profile says so", () => {
    const learned = run("learn", "--logs-to-stdout", "--name", name, "--signal", "HUP", "--test", REQUESTS, nginx);
    expect(learned.stderr).toContain("trying /var/log/nginx/access.log, /var/log/nginx/error.log as links");
    expect(learned.exitCode).toBe(0);
    expect(kindsOf(name)).toEqual([
      "tmpfs /run",
      "tmpfs /var/lib/nginx",
      "seeded /var/log/nginx",
      "log /var/log/nginx/access.log stdout",
      "log /var/log/nginx/error.log stderr",
    ]);
    expect(run("learn", "--from", "--out", ".", `${name}.profile.ndjson.zst`).stdout).toContain("Unchanged: ");
  });

  test("is verified, mount by mount", () => {
    const verified = run("verify", "--minimal", `${name}.strategy.yaml`);
    expect(verified.stdout).toContain("passed: ");
    expect(verified.stdout).toMatch(/^\/var\/log\/nginx +yes/m);
  });

  test("shows its requests in the log of a container of its own", async () => {
    await using session = new Session(await startEmbeddedEngine({ cacheDir: engine.cacheDir }), SILENT);
    const workload = workloadOf(NGINX, nginx);
    const strategyFile = join(folder, `${name}.strategy.yaml`);
    const options = { detach: false, remove: false, publishAll: false, folder, strategyFile };
    const { container } = await startReadOnly(session, { workload, ...options });
    const { host, port } = await session.engine.reach(container, 80, "tcp");
    await vi.waitFor(() => http({ host, port, path: "/seen" }), { timeout: 20_000 });
    await vi.waitFor(async () => expect(await container.logs(100, "stdout")).toContain("GET /seen HTTP/1.1"), {
      timeout: 20_000,
    });
    expect(await container.exec(["sh", "-c", "cd /var/log/nginx && readlink access.log error.log"])).toMatchObject({
      stdout: "/dev/stdout\n/dev/stderr\n",
    });
  });
});

describe("what may not open the container's log", { timeout: TIMEOUT_MS }, () => {
  test("keeps its file in a mount, and learn says so", () => {
    const learned = run("learn", "--logs-to-stdout", "--exec", "true", "logs-dropped:1");
    expect(learned.stderr).toContain("trying /var/log/app/app.log as links");
    expect(learned.stdout).toContain("not kept: what is written to it does not arrive");
    expect(kindsOf("logs-dropped")).toEqual(["tmpfs /var/log/app"]);
  });

  test("is not tried unasked", () => {
    const plain = run("learn", "--exec", "true", "logs-dropped:1");
    expect(plain.stderr).not.toContain("trying");
    expect(plain.stdout).toContain(
      "learn with --logs-to-stdout, and the container's log may take what is written to /var/log/app/app.log",
    );
  });
});
