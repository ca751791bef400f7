import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NO_SETTINGS } from "../../model/workload.ts";
import { formatStrategy } from "../../strategy/file.ts";
import type { AuditedContainer } from "../container.ts";
import { fitStrategies } from "./strategies.ts";

let folder: string;
const home = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-fit-"));
  mkdirSync(join(folder, "shop"));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

function put(path: string, name: string): void {
  writeFileSync(
    path,
    formatStrategy({
      name,
      fits: { repositories: ["docker.io/library/nginx"] },
      workload: { ...NO_SETTINGS, name, image: "nginx" },
      entries: [],
      profile: { file: `${name}.profile.ndjson.zst`, sha256: "0".repeat(64) },
      incomplete: [],
      test: { kind: "none" },
      verifiedOn: [],
    }),
  );
}
const service = (file: string, workload = "web"): AuditedContainer => ({
  source: { kind: "compose", name: file },
  workload,
  role: "main",
  os: "linux",
  settings: { image: { value: "nginx:1" } },
  strategy: { standing: "none" },
});
const files = (containers: readonly AuditedContainer[]): readonly string[] =>
  containers.map(({ strategy }) => (strategy.standing === "none" ? "none" : `${strategy.standing} ${strategy.file}`));

test("that beside the file comes first, then that of the current folder; of deeper folders none", () => {
  put("a.strategy.yaml", "a");
  const services = [service("compose.yaml"), service("shop/compose.yaml"), service("-")];
  expect(files(fitStrategies(services).containers)).toEqual(Array(3).fill("unverified a.strategy.yaml"));
  put("shop/b.strategy.yaml", "b");
  expect(files(fitStrategies(services).containers)).toEqual([
    "unverified a.strategy.yaml",
    "unverified shop/b.strategy.yaml",
    "unverified a.strategy.yaml",
  ]);
  expect(files(fitStrategies(services, "shop").containers)).toEqual(Array(3).fill("unverified shop/b.strategy.yaml"));
  expect(files(fitStrategies(services, join(folder, "shop")).containers)[0]).toBe("unverified shop/b.strategy.yaml");
});

test("a broken one is a problem, once, and the others count", () => {
  put("a.strategy.yaml", "a");
  writeFileSync("b.strategy.yaml", "kind: WriteStrategy\nentries: [");
  writeFileSync("c.strategy.yaml", Buffer.from([0xff, 0xfe]));
  const { containers, problems } = fitStrategies([service("x.yaml"), service("y.yaml")]);
  expect(files(containers)).toEqual(Array(2).fill("unverified a.strategy.yaml"));
  expect(problems.map(({ source, code }) => [source, code])).toEqual([
    ["b.strategy.yaml", "E_STRATEGY_INVALID"],
    ["c.strategy.yaml", "E_AUDIT_TEXT"],
  ]);
});

test("where a strategy is broken stands beside the file's name, which is told once", () => {
  put("a.strategy.yaml", "a");
  writeFileSync("a.strategy.yaml", readFileSync("a.strategy.yaml", "utf8").replace("entries:", "entres:"));
  const [problem] = fitStrategies([service("x.yaml")]).problems;
  expect(problem).toMatchObject({ source: "a.strategy.yaml", at: { line: expect.any(Number) as number } });
  expect(problem?.message).not.toContain("a.strategy.yaml");
});

test("of several that fit alike none is used, and a note names them", () => {
  put("a.strategy.yaml", "a");
  put("b.strategy.yaml", "b");
  const { containers, notes } = fitStrategies([service("x.yaml"), service("x.yaml", "b")]);
  expect(files(containers)).toEqual(["none", "unverified b.strategy.yaml"]);
  expect(notes).toEqual([
    {
      source: "x.yaml",
      message:
        "web: a.strategy.yaml and b.strategy.yaml fit alike, so none of them is used. Name one of them after it, or remove the others.",
    },
  ]);
});

test("a folder that is not there, what is no file, and links that lead out are no strategies", () => {
  expect(() => fitStrategies([], "nowhere")).toThrow("The folder of strategies nowhere cannot be read.");
  mkdirSync("d.strategy.yaml");
  symlinkSync("/nowhere", "l.strategy.yaml");
  put("shop/kept", "kept");
  symlinkSync("kept", "shop/inside.strategy.yaml");
  symlinkSync("../shop/inside.strategy.yaml", "inside.strategy.yaml");
  put("a.strategy.yaml", "a");
  symlinkSync("../a.strategy.yaml", "shop/out.strategy.yaml");
  expect(files(fitStrategies([service("shop/x.yaml")]).containers)).toEqual(["unverified shop/inside.strategy.yaml"]);
  expect(fitStrategies([service("shop/x.yaml")]).problems).toEqual([]);
});
