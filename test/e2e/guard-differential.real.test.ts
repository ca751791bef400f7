import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerHttp } from "../support/docker-http.ts";
import { type DockerTools, dockerTools } from "../support/docker-compose.ts";
import { type Guard, startGuard } from "../support/guard.ts";
import { importImages } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { COMMANDS, type CommandCase } from "./guard-clients/commands.ts";
import { INTENDED } from "./guard-clients/intended.ts";
import { ENFORCING, exempting } from "./guard-clients/policies.ts";
import { type Transcript, transcript, type Way } from "./guard-clients/run-case.ts";

const IMAGE = "petrify-clients:1";
const folder = mkdtempSync(join(tmpdir(), "guard-differential-"));
let engine: PrivateEngine;
let tools: DockerTools;
let guards: readonly Guard[] = [];
let direct: Way;
let exempt: Way;
let enforced: Way;

beforeAll(async () => {
  engine = await startPrivateEngine();
  tools = await dockerTools(engine);
  await importImages(engine.cacheDir, [
    { reference: IMAGE, arrange: "echo shipped >etc/shipped", changes: ['CMD ["sh"]'] },
  ]);
  const upstream = engine.socketPath;
  const own = await startGuard({
    upstream,
    folder: join(folder, "exempt"),
    policy: exempting(process.getuid?.() ?? 0),
  });
  guards = [own];
  const other = await startGuard({ upstream, folder: join(folder, "enforced"), policy: ENFORCING });
  guards = [own, other];
  const env = tools.onPath(folder) as Record<string, string>;
  const way = (name: string, socketPath: string): Way => ({ name, socketPath, env, folder, image: IMAGE });
  direct = way("direct", upstream);
  exempt = way("exempt", own.socketPath);
  enforced = way("forced", other.socketPath);
});
afterAll(async () => {
  for (const guard of guards) await guard.stop();
  for (const way of [direct, exempt, enforced]) await removeContainers(way);
  await engine.stop();
  rmSync(folder, { recursive: true });
});

/** What a case that failed in its middle left. */
async function removeContainers(way: Way): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ name: [`cmp-${way.name}-`] }));
  const { text } = await dockerHttp(engine.socketPath, "GET", `/containers/json?all=1&filters=${filters}`);
  for (const { Id } of JSON.parse(text) as readonly { readonly Id: string }[])
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
}

test("the client is the packages' own, as the engine is", () => {
  expect(tools.docker("version", "-f", "{{eq .Client.Version .Server.Version}}")).toBe("true\n");
});

test("the table has 40 commands and more, and no case twice", () => {
  const names = COMMANDS.map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(40);
  expect(new Set(names).size).toBe(names.length);
  expect(Object.keys(INTENDED).filter((name) => !names.includes(name))).toEqual([]);
});

test.for(COMMANDS.map((one, index) => [one.name, one, index] as const))(
  "docker %s: for an exempt caller as direct, enforced with the written differences alone",
  async ([name, one, index]) => {
    const [asDirect, asExempt, asEnforced] = await transcripts(one, index);
    expect(asExempt).toEqual(asDirect);
    expect(difference(asDirect, asEnforced)).toEqual(INTENDED[name]?.lines ?? []);
  },
);

test("what the engine would not take either, the guard refuses in its own words, but for an exempt caller", () => {
  const run = ({ socketPath }: Way): string =>
    spawnSync("docker", ["run", "--rm", "-v", "/x:x", IMAGE, "true"], {
      env: { ...direct.env, DOCKER_HOST: `unix://${socketPath}` },
      encoding: "utf8",
    }).stderr;
  expect(run(direct)).toContain("mount path must be absolute");
  expect(run(exempt)).toBe(run(direct));
  expect(run(enforced)).toContain("must name an absolute path");
});

async function transcripts(one: CommandCase, index: number): Promise<readonly [Transcript, Transcript, Transcript]> {
  const run = (way: Way): Promise<Transcript> => transcript(way, one, index);
  if (one.alone === undefined) return Promise.all([run(direct), run(exempt), run(enforced)]);
  return [await run(direct), await run(exempt), await run(enforced)];
}

/** Lines of one that the other lacks, `-` and `+`, in their order. */
function difference(before: Transcript, after: Transcript): readonly string[] {
  const lines: string[] = [];
  let from = 0;
  for (const line of before) {
    const at = after.indexOf(line, from);
    // Each command line is in both: what is between two of them is compared within.
    const limit = line.startsWith("$ ") ? after.length : nextCommand(after, from);
    if (at === -1 || at >= limit) {
      lines.push(`- ${line}`);
      continue;
    }
    lines.push(...after.slice(from, at).map((added) => `+ ${added}`));
    from = at + 1;
  }
  return [...lines, ...after.slice(from).map((added) => `+ ${added}`)];
}

function nextCommand(lines: Transcript, from: number): number {
  const next = lines.findIndex((line, index) => index >= from && line.startsWith("$ "));
  return next === -1 ? lines.length : next;
}
