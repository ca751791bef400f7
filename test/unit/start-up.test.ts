import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../scripts/bundle.ts";
import { ASSETS } from "../../src/assets.ts";
import { ROOT } from "../support/cli.ts";

/** Each costs more than the whole of `--version` may take. */
const HEAVY = ["zod", "yaml", "koffi"];

// Prints each module that is loaded.
const TRACER = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  registerHooks({ load: (url, context, next) => (process.stderr.write(url + "\\n"), next(url, context)) });
`)}`;

test("in a checkout --version loads no verb and no heavy package", () => {
  const { status, stderr } = spawnSync(process.execPath, ["--import", TRACER, "bin/petrify.mjs", "--version"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  const loaded = stderr.split("\n");
  expect(loaded.some((url) => url.endsWith("/src/cli/main.ts"))).toBe(true);
  for (const name of HEAVY) expect(loaded.filter((url) => url.includes(`/node_modules/${name}/`))).toEqual([]);
  expect(loaded.filter((url) => /\/src\/(?:learn|verify|engine|sensor|strategy|export|report)\//.test(url))).toEqual(
    [],
  );
});

describe("the bundle", () => {
  let folder: string;
  let metafile: Metafile;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "petrify-bundle-"));
    metafile = await bundle(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const output = (name: string) => {
    const found = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}`));
    if (found === undefined) throw new Error(`${name} is not in the bundle`);
    return { path: found[0], ...found[1] };
  };

  /** The files that are loaded with `path`, without what is imported only later. */
  function loadedWith(path: string, seen = new Set<string>()): Set<string> {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "import-statement") loadedWith(next, seen);
    }
    return seen;
  }

  test("starts without a heavy package", () => {
    const files = [...loadedWith(output("petrify.mjs").path)];
    const inputs = files.flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
    expect(inputs.some((input) => input.includes("node_modules/commander/"))).toBe(true);
    for (const name of HEAVY) {
      expect(inputs.filter((input) => input.includes(`node_modules/${name}/`))).toEqual([]);
      expect(files).not.toContain(name);
    }
  });

  // Every verb, option and rule that is not needed for `--version` lies in a file that is loaded later.
  test("starts with little", () => {
    const bytes = [...loadedWith(output("petrify.mjs").path)].reduce(
      (sum, file) => sum + (metafile.outputs[file]?.bytes ?? 0),
      0,
    );
    expect(bytes).toBeLessThan(140_000);
  });

  // It starts with each container: each module more, and each heavy package, is paid for every time.
  test("has the runtime wrapper in one small file", () => {
    const { bytes, imports, inputs } = output("runtime-wrapper.cjs");
    const own = imports.filter(({ path }) => !path.startsWith("node:"));
    expect(own).toEqual([expect.objectContaining({ path: "./policy-file.mjs", kind: "dynamic-import" })]);
    expect(imports.map(({ path }) => path)).not.toContain("node:crypto");
    expect(Object.keys(inputs).filter((input) => input.includes("node_modules"))).toEqual([]);
    expect(bytes).toBeLessThan(100_000);
  });

  // zod by `import { z }` instead of `import * as z` alone drags in 370 kB of locales.
  test("stays small", () => {
    const bytes = Object.values(metafile.outputs).reduce((sum, file) => sum + file.bytes, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(2_700_000);
    const locales = Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([input, { bytesInOutput }]) => /zod\/.*locales\/(?!en\b)/.test(input) && bytesInOutput > 0);
    expect(locales).toEqual([]);
  });

  test("holds every asset under its name", () => {
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(Object.keys(ASSETS)));
  });
});
