import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { ImageRecipe, ImageRun, RecipeFile } from "./images/recipe.ts";

/** An application of the corpus: an image, how it is run, and what exercises it. */
export interface CorpusWorkload {
  readonly recipe: ImageRecipe;
  /** Flags of `docker run` that the application needs writable as well. */
  readonly settings: { readonly hostname?: string; readonly capAdd: readonly string[] };
  /** `test.ts`; run on this host in the checkout's root folder; told by environment variables where the workload is. */
  readonly test?: string;
  /** Run inside the container after that, with PETRIFY_PHASE. */
  readonly exec?: string;
  /** Paths whose content a replaced container must find again; the test asks for it in the phase `replace`. */
  readonly persists: readonly string[];
  /** Changes of the application's configuration that only a read-only root calls for. */
  readonly handEdits: readonly string[];
}

/** One folder for each application: `workload.yaml`, `test.ts`, and the files that the image gets. */
const CORPUS = join(import.meta.dirname, "../test/e2e/workloads");

const mode = z
  .string()
  .regex(/^[0-7]{3,4}$/)
  .transform((text) => Number.parseInt(text, 8));
const fileSchema = z.union([
  z.strictObject({ from: z.string(), mode }),
  z.strictObject({ text: z.string(), mode }),
  z.strictObject({ linkTo: z.string() }),
  z.strictObject({ directory: z.literal(true), mode, uid: z.int().optional(), gid: z.int().optional() }),
]);
const texts = z.array(z.string());
const schema = z.strictObject({
  base: z.enum(["debian", "busybox"]).default("debian"),
  packages: texts,
  setup: z.string().optional(),
  files: z.record(z.string(), fileSchema).optional(),
  run: z.strictObject({
    command: texts,
    user: z.string().optional(),
    env: texts.optional(),
    workingDir: z.string().optional(),
    exposedPorts: texts.optional(),
    volumes: texts.optional(),
    stopSignal: z.string().optional(),
  }),
  settings: z.strictObject({ hostname: z.string().optional(), capAdd: texts.default([]) }).default({ capAdd: [] }),
  exec: z.string().optional(),
  persists: texts,
  deviations: texts,
  handEdits: texts.default([]),
});

/** Names of all applications, sorted. */
export function corpusNames(): readonly string[] {
  return readdirSync(CORPUS).toSorted();
}

/** Where the files of an application lie. */
export function corpusFolder(name: string): string {
  return join(CORPUS, name);
}

/** Reads the application of this name. Throws what zod says of a file that is not as the schema wants it. */
export function corpusWorkload(name: string): CorpusWorkload {
  const folder = corpusFolder(name);
  const { base, packages, setup, files, run, settings, exec, persists, deviations, handEdits } = schema.parse(
    parse(readFileSync(join(folder, "workload.yaml"), "utf8")),
  );
  const recipe: ImageRecipe = {
    name,
    base,
    packages,
    ...(setup === undefined ? {} : { setup }),
    ...(files === undefined
      ? {}
      : { files: Object.fromEntries(Object.entries(files).map(([path, file]) => [path, content(folder, file)])) }),
    run: (version) => forVersion(run as ImageRun, version),
    deviations,
  };
  return {
    recipe,
    settings: settings as CorpusWorkload["settings"],
    ...(existsSync(join(folder, "test.ts")) ? { test: `sh demo/test ${name}` } : {}),
    ...(exec === undefined ? {} : { exec }),
    persists,
    handEdits,
  };
}

function content(folder: string, file: z.infer<typeof fileSchema>): RecipeFile {
  return "from" in file
    ? { text: readFileSync(join(folder, file.from), "utf8"), mode: file.mode }
    : (file as RecipeFile);
}

/** `{major}` in the command and the environment is the first package's version up to the first character that is no digit. */
function forVersion(run: ImageRun, version: string): ImageRun {
  const major = /^\d+/.exec(version.replace(/^\d+:/, ""))?.[0] ?? "";
  const filled = (text: string): string => text.replaceAll("{major}", major);
  return {
    ...run,
    command: run.command.map(filled),
    ...(run.env === undefined ? {} : { env: run.env.map(filled) }),
  };
}
