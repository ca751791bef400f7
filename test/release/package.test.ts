import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../../src/version.ts";
import { petrify, ROOT } from "../support/cli.ts";
import { SHIPPED_FILES, cleanEnvironment, testShipped } from "./shipped.ts";

/** What doctor found about the kernel sensor. */
function sensorOf({ stdout }: { readonly stdout: string }): unknown {
  return JSON.parse(stdout).findings.find(({ id }: { readonly id: string }) => id === "sensor");
}

describe("the npm package, installed into an empty prefix", () => {
  let folder: string;
  const prefix = () => join(folder, "prefix");

  function installed(args: readonly string[], extra: NodeJS.ProcessEnv = {}) {
    const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
    const result = spawnSync(join(prefix(), "bin/petrify"), args, {
      cwd: "/",
      encoding: "utf8",
      env: cleanEnvironment({ PATH, ...extra }),
    });
    return { exitCode: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "petrify-package-"));
    const env = cleanEnvironment({ npm_config_loglevel: "error" });
    const npm = (...args: string[]) => execFileSync("npm", args, { cwd: ROOT, stdio: "pipe", env });
    npm("pack", "--pack-destination", folder);
    npm("install", "--global", "--prefix", prefix(), join(folder, `petrify-${VERSION}.tgz`));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  testShipped(() => ({
    petrify: (...args) => installed(args),
    folder: { here: join(folder, "work"), there: join(folder, "work") },
  }));

  test("holds the bundle and no sources, tests or development Node", () => {
    const root = join(prefix(), "lib/node_modules/petrify");
    const files = globSync("**", { cwd: root, exclude: ["node_modules"] });
    expect(files).toEqual(expect.arrayContaining([...SHIPPED_FILES]));
    expect(files.filter((file) => /^(?:src|test|demo|bench|scripts|tools)(?:\/|$)|\.tar\.gz$/.test(file))).toEqual([]);
    expect(globSync("**/node-linux-*", { cwd: prefix() })).toEqual([]);
  });

  test("its worker, koffi and BPF object work together as they do in a checkout", () => {
    const fromCheckout = sensorOf(petrify(["doctor", "--json"]));
    expect(fromCheckout).toBeDefined();
    expect(sensorOf(installed(["doctor", "--json"]))).toEqual(fromCheckout);
  });

  test("under an older Node it says so in one sentence", () => {
    const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
    const { exitCode, stderr } = installed(["--version"], { NODE_OPTIONS: `--import "${pretend}"` });
    expect(stderr).toMatch(/^petrify: .* 24 or newer, and this is 20\.20\.2\. {2}\[E_NODE_TOO_OLD\]\nhint: .*\n$/);
    expect(exitCode).toBe(1);
  });
});
