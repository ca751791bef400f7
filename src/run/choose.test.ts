import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { plainWorkload } from "../../test/support/workload.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Strategy } from "../model/strategy.ts";
import { formatStrategy } from "../strategy/file.ts";
import { chooseStrategy } from "./choose.ts";

const IMAGE: ImageFacts = {
  id: `sha256:${"1".repeat(64)}`,
  repoDigests: [],
  repoTags: ["app:1"],
  entrypoint: [],
  command: [],
  env: [],
  user: "",
  workingDir: "",
  volumes: [],
  exposedPorts: [],
  hasHealthcheck: false,
  architecture: "amd64",
  sizeBytes: 1,
};
const WORKLOAD = plainWorkload("app:1");
const STRATEGY: Strategy = {
  name: "app",
  fits: { repositories: ["docker.io/library/app"] },
  workload: WORKLOAD,
  entries: [],
  profile: { file: "app.profile.ndjson.zst", sha256: "0".repeat(64) },
  incomplete: [],
  test: { kind: "none" },
  verifiedOn: [],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "choose-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
function put(file: string, strategy: Strategy): string {
  const path = join(folder, file);
  writeFileSync(path, formatStrategy(strategy));
  return path;
}

test("the one that fits is taken, and said to be unverified on this image", async () => {
  put("app.strategy.yaml", STRATEGY);
  put("other.strategy.yaml", { ...STRATEGY, name: "other", fits: { repositories: ["docker.io/library/other"] } });
  const { strategy, reason } = await chooseStrategy(WORKLOAD, IMAGE, { folder });
  expect(strategy?.name).toBe("app");
  expect(reason).toMatch(/app\.strategy\.yaml fits, UNVERIFIED/);
});

test("a strategy that was verified on this image says so", async () => {
  put("app.strategy.yaml", { ...STRATEGY, verifiedOn: [IMAGE.id] });
  expect((await chooseStrategy(WORKLOAD, IMAGE, { folder })).reason).toMatch(/, verified on this image/);
});

test.each([
  ["none is there", undefined, WORKLOAD, /template .*no \*\.strategy\.yaml is here$/],
  [
    "none is for this image",
    { ...STRATEGY, fits: { repositories: ["docker.io/library/x"] } },
    WORKLOAD,
    /for this image$/,
  ],
  [
    "it was learned with another command",
    { ...STRATEGY, workload: { ...WORKLOAD, command: ["serve"] } },
    WORKLOAD,
    /app\.strategy\.yaml does not fit\. .*"serve"/,
  ],
  [
    "it counts on a directory of the host that this run does not mount",
    { ...STRATEGY, entries: [{ kind: "bind", path: "/data", source: "/srv", readOnly: false, why: "x" }] },
    WORKLOAD,
    /bind mount on \/data/,
  ],
] as const)("the template is taken when %s", async (_name, strategy, workload, reason) => {
  if (strategy !== undefined) put("app.strategy.yaml", strategy);
  const choice = await chooseStrategy(workload, IMAGE, { folder });
  expect(choice.strategy).toBeUndefined();
  expect(choice.reason).toMatch(reason);
});

test("a volume that its driver could lead to the host's own files is taken only when its file is named", async () => {
  const entry = {
    kind: "volume",
    path: "/data",
    reason: "given",
    seeded: false,
    uid: 0,
    gid: 0,
    mode: 0o755,
    exec: false,
    why: "x",
  } as const;
  for (const way of [{ options: { type: "none", o: "bind", device: "/etc" } }, { driver: "nfs" }]) {
    const file = put("app.strategy.yaml", { ...STRATEGY, entries: [{ ...entry, ...way }] });
    const choice = await chooseStrategy(WORKLOAD, IMAGE, { folder });
    expect(choice.strategy).toBeUndefined();
    expect(choice.reason).toMatch(/on \/data: name the file with --strategy/);
    expect((await chooseStrategy(WORKLOAD, IMAGE, { folder, file })).strategy?.name).toBe("app");
  }
});

test("two that fit are refused by name, and so is a named one that does not fit", async () => {
  put("a.strategy.yaml", STRATEGY);
  const b = put("b.strategy.yaml", { ...STRATEGY, name: "b" });
  await expect(chooseStrategy(WORKLOAD, IMAGE, { folder })).rejects.toMatchObject({ code: "E_USAGE" });
  expect((await chooseStrategy(WORKLOAD, IMAGE, { folder, file: b })).strategy?.name).toBe("b");
  const other = { ...WORKLOAD, user: "nobody" };
  await expect(chooseStrategy(other, IMAGE, { folder, file: b })).rejects.toMatchObject({ code: "E_USAGE" });
});
