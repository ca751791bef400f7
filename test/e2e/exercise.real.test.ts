import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StrategyTest } from "../../src/model/strategy.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { formatStrategy, parseStrategy } from "../../src/strategy/file.ts";
import { type CliResult, petrify } from "../support/cli.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { tmpfs } from "../support/strategy-samples.ts";

/** A web server whose second page writes; a service that writes when it is asked to reload; one that waits to be used. */
const WEB = "httpd -p 80 -h /www";
const RELOADS = "trap 'echo r > /srv/reloaded; rm /srv/reloaded' HUP";
const PAGE = "#!/bin/sh\\necho hit > /srv/hits\\nprintf 'Content-Type: text/plain\\\\r\\\\n\\\\r\\\\nok'\\n";

interface LearnedJson {
  readonly test: StrategyTest;
  readonly incomplete: readonly string[];
  readonly entries: readonly { readonly path: string; readonly kind: string }[];
  readonly coverage: {
    readonly pages: readonly string[];
    readonly usedPorts: readonly string[];
    readonly uncovered: { readonly ports: readonly string[]; readonly signals: readonly string[] };
  };
  readonly runs?: readonly { readonly newPaths: number; readonly changedStrategy: boolean }[];
}

const folder = mkdtempSync(join(tmpdir(), "exercise-test-"));
let engine: PrivateEngine;

beforeAll(async () => {
  engine = await startPrivateEngine();
  await importImages(engine.cacheDir, [
    {
      reference: "petrify-web:1",
      arrange: `mkdir -p www/cgi-bin && echo '<a href="/cgi-bin/hit">hit</a>' > www/index.html && printf "${PAGE}" > www/cgi-bin/hit && chmod 755 www/cgi-bin/hit`,
      changes: [service(WEB), "EXPOSE 80"],
    },
    { reference: "petrify-reloads:1", changes: [service(RELOADS)] },
  ]);
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

function petrifyIn(cwd: string, ...args: string[]): CliResult {
  mkdirSync(join(folder, cwd), { recursive: true });
  return petrify(args, {
    env: { PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined },
    cwd: join(folder, cwd),
  });
}
function learn(cwd: string, ...args: string[]): LearnedJson {
  const { exitCode, stdout, stderr } = petrifyIn(cwd, "learn", "--host", "embedded", "--json", ...args);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return JSON.parse(stdout) as LearnedJson;
}
function verify(cwd: string, file: string): Verdict {
  return JSON.parse(petrifyIn(cwd, "verify", "--host", "embedded", "--json", file).stdout) as Verdict;
}

test("without a test the pages of a web server are asked for, and verify asks again", () => {
  const learned = learn("web", "petrify-web:1");
  expect(learned.test).toEqual({ kind: "probe" });
  expect(learned.coverage.pages).toEqual(["80/tcp /", "80/tcp /cgi-bin/hit"]);
  expect(learned.coverage).toMatchObject({ usedPorts: ["80/tcp"], uncovered: { ports: [] } });
  expect(learned.incomplete).toEqual([]);
  expect(learned.entries.map(({ path }) => path)).toEqual(["/srv"]);
  expect(verify("web", "petrify-web.strategy.yaml")).toMatchObject({
    outcome: "passed",
    caveats: ["only the pages of its ports were asked for, by GET"],
  });

  const file = join(folder, "web/petrify-web.strategy.yaml");
  writeFileSync(file, formatStrategy({ ...parseStrategy(readFileSync(file, "utf8"), file), entries: [] }));
  const { outcome, regressions } = verify("web", "petrify-web.strategy.yaml");
  expect(outcome).toBe("failed");
  expect(regressions).toMatchObject([{ kind: "operation", path: "/srv/hits", errno: "EROFS" }]);
});

test("without the probe nothing was tested, and the strategy is never called safe", () => {
  const learned = learn("unprobed", "--no-probe", "petrify-web:1");
  expect(learned.test).toEqual({ kind: "none" });
  expect(learned.coverage.uncovered.ports).toEqual(["80/tcp"]);
  expect(learned.incomplete).toEqual(["no test was run: what nobody used meanwhile was not observed"]);
  const verdict = verify("unprobed", "petrify-web.strategy.yaml");
  expect(verdict.caveats.join()).toContain("no test");
  expect(readFileSync(join(folder, "unprobed/petrify-web.strategy.yaml"), "utf8")).toContain("verifiedOn: []");

  // Nothing used the mount, but nothing was tested either: it stays.
  const file = join(folder, "unprobed/petrify-web.strategy.yaml");
  const strategy = parseStrategy(readFileSync(file, "utf8"), file);
  const entries = [...strategy.entries, tmpfs("/opt")];
  writeFileSync(file, formatStrategy({ ...strategy, entries }));
  const { exitCode, stdout } = petrifyIn("unprobed", "verify", "--host", "embedded", "--minimal", file);
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("works without it") as string,
  });
  expect(parseStrategy(readFileSync(file, "utf8"), file).entries).toHaveLength(entries.length);
});

test("a signal that is handled is told; sent, it shows what a reload writes, and verify sends it, too", () => {
  const quiet = learn("reloads", "--exec", "true", "petrify-reloads:1");
  expect(quiet.coverage.uncovered.signals).toEqual(["SIGHUP"]);
  expect(quiet.entries).toEqual([]);

  const learned = learn("reloads", "--exec", "true", "--signal", "hup", "petrify-reloads:1");
  expect(learned.test).toEqual({ kind: "command", exec: "true", signals: ["SIGHUP"] });
  expect(learned.coverage.uncovered.signals).toEqual([]);
  expect(learned.entries.map(({ path }) => path)).toEqual(["/srv"]);
  expect(verify("reloads", "petrify-reloads.strategy.yaml")).toMatchObject({ outcome: "passed" });

  const refused = petrifyIn("reloads", "learn", "--host", "embedded", "--signal", "NOPE", "petrify-reloads:1");
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("E_USAGE") as string });
});

test("more runs in a row than there are is refused before any", () => {
  const refused = petrifyIn(
    "impossible",
    "learn",
    "--host",
    "embedded",
    "--until-stable",
    "2",
    "--runs",
    "2",
    "petrify-web:1",
  );
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("the first always does.  [E_USAGE]") as string,
  });
  expect(refused).not.toMatchObject({ stderr: expect.stringContaining("first run") as string });
});

test("a function that only the second run uses is found by --until-stable, which then ends", () => {
  const counter = join(folder, "counter");
  writeFileSync(counter, "");
  // Two phases a run: the third call is the second run's first. The command inside runs after the one on the host.
  const uses = `echo x >> ${counter}; [ $(wc -l < ${counter}) -ne 3 ] || touch ${folder}/now`;
  const learned = learn(
    "used",
    "--until-stable",
    "--runs=6",
    `--volume=${folder}:/host:ro`,
    `--test=${uses}`,
    "--exec=mkdir -p /srv/a; echo a > /srv/a/f; [ ! -e /host/now ] || mkdir /var/b",
    "petrify-web:1",
  );
  expect(learned.runs).toMatchObject([
    { changedStrategy: true },
    { changedStrategy: true },
    { changedStrategy: false },
    { changedStrategy: false },
  ]);
  expect(learned.incomplete).toEqual([]);
  const paths = learned.entries.map(({ path }) => path);
  expect(paths).toEqual(["/host", "/srv", "/var/b"]);
});
