import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProfile } from "../../src/learn/profile-file.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { type CliResult, ROOT } from "../support/cli.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { importImages } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";

const IMAGE = "petrify-during:1";
const STARTER = [process.execPath, join(ROOT, "test/support/container-starter.ts"), IMAGE];
const folder = mkdtempSync(join(tmpdir(), "during-test-"));
let engine: PrivateEngine;

beforeAll(async () => {
  engine = await startPrivateEngine();
  await importImages(engine.cacheDir, [{ reference: IMAGE, arrange: "mkdir state", changes: ['CMD ["sh"]'] }]);
});
afterAll(async () => {
  for (const { Id } of await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json?all=1"))
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
  await engine.stop();
  rmSync(folder, { recursive: true });
});

async function during(cwd: string, ...command: string[]): Promise<CliResult> {
  const out = join(folder, cwd);
  const args = ["learn", "--during", "--host", `unix://${engine.socketPath}`, "--out", out, "--", ...command];
  const running = startPetrify(args);
  // One that hangs is to say how far it came.
  const timer = setTimeout(() => running.interrupt(), 80_000);
  return running.ended.finally(() => clearTimeout(timer));
}

test.for(["in turn", "at once"])(
  "the first instruction of containers that are started %s is seen, or said not to be",
  async (how, { annotate }) => {
    const names = Array.from({ length: 8 }, (_, index) => `${how.replace(" ", "-")}-${index}`);
    const { exitCode, stderr } = await during(how, ...STARTER, how, ...names);
    expect(exitCode === 0 ? "" : stderr).toBe("");
    const lost = [...stderr.matchAll(/^lost: (\S+)/gm)].map(([, name]) => name);
    let complete = 0;
    for (const name of names.filter((one) => !lost.includes(one))) {
      const { header, records } = await readProfile(join(folder, how, `${name}.profile.ndjson.zst`));
      const sawStart = !header.incomplete.some((reason) => reason.includes("start was not observed"));
      if (sawStart) complete++;
      // No middle way: a start that counts as seen has its first instruction.
      const first = { path: `/state/${name}`, done: ["mkdir"], by: ["/bin/mkdir"] };
      expect({ sawStart, records }).toMatchObject({ sawStart, records: sawStart ? [first] : records });
      const { phases } = header.coverage;
      // One that nobody saw start may be known by its end.
      const hasRun = sawStart || phases.length > 0;
      expect(phases).toMatchObject(hasRun ? [{ phase: "first", test: 0, exitedEarly: 0 }] : []);
    }
    await annotate(`${complete} of ${names.length} starts seen, ${lost.length} lost by the engine`);
    expect(complete).toBeGreaterThan(0);
  },
);

test("what the command leaves running goes on; its exit code counts as the test", async () => {
  const script = `'${STARTER.join("' '")}' 'in turn' left && exit 0`;
  const { exitCode } = await during("left", "sh", "-c", script);
  expect(exitCode).toBe(0);
  const file = join(folder, "left", "left.strategy.yaml");
  const strategy = parseStrategy(readFileSync(file, "utf8"), file);
  expect(strategy.test).toEqual({ kind: "external" });
  expect(strategy.incomplete).toEqual(["no restart was observed: what it reads back after one is not known"]);
  expect(strategy.entries).toMatchObject([{ path: "/state" }]);
  expect(await dockerJson(engine.socketPath, "GET", "/containers/left/json")).toMatchObject({ Name: "/left" });
});

test("a container that was there before and is started again is learned with what it left, and its start is said not to be seen", async () => {
  const body = {
    Image: IMAGE,
    Cmd: ["mkdir", "-p", "/state/once"],
    HostConfig: { NetworkMode: "none" },
  };
  const { Id } = await dockerJson<{ Id: string }>(
    engine.socketPath,
    "POST",
    "/containers/create?name=there-before",
    body,
  );
  const post = (action: string): string =>
    `await dockerHttp(${JSON.stringify(engine.socketPath)}, "POST", "/containers/${Id}/${action}");`;
  const script = `
    const { dockerHttp } = await import(${JSON.stringify(join(ROOT, "test/support/docker-http.ts"))});
    ${post("start")} ${post("wait")}`;
  await dockerHttp(engine.socketPath, "POST", `/containers/${Id}/start`);
  await dockerHttp(engine.socketPath, "POST", `/containers/${Id}/wait`);
  const { exitCode, stderr } = await during("before", process.execPath, "--input-type=module", "-e", script);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const { header, records } = await readProfile(join(folder, "before", "there-before.profile.ndjson.zst"));
  expect(records.map(({ path }) => path)).toContain("/state/once");
  expect(header.incomplete.join()).toContain("its start was not observed");
});

test.for([
  [["sh", "-c", "exit 3"], "E_TEST_FAILED"],
  [["true"], "E_CONTAINER_NOT_FOUND"],
  [["/nonexistent"], "E_IO"],
] as const)("%j ends with %s", async ([command, code]) => {
  const { exitCode, stderr } = await during("none", ...command);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(code) as string });
});
