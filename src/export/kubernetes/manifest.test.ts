import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { schemaErrors } from "../../../test/support/kubernetes-schema.ts";
import { SAMPLES, scratch, seeded, strategy, tmpfs, volume, workload } from "../../../test/support/strategy-samples.ts";
import { exportHelmValues } from "../helm-values.ts";
import { exportKustomize } from "../kustomize.ts";
import { parseVersion } from "../version.ts";
import { exportKubernetes } from "./manifest.ts";
import { DEFAULT_KUBERNETES, type KubernetesOptions } from "./options.ts";

const MIXED = strategy([
  tmpfs("/run", { uid: 33, mode: 0o700 }),
  seeded("/etc/app"),
  scratch("/var/cache/app", { exec: true }),
  volume("/data", { seeded: true, uid: 33, gid: 33 }),
]);

function at(version: string, more: Partial<KubernetesOptions> = {}): KubernetesOptions {
  return { ...DEFAULT_KUBERNETES, version: parseVersion(version), ...more };
}

function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

describe.each(["1.25", "1.34", "1.36", "1.37"] as const)("Kubernetes %s's own schema knows every field", (version) => {
  test.each(Object.entries({ ...SAMPLES, MIXED }))("%s", (_, sample) => {
    for (const exactModes of [true, false])
      for (const kind of ["Deployment", "Pod"] as const) {
        const { text } = exportKubernetes(sample, at(version, { exactModes }), kind);
        expect(documentsOf(text).flatMap((object) => schemaErrors(version, object))).toEqual([]);
      }
  });
});

test("a field that a version does not have is an error of its schema: the check above can fail", () => {
  const [, newest] = documentsOf(exportKubernetes(MIXED, at("1.37")).text);
  expect(schemaErrors("1.37", newest)).toEqual([]);
  expect(schemaErrors("1.36", newest).join()).toMatch(/mode/);
});

describe("what comes with a version of Kubernetes", () => {
  test("mode and noexec of an emptyDir: 1.37", () => {
    const subject = strategy([tmpfs("/tmp", { mode: 0o1777 })]);
    expect(exportKubernetes(subject, at("1.36")).text).not.toMatch(/mode|bindMountOptions/);
    const { text, notes } = exportKubernetes(subject, at("1.37"));
    expect(podOf(text)).toMatchObject({
      containers: [{ volumeMounts: [{ bindMountOptions: ["noexec", "nosuid", "nodev"] }] }],
      volumes: [{ emptyDir: { mode: 0o1777 } }],
    });
    expect(notes.join()).toMatch(/EmptyDirVolumeMode.*VolumeBindMountOptions/);
  });

  test("the workload's files as a volume, for an init container of another image: 1.31, stable in 1.36", () => {
    const seedImage = "busybox:1";
    expect(() => exportKubernetes(MIXED, at("1.30", { seedImage }))).toThrow(/1\.30 cannot mount an image's files/);
    expect(exportKubernetes(MIXED, at("1.31", { seedImage })).notes.join()).toMatch(/feature gate ImageVolume/);
    const { text, notes } = exportKubernetes(MIXED, at("1.36", { seedImage }));
    expect(notes.join()).not.toMatch(/ImageVolume/);
    const { initContainers, volumes } = podOf(text);
    expect(initContainers[0]).toMatchObject({ image: seedImage });
    expect(initContainers[0]?.command.at(-1)).toContain("cp -a /petrify-image/etc/app/. /petrify/etc-app");
    expect(volumes).toContainEqual({ name: "petrify-image", image: { reference: "app:1" } });
  });
});

test("exact modes are set by the init container, and then nothing is said about them", () => {
  const loose = exportKubernetes(MIXED);
  expect(loose.notes.join()).toMatch(/\/run 0700 33:0, \/var\/cache\/app 0755 0:0 was verified.*--exact-modes/);
  const exact = exportKubernetes(MIXED, at("1.34", { exactModes: true }));
  expect(exact.notes.join()).not.toMatch(/--exact-modes/);
  expect(podOf(exact.text).initContainers[0]?.command.at(-1)).toContain(
    "chmod 0700 /petrify/run; chown 33:0 /petrify/run",
  );
});

function fsGroup(...gids: number[]): unknown {
  return podOf(exportKubernetes(strategy(gids.map((gid, index) => volume(`/v${index}`, { gid })))).text)
    .securityContext;
}

test("the group of the claims is given only where it decides", () => {
  expect(fsGroup(5)).toEqual({ fsGroup: 5, fsGroupChangePolicy: "OnRootMismatch" });
  expect(fsGroup(5, 5)).toEqual({ fsGroup: 5, fsGroupChangePolicy: "OnRootMismatch" });
  expect([fsGroup(0), fsGroup(5, 6)]).toEqual([undefined, undefined]);
});

test.each([
  ["1000:1001", { runAsUser: 1000, runAsGroup: 1001, runAsNonRoot: true }],
  ["1000", { runAsUser: 1000, runAsNonRoot: true }],
  ["0", { runAsUser: 0 }],
  ["redis", {}],
])("user %s", (user, expected) => {
  const subject = strategy([], { workload: workload({ user }) });
  expect(podOf(exportKubernetes(subject).text).containers[0]?.securityContext).toEqual({
    readOnlyRootFilesystem: true,
    ...expected,
  });
});

test.each([
  ["seccomp=unconfined", { type: "Unconfined" }, []],
  ["seccomp=builtin", { type: "RuntimeDefault" }, []],
  [
    "seccomp=/etc/app/profile.json",
    { type: "Localhost", localhostProfile: "profile.json" },
    [expect.stringContaining("/etc/app/profile.json must be on each node, as seccomp/profile.json")],
  ],
])("%s", (option, seccompProfile, expected) => {
  const { text, notes } = exportKubernetes(strategy([], { workload: workload({ securityOpt: [option] }) }));
  expect(podOf(text).containers[0]?.securityContext).toEqual({ readOnlyRootFilesystem: true, seccompProfile });
  expect(notes).toEqual(expected);
});

test("what Kubernetes would replace stays as it is", () => {
  const run = { command: ["$(HOME)", "$HOME", "echo $$ > pid", "$$$(A)", "$(stat -c %a /)"], env: ["A=$(B)"] };
  const [container] = podOf(exportKubernetes(strategy([], { workload: workload(run) })).text).containers;
  expect(container).toMatchObject({
    args: ["$$(HOME)", "$HOME", "echo $$$$ > pid", "$$$$$$(A)", "$(stat -c %a /)"],
    env: [{ name: "A", value: "$$(B)" }],
  });
});

test("names of volumes are labels, and no two are the same", () => {
  const paths = ["/a_b", "/a-b", "/ä", "/Ü", `/${"x".repeat(200)}`, `/${"x".repeat(201)}`];
  const names = podOf(exportKubernetes(strategy(paths.map((path) => tmpfs(path)))).text).volumes.map(
    ({ name }) => name,
  );
  expect(new Set(names).size).toBe(paths.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
});

describe("kustomize", () => {
  test.each([
    ["cronjob/backup", "batch/v1", ["jobTemplate", "spec", "template", "spec"]],
    ["Pod/one", "v1", []],
    ["web", "apps/v1", ["template", "spec"]],
  ])("%s", (name, apiVersion, path) => {
    const [, patch] = exportKustomize(MIXED, at("1.34"), { workload: name, container: "c" }).files ?? [];
    const { spec, ...object } = parse(patch?.text ?? "") as { spec: Record<string, unknown> };
    expect(object).toMatchObject({ apiVersion, metadata: { name: name.split("/").at(-1) } });
    const pod = path.reduce((inner, step) => inner[step] as Record<string, unknown>, spec);
    expect(pod).toMatchObject({ containers: [{ name: "c", securityContext: { readOnlyRootFilesystem: true } }] });
  });

  test("a kind that holds no pods is refused", () => {
    expect(() => exportKustomize(MIXED, at("1.34"), { workload: "Service/x" })).toThrow(/names no workload/);
  });
});

test("a chart of helm create has no value for claims and init containers, and that is said", () => {
  const { text, notes } = exportHelmValues(MIXED, at("1.34"), "helm-create");
  expect(Object.keys(parse(text) as object)).toEqual([
    "securityContext",
    "podSecurityContext",
    "volumeMounts",
    "volumes",
  ]);
  expect(notes).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^The init container has no/),
      expect.stringMatching(/^The list of claims has no/),
    ]),
  );
});

interface Pod {
  readonly securityContext?: unknown;
  readonly initContainers: readonly { readonly command: readonly string[] }[];
  readonly containers: readonly { readonly securityContext: unknown }[];
  readonly volumes: readonly { readonly name: string }[];
}

function podOf(text: string): Pod {
  const documents = documentsOf(text) as readonly { kind: string; spec: { template: { spec: Pod } } }[];
  const deployment = documents.find(({ kind }) => kind === "Deployment");
  if (deployment === undefined) throw new Error("There is no Deployment.");
  return deployment.spec.template.spec;
}
