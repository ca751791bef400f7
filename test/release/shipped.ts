import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ASSETS } from "../../src/assets.ts";
import { VERBS } from "../../src/cli/verbs.ts";
import { formatStrategy } from "../../src/strategy/file.ts";
import { VERSION } from "../../src/version.ts";
import type { CliResult } from "../support/cli.ts";
import { strategy, tmpfs, volume } from "../support/strategy-samples.ts";

export interface Shipped {
  readonly petrify: (...args: readonly string[]) => CliResult;
  /** A folder of this host, and the name by which the shipped program sees it. */
  readonly folder: { readonly here: string; readonly there: string };
}

/** What lies in every form beside the code: what that loads, and what help texts and the README point to. */
export const SHIPPED_FILES: readonly string[] = [
  ...Object.keys(ASSETS).map((name) => `dist/${name}`),
  "bin/petrify",
  "dist/petrify.mjs",
  "docs/reference/errors.md",
  "schemas/policy.schema.json",
  "schemas/strategy.schema.json",
  "CHANGELOG.md",
  "LICENSE",
  "LICENSES/GPL-2.0-only.txt",
  "README.md",
  "SECURITY.md",
];

/** What every form in which Petrify is shipped must do without a checkout, an engine or the network. */
export function testShipped(get: () => Shipped): void {
  test("--version and --help", () => {
    const { petrify } = get();
    expect(petrify("--version")).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: "" });
    const help = petrify("--help");
    expect(help.exitCode).toBe(0);
    for (const { name } of VERBS) expect(help.stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test.each(VERBS)("$name --help: its code is in the bundle", ({ name, example }) => {
    const { exitCode, stdout, stderr } = get().petrify(name, "--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(example);
  });

  /** Writes a file that both sides see; returns the name by which the shipped program knows it. */
  function handOver(name: string, content: string): string {
    const { folder } = get();
    mkdirSync(folder.here, { recursive: true });
    writeFileSync(join(folder.here, name), content);
    return join(folder.there, name);
  }

  test("exports a strategy", () => {
    const file = handOver("web.strategy.yaml", formatStrategy(strategy([tmpfs("/run/web"), volume("/srv/state")])));
    const { exitCode, stdout, stderr } = get().petrify("export", file, "--to", "docker");
    expect(stderr).not.toContain("[E_");
    expect(stdout).toContain("--read-only");
    expect(stdout).toContain("/run/web");
    expect(stdout).toContain("/srv/state");
    expect(exitCode).toBe(0);
  });

  test("a broken strategy is one sentence", () => {
    const { exitCode, stderr } = get().petrify("export", handOver("broken.strategy.yaml", "kind: ["), "--to", "docker");
    expect(stderr).toContain("[E_STRATEGY_INVALID]");
    expect(exitCode).toBe(1);
  });

  test("doctor --json tells what is there", () => {
    const { exitCode, stdout } = get().petrify("doctor", "--json");
    expect(JSON.parse(stdout)).toBeTypeOf("object");
    expect([0, 2]).toContain(exitCode);
  });
}

/** Environment without what npm and vitest put there. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(?:npm_|NODE_OPTIONS|VITEST|PETRIFY_)/i;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))), ...extra };
}
