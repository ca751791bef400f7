/** `npm run bundle`: the release form of the code, in `dist/`. Modules of a verb stay files of their own, loaded when it is used. */
import { build, type Metafile } from "esbuild";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ASSETS } from "../src/assets.ts";

const ROOT = join(import.meta.dirname, "..");

/** Writes the bundle into `outDir`, which is emptied first; returns what esbuild says about inputs and outputs. */
export async function bundle(outDir: string): Promise<Metafile> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const assets = Object.entries(ASSETS).map(([name, source]) => ({ name, source: join(ROOT, "src", source) }));
  const entries = assets.filter(({ source }) => source.endsWith(".ts"));
  for (const { name, source } of assets) if (!source.endsWith(".ts")) copyFileSync(source, join(outDir, name));
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [
      { out: "petrify", in: join(ROOT, "src/cli/main.ts") },
      ...entries.map(({ name, source }) => ({ out: name.replace(/\.mjs$/, ""), in: source })),
    ],
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunk-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external: ["koffi"],
    // commander is CommonJS inside and asks for Node's own modules by `require`.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}

if (import.meta.main) {
  const { outputs } = await bundle(join(ROOT, "dist"));
  for (const [file, { bytes }] of Object.entries(outputs)) console.log(`${String(bytes).padStart(9)}  ${file}`);
}
