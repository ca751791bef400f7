import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureImages } from "../../demo/images/build.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { ROOT } from "../../test/support/cli.ts";
import { dockerTools } from "../../test/support/docker-compose.ts";
import { dockerJson } from "../../test/support/docker-http.ts";
import { startPrivateEngine } from "../../test/support/private-engine.ts";
import { SHOP_RECIPES } from "./images.ts";

// `node examples/shop/main.ts [SECONDS]`: the shop's project learned by --compose, by --during, and by --all on the running one;
// then each result's strategies exported into the Compose file, and the project run read-only with its test, restarted, and tested again.

const SERVICES = ["web", "php", "db", "redis"];
const TEST = join(ROOT, "examples/shop/test.ts");
const observeSeconds = Number(process.argv[2] ?? 60);

const folder = mkdtempSync(join(tmpdir(), "petrify-shop-"));
const project = join(folder, "shop");
const engine = await startPrivateEngine();
try {
  const images = await buildImages();
  const tools = await dockerTools(engine);
  const env = { ...tools.onPath(folder), ...images, PETRIFY_CACHE: engine.cacheDir };
  const host = `unix://${engine.socketPath}`;
  // Ports of the project are published in the engine's network namespace.
  const node = `nsenter -t ${engine.pid} -n ${process.execPath}`;
  const testRunning = `${node} ${TEST} http://127.0.0.1:8099/`;
  const run = (command: string, cwd = project): number | null =>
    spawnSync("sh", ["-c", command], { cwd, env, stdio: ["ignore", 2, 2] }).status;
  const learn = (name: string, ...args: string[]): void => {
    const options = [join(ROOT, "bin/petrify"), "learn", "--out", join(folder, name), ...args];
    const { status } = spawnSync("sh", options, { cwd: project, env, stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error(`learn ${args[0]} ended with exit code ${status}`);
  };

  mkdirSync(project);
  copyFileSync(join(ROOT, "examples/shop/docker-compose.yaml"), join(project, "docker-compose.yaml"));
  learn("compose", "--compose", "docker-compose.yaml", "--host", "embedded", "--test", `${process.execPath} ${TEST}`);
  learn("during", "--during", "--host", host, "--", "sh", "-c", `docker-compose up -d && ${testRunning}`);
  const before = await inspectAll();
  const client = startClient(node);
  learn("all", "--all", "--host", host, "--for", `${observeSeconds}s`);
  client.end();
  const requests = await client.counted;
  const unchanged = before === (await inspectAll());
  run("docker-compose down -v");

  const results = ["compose", "during", "all"].map((name) => ({ name, ...tryReadOnly(name) }));
  process.stdout.write(`${JSON.stringify({ results, observed: { unchanged, requests } })}\n`);
  process.exitCode = unchanged && results.every(({ first, restarted }) => first && restarted) ? 0 : 1;

  function tryReadOnly(name: string): { readonly first: boolean; readonly restarted: boolean } {
    const hardened = join(folder, `${name}-read-only`, "shop");
    mkdirSync(hardened, { recursive: true });
    copyFileSync(join(project, "docker-compose.yaml"), join(hardened, "docker-compose.yaml"));
    for (const service of SERVICES) {
      const strategy = join(folder, name, `shop-${service}.strategy.yaml`);
      const into = `--to compose --into docker-compose.yaml --service ${service}`;
      if (run(`${join(ROOT, "bin/petrify")} export ${strategy} ${into} >&2`, hardened) !== 0) throw new Error(strategy);
    }
    const first = run(`docker-compose up -d && ${testRunning}`, hardened) === 0;
    const restarted = run(`docker-compose restart && ${testRunning}`, hardened) === 0;
    run("docker-compose down -v", hardened);
    return { first, restarted };
  }
} finally {
  await engine.stop();
  rmSync(folder, { recursive: true });
}

async function buildImages(): Promise<Readonly<Record<string, string>>> {
  await using store = await startEmbeddedEngine({ cacheDir: engine.cacheDir });
  const [nginx = "", php = "", mariadb = "", redis = ""] = await ensureImages(store, SHOP_RECIPES);
  return { SHOP_NGINX: nginx, SHOP_PHP: php, SHOP_MARIADB: mariadb, SHOP_REDIS: redis };
}

async function inspectAll(): Promise<string> {
  const running = await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json");
  const all = running.map(({ Id }) => dockerJson(engine.socketPath, "GET", `/containers/${Id}/json`));
  return JSON.stringify(await Promise.all(all));
}

/** Visits the shop ten times a second until it is ended, and counts what failed. */
function startClient(node: string): { end(): void; readonly counted: Promise<unknown> } {
  const script = `
    const counted = { answered: 0, failed: 0 };
    process.on("SIGTERM", () => { console.log(JSON.stringify(counted)); process.exit(); });
    for (;;) {
      try {
        const response = await fetch("http://127.0.0.1:8099/");
        counted[(await response.text()).includes("visits") ? "answered" : "failed"]++;
      } catch { counted.failed++; }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }`;
  const [program = "", ...args] = node.split(" ");
  const child = spawn(program, [...args, "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return {
    end: () => void child.kill("SIGTERM"),
    counted: once(child, "close").then(() => JSON.parse(text) as unknown),
  };
}
