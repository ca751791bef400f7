import { fileURLToPath } from "node:url";

/**
 * Files that are needed beside the code at run time: name in a release -> source below `src/`.
 * `scripts/bundle.ts` compiles the `.ts` ones to entries of their own (`.cjs`: one file of CommonJS) and copies the others, each to `dist/NAME`.
 */
export const ASSETS = {
  "netns-helper.mjs": "engine/embedded/netns-helper.ts",
  "sensor-worker.mjs": "sensor/worker.ts",
  "runtime-wrapper.cjs": "guard/runtime-wrapper/main.ts",
  "policy-file.mjs": "policy/file.ts",
  "petrify.x86_64.bpf.o": "sensor/bpf/petrify.x86_64.bpf.o",
  "petrify.aarch64.bpf.o": "sensor/bpf/petrify.aarch64.bpf.o",
  "report-page.css": "report/page/page.css",
  "report-kinds.css": "report/page/kinds.css",
  "report-map.css": "report/page/map.css",
  "report-content.css": "report/page/content.css",
  "report-strips.css": "report/page/strips.css",
  "report-print.css": "report/page/print.css",
  "report-page.js": "report/page/page.js",
} as const satisfies Readonly<Record<string, string>>;
export type AssetName = keyof typeof ASSETS;

// In a release this module is inlined into a file that lies beside the assets; in a checkout it lies in src/.
const inCheckout = import.meta.url.endsWith("/assets.ts");

/** Absolute path of an asset, in a checkout and in a release. */
export function assetPath(name: AssetName): string {
  return fileURLToPath(new URL(inCheckout ? ASSETS[name] : name, import.meta.url));
}
