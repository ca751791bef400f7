import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageFile, ROOT } from "../support/cli.ts";

const REFUSED_IMPORTS: readonly (readonly [file: string, specifier: string])[] = [
  ["src/model/units.ts", "node:fs"],
  ["src/model/events.ts", "zod"],
  ["src/model/errors.ts", "../strategy/plan.ts"],
  ["src/strategy/plan.ts", "node:fs"],
  ["src/strategy/places.ts", "node:path"],
  ["src/strategy/rules/volume.ts", "../../engine/engine.ts"],
  ["src/export/docker.ts", "node:child_process"],
  ["src/export/podman.ts", "../cli/errors.ts"],
  ["src/export/compose/splice.ts", "../../sensor/sensor.ts"],
  ["src/report/page.ts", "node:fs"],
  ["src/report/exports.ts", "../cli/report-file.ts"],
  ["src/learn/fold/fold.ts", "node:crypto"],
  ["src/learn/fold/names.ts", "../../engine/docker/client.ts"],
  ["src/verify/judge/judge.ts", "koffi"],
  ["src/bake/plan/plan.ts", "node:fs"],
  ["src/bake/plan/names.ts", "../../engine/engine.ts"],
  ["src/engine/docker/client.ts", "../../cli/main.ts"],
  ["src/sensor/worker.ts", "../learn/learn.ts"],
];

const ALLOWED_IMPORTS: readonly (readonly [file: string, specifier: string])[] = [
  ["src/model/verdict.ts", "./errors.ts"],
  ["src/strategy/paths.ts", "node:path/posix"],
  ["src/strategy/sizes.ts", "../model/units.ts"],
  ["src/report/map.ts", "../export/targets.ts"],
  ["src/strategy/plan.test.ts", "node:fs"],
  ["src/learn/learn.ts", "../engine/engine.ts"],
  ["src/engine/docker/socket.ts", "node:http"],
  ["src/bake/plan/dockerfile.ts", "../../export/shell-quote.ts"],
  ["src/bake/bake.ts", "../engine/engine.ts"],
  ["src/cli/learn.ts", "../learn/learn.ts"],
];

const REFUSED_CODE: readonly (readonly [what: string, file: string, source: string, rule: string])[] = [
  ["a default export", "src/learn/default.ts", "export default 1;\n", "no-default-export"],
  ["any", "src/learn/any.ts", "export const f = (x: any) => x;\n", "no-explicit-any"],
  ["console in a domain folder", "src/learn/console.ts", "export const f = () => console.log(1);\n", "no-console"],
  ["an import cycle", "src/learn/a.ts", 'import { b } from "./b.ts";\nexport const a = () => b;\n', "no-cycle"],
];

interface Diagnostic {
  /** `eslint(no-restricted-imports)` */
  readonly code: string;
  readonly filename: string;
}

let folder: string;
let diagnosticsByFile: ReadonlyMap<string, readonly Diagnostic[]>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-lint-"));
  cpSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [file, specifier] of [...REFUSED_IMPORTS, ...ALLOWED_IMPORTS]) {
    write(file, `import * as imported from "${specifier}";\nexport const used = imported;\n`);
  }
  for (const [, file, source] of REFUSED_CODE) write(file, source);
  write("src/learn/b.ts", 'import { a } from "./a.ts";\nexport const b = () => a;\n');
  const oxlint = packageFile("oxlint", "bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format", "json"], { cwd: folder, encoding: "utf8" });
  const diagnostics: readonly Diagnostic[] = JSON.parse(stdout).diagnostics;
  diagnosticsByFile = Map.groupBy(diagnostics, ({ filename }) => filename);
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, source: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), source);
}

function rulesFor(file: string): string {
  return (diagnosticsByFile.get(file) ?? []).map(({ code }) => code).join(" ");
}

test.each(REFUSED_IMPORTS)("%s may not import %s", (file) => {
  expect(rulesFor(file)).toContain("no-restricted-imports");
});

test.each(ALLOWED_IMPORTS)("%s may import %s", (file) => {
  expect(rulesFor(file)).not.toContain("no-restricted-imports");
});

test.each(REFUSED_CODE)("%s is refused", (_what, file, _source, rule) => {
  expect(rulesFor(file)).toContain(rule);
});
