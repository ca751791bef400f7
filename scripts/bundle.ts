/** `npm run bundle`: the release form of the code, in `dist/`. Modules of a verb stay files of their own, loaded when it is used. */
import { build, type Metafile } from "esbuild";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type AssetName, ASSETS } from "../src/assets.ts";

const ROOT = join(import.meta.dirname, "..");

/** Writes the bundle into `outDir`, which is emptied first; returns what esbuild says about inputs and outputs. */
export async function bundle(outDir: string): Promise<Metafile> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const assets = Object.entries(ASSETS).map(([name, source]) => ({ name, source: join(ROOT, "src", source) }));
  const entries = assets.filter(({ name, source }) => source.endsWith(".ts") && name !== WRAPPER);
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
  const wrapper = await bundleWrapper(join(outDir, WRAPPER));
  return {
    inputs: { ...metafile.inputs, ...wrapper.inputs },
    outputs: { ...metafile.outputs, ...wrapper.outputs },
  };
}

const WRAPPER = "runtime-wrapper.cjs" satisfies AssetName;
const POLICY_FILE = "policy-file.mjs" satisfies AssetName;

/**
 * It starts with every container: one file of CommonJS, which Node loads in a third of the time of some forty modules. What reads a policy
 * anew, with YAML and zod, stays in the other part of the bundle.
 */
async function bundleWrapper(outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, "src", ASSETS[WRAPPER])],
    outfile,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    plugins: [
      {
        name: "policy-file",
        setup: (building) =>
          building.onResolve({ filter: /\/policy\/file\.ts$/ }, () => ({ path: `./${POLICY_FILE}`, external: true })),
      },
    ],
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
