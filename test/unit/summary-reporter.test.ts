import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageFile, ROOT } from "../support/cli.ts";

let folder: string;
beforeEach(() => {
  // Inside the checkout, so that `vitest` resolves as it does for every test.
  folder = mkdtempSync(join(ROOT, "test/unit/.summary-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(source: string): { readonly lines: readonly string[]; readonly status: number | null } {
  writeFileSync(
    join(folder, "vitest.config.ts"),
    `import { SummaryReporter } from "../../support/summary-reporter.ts";
     export default { test: { root: import.meta.dirname, include: ["*.case.ts"], reporters: ["default", new SummaryReporter()] } };`,
  );
  writeFileSync(join(folder, "x.case.ts"), `import { beforeAll, describe, expect, test } from "vitest";\n${source}`);
  const vitest = packageFile("vitest", "vitest.mjs");
  const { stdout, status } = spawnSync(
    process.execPath,
    [vitest, "run", "--config", join(folder, "vitest.config.ts")],
    {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  return { lines: stdout.trimEnd().split("\n"), status };
}

test("the last line counts, and skipped ones give their reason above it", () => {
  const { lines, status } = run(`
    test("one", () => {});
    test("two", () => {});
    test("three", () => expect(1).toBe(2));
    test("four", ({ skip }) => skip("no BPF on this kernel"));
  `);
  expect(lines.at(-1)).toBe("2 passed, 1 failed, 1 skipped");
  expect(lines).toContain("skipped: four: no BPF on this kernel");
  expect(status).toBe(1);
});

test("nothing skipped, nothing said about it", () => {
  expect(run(`test("one", () => {});`)).toMatchObject({ status: 0 });
  expect(run(`test("one", () => {});`).lines.at(-1)).toBe("1 passed, 0 failed");
});

test.each([
  ["a hook that throws", `describe("d", () => { beforeAll(() => { throw new Error("x"); }); test("t", () => {}); });`],
  ["a file that cannot be loaded", `throw new Error("x"); test("t", () => {});`],
  ["a rejection that nobody handles", `test("t", async () => { void Promise.reject(new Error("x")); });`],
])("%s counts as failed", (_name, source) => {
  const { lines, status } = run(source);
  expect(lines.at(-1)).toMatch(/^\d+ passed, 1 failed/);
  expect(status).toBe(1);
});
