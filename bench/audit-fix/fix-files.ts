import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { CorpusWorkload } from "../../demo/corpus.ts";
import { petrify } from "../../test/support/cli.ts";
import { schemaErrors } from "../../test/support/kubernetes-schema.ts";
import { objectsOf } from "../../test/support/manifest-objects.ts";
import type { Check } from "../fidelity/result.ts";
import { COMPOSE_FILE, MANIFEST_FILE, plainFiles } from "./plain-files.ts";

const FILES = [COMPOSE_FILE, MANIFEST_FILE];
const RULES = ["--rule", "read-only-root", "--rule", "missing-places"];

/**
 * Writes the plain files beside the application's strategy and lets `petrify audit --fix` change them: what `--diff` showed, all of
 * it, once, as Kubernetes' own definitions allow it.
 */
export async function fixFiles(application: CorpusWorkload, image: string, folder: string): Promise<Check> {
  for (const [name, text] of Object.entries(plainFiles(application, image))) await writeFile(join(folder, name), text);
  const audit = (...args: string[]) => petrify(["audit", ...args, ...FILES, ...RULES], { cwd: folder });
  const shown = audit("--diff");
  if (shown.exitCode !== 2) return failed("--diff", shown.stderr);
  const fixed = audit("--fix");
  if (fixed.exitCode !== 0) return failed("--fix", fixed.stderr + fixed.stdout);
  const texts = await Promise.all(FILES.map((name) => readFile(join(folder, name), "utf8")));
  const again = audit("--fix");
  const now = await Promise.all(FILES.map((name) => readFile(join(folder, name), "utf8")));
  if (again.exitCode !== 0 || texts.join("\0") !== now.join("\0")) return failed("a second --fix", again.stderr);
  const [compose = "", manifest = ""] = texts;
  const { services } = parse(compose) as { readonly services: Readonly<Record<string, { read_only?: unknown }>> };
  if (services[application.recipe.name]?.read_only !== true) return failed("Compose", "it is not read-only");
  const errors = objectsOf(manifest).flatMap((object) => schemaErrors("1.34", object));
  return errors.length === 0 ? { holds: true, detail: "" } : failed("Kubernetes", errors.join("; "));
}

function failed(what: string, why: string): Check {
  return { holds: false, detail: `${what}: ${why.trim().slice(-400)}` };
}
