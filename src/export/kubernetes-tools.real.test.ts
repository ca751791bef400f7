import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { chartFiles, renderedByHand } from "../../test/support/helm-chart.ts";
import { schemaErrors } from "../../test/support/kubernetes-schema.ts";
import { SAMPLES } from "../../test/support/strategy-samples.ts";
import { defaultCacheDir } from "../engine/embedded/layout.ts";
import { unpackPackages } from "../engine/embedded/packages.ts";
import { CHART_CONVENTIONS, exportHelmValues } from "./helm-values.ts";
import { exportKustomize } from "./kustomize.ts";

let folder: string;
let debianKubectl: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "petrify-kubernetes-"));
  const { root } = await unpackPackages(["kubernetes-client"], join(defaultCacheDir(), "packages"));
  debianKubectl = join(root, "usr/bin/kubectl");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...args: string[]): string {
  const env = { PATH: process.env["PATH"], HOME: folder };
  return execFileSync(program, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Undefined when it is not on this host. */
function versionOf(program: string, ...args: string[]): string | undefined {
  try {
    return run(program, ...args);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function write(directory: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return join(folder, directory);
}

/** A manifest of the user's, with a container and mounts of its own beside those that are added. */
function base(name: string): unknown {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: "sidecar", image: "sidecar:1" },
            {
              name,
              image: `${name}:1`,
              securityContext: { runAsNonRoot: true },
              volumeMounts: [{ name: "settings", mountPath: "/etc/settings" }],
            },
          ],
          volumes: [{ name: "settings", configMap: { name } }],
        },
      },
    },
  };
}

interface Container {
  readonly name: string;
  readonly securityContext?: object;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string; readonly persistentVolumeClaim?: { claimName: string } }[];
      };
    };
  };
  readonly metadata: { readonly name: string };
}

function manifestsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** What of a merged manifest matters here. */
function merged(text: string, name: string): unknown {
  const manifests = manifestsOf(text);
  const pod = manifests.find(({ kind }) => kind === "Deployment")!.spec.template.spec;
  const { securityContext, volumeMounts = [] } = pod.containers.find((container) => container.name === name)!;
  const volumes = new Set(pod.volumes.map((volume) => volume.name));
  const claims = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
  const claimed = pod.volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  return {
    errors: manifests.flatMap((manifest) => schemaErrors("1.37", manifest)),
    sidecar: pod.containers.find((container) => container.name === "sidecar"),
    securityContext,
    mounted: volumeMounts.map(({ mountPath }) => mountPath),
    withoutVolume: volumeMounts.filter((mount) => !volumes.has(mount.name)),
    withoutClaim: claimed.filter((claim) => claims.every(({ metadata }) => metadata.name !== claim)),
  };
}

/** Read-only, with each mount of the strategy and those that were there, and nothing else changed. */
function hardened(name: string): unknown {
  const paths = SAMPLES[name]!.entries.filter(({ kind }) => kind !== "deny").map(({ path }) => path);
  return {
    errors: [],
    sidecar: { name: "sidecar", image: "sidecar:1" },
    securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true },
    mounted: expect.arrayContaining([...paths, "/etc/settings"]),
    withoutVolume: [],
    withoutClaim: [],
  };
}

describe.each(Object.keys(SAMPLES))("the Kustomize component of %s", (name) => {
  const component = (directory: string): readonly string[] => {
    const files = exportKustomize(SAMPLES[name]!).files!;
    write(directory, Object.fromEntries(files.map((file) => [file.name, file.text])));
    write(`${directory}/base`, {
      "deployment.yaml": JSON.stringify(base(name)),
      "kustomization.yaml": "resources: [deployment.yaml]\n",
    });
    return files.map((file) => file.name);
  };

  test("is merged into a manifest by Kustomize 4 and newer", ({ skip }) => {
    const version = versionOf("kubectl", "version", "--client", "--output", "json");
    if (version === undefined || !version.includes("kustomizeVersion"))
      skip("no kubectl with Kustomize 4 or newer on this host: it comes with kubectl 1.21");
    component(`${name}-component/petrify`);
    const overlay = write(`${name}-component`, {
      "kustomization.yaml": "resources: [petrify/base]\ncomponents: [petrify]\n",
    });
    expect(merged(run("kubectl", "kustomize", overlay), name)).toEqual(hardened(name));
  });

  test("has a patch that Debian's kubectl merges, which may be too old for components", () => {
    const files = component(`${name}-patch`);
    const resources = JSON.stringify(files.filter((file) => file === "claims.yaml"));
    const overlay = write(`${name}-patch`, {
      "kustomization.yaml": `bases: [base]\nresources: ${resources}\npatchesStrategicMerge: [read-only.yaml]\n`,
    });
    expect(merged(run(debianKubectl, "kustomize", overlay), name)).toEqual(hardened(name));
  });
});

const CHARTS = CHART_CONVENTIONS.flatMap((convention) => Object.keys(SAMPLES).map((name) => ({ convention, name })));

test("Helm renders charts of each convention with their values as the check without it does", ({ skip }) => {
  if (versionOf("helm", "version") === undefined) skip("no helm on this host");
  for (const { convention, name } of CHARTS) {
    const { text } = exportHelmValues(SAMPLES[name]!, undefined, convention);
    const chart = write(`${convention}-${name}`, { ...chartFiles(convention), "own.yaml": text });
    const rendered = manifestsOf(run("helm", "template", chart, "--values", join(chart, "own.yaml")));
    const expected = renderedByHand(parse(text) as Record<string, unknown>, convention);
    expect(rendered).toEqual(expect.arrayContaining(expected));
    expect(rendered).toHaveLength(expected.length);
  }
});
