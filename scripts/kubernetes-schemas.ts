/**
 * `node scripts/kubernetes-schemas.ts`: cuts the schemas that tests hold exports to out of a package that has them all.
 *
 * kubernetes-validate on PyPI ships Kubernetes' own OpenAPI definitions as JSON Schemas, of every version, where an unknown field
 * is an error (both Apache-2.0). Of 72 MB the tests need the kinds that hold pods, without descriptions; so nothing is fetched when they run.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PACKAGE = "kubernetes-validate==1.37.0";
const WHEEL = "kubernetes_validate-1.37.0-py3-none-any.whl";
const SHA256 = "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9";
/** The oldest that the package has, the default of exports, and those that brought fields which exports write. */
const VERSIONS = ["1.25", "1.34", "1.36", "1.37"];
const KINDS = [
  "io.k8s.api.core.v1.Pod",
  "io.k8s.api.core.v1.PersistentVolumeClaim",
  "io.k8s.api.core.v1.Service",
  "io.k8s.api.core.v1.ReplicationController",
  "io.k8s.api.apps.v1.Deployment",
  "io.k8s.api.apps.v1.StatefulSet",
  "io.k8s.api.apps.v1.DaemonSet",
  "io.k8s.api.apps.v1.ReplicaSet",
  "io.k8s.api.batch.v1.Job",
  "io.k8s.api.batch.v1.CronJob",
];
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const target = resolve(import.meta.dirname, "../test/fixtures/kubernetes");
const directory = mkdtempSync(join(tmpdir(), "petrify-schemas-"));
try {
  execFileSync("pip", ["download", "--quiet", "--no-deps", "--dest", directory, PACKAGE], { stdio: "inherit" });
  const wheel = join(directory, WHEEL);
  const sum = createHash("sha256").update(readFileSync(wheel)).digest("hex");
  if (sum !== SHA256) throw new Error(`${WHEEL} has the SHA-256 ${sum}`);
  mkdirSync(target, { recursive: true });
  for (const version of VERSIONS) {
    const member = `kubernetes_validate/kubernetes-json-schema/v${version}.0-local-strict/_definitions.json`;
    const text = execFileSync("unzip", ["-p", wheel, member], { encoding: "utf8", maxBuffer: 2 ** 26 });
    const { $defs } = JSON.parse(text) as { readonly $defs: Readonly<Record<string, Json>> };
    writeFileSync(join(target, `${version}.json`), `${JSON.stringify({ $defs: neededBy(KINDS, $defs) })}\n`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The definitions of some names, and of all that these refer to. */
function neededBy(names: readonly string[], all: Readonly<Record<string, Json>>): Record<string, Json> {
  const found: Record<string, Json> = {};
  const look = (name: string): void => {
    if (name in found) return;
    const definition = all[name];
    if (definition === undefined) throw new Error(`There is no definition of ${name}.`);
    found[name] = null;
    found[name] = cut(definition, look);
  };
  for (const name of names) look(name);
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function cut(value: Json, onReference: (name: string) => void): Json {
  if (Array.isArray(value)) return value.map((item: Json) => cut(item, onReference));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, inner]) =>
          !(
            key.startsWith("x-") ||
            key === "$id" ||
            key === "$schema" ||
            (key === "description" && typeof inner === "string")
          ),
      )
      .map(([key, inner]) => {
        if (key !== "$ref" || typeof inner !== "string") return [key, cut(inner, onReference)];
        const name = inner.slice(inner.lastIndexOf("/") + 1);
        onReference(name);
        return [key, `#/$defs/${name}`];
      }),
  );
}
