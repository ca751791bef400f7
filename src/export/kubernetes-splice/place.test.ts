import { describe, expect, test } from "vitest";
import { splicedManifest } from "../../../test/support/kubernetes-splice.ts";
import { objectsOf } from "../../../test/support/manifest-objects.ts";
import { seeded, strategy, tmpfs, volume } from "../../../test/support/strategy-samples.ts";
import { thrownBy } from "../../../test/support/splice.ts";
import { spliceKubernetes } from "../kubernetes-splice.ts";

const RUN = strategy([tmpfs("/run")]);
const POD = "containers: [{name: a, image: app}]";
const JOB_POD = `restartPolicy: Never, ${POD}`;

describe("every kind that holds pods", () => {
  test.each([
    ["v1", "Pod", `{${POD}}`],
    ["v1", "ReplicationController", `{template: {metadata: {labels: {a: b}}, spec: {${POD}}}}`],
    ["apps/v1", "Deployment", `{selector: {}, template: {spec: {${POD}}}}`],
    ["apps/v1", "StatefulSet", `{selector: {}, serviceName: s, template: {spec: {${POD}}}}`],
    ["apps/v1", "DaemonSet", `{selector: {}, template: {spec: {${POD}}}}`],
    ["apps/v1", "ReplicaSet", `{selector: {}, template: {spec: {${POD}}}}`],
    ["batch/v1", "Job", `{template: {spec: {${JOB_POD}}}}`],
    ["batch/v1", "CronJob", `{schedule: "@daily", jobTemplate: {spec: {template: {spec: {${JOB_POD}}}}}}`],
  ])("%s %s", (apiVersion, kind, spec) => {
    const before = `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: w}, spec: ${spec}}\n`;
    const { text } = splicedManifest(before, RUN);
    expect(text).toMatch(
      /image: app, securityContext: \{readOnlyRootFilesystem: true\}, volumeMounts: \[.*\]\}\], volumes: \[/,
    );
  });

  test("a kind that is none, and one that only looks like it", () => {
    for (const kind of ["Service", "Rollout", "constructor", "__proto__"])
      expect(thrownBy(() => spliceKubernetes(`{kind: ${kind}, spec: {${POD}}}`, RUN)).hint).toBe("It holds no pods.");
  });
});

describe("which container", () => {
  const TWO = ["a", "b"]
    .map(
      (name) =>
        `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: x, image: app}, {name: y, image: redis}]}\n`,
    )
    .join("---\n");

  test("several fit: they are listed", () => {
    const error = thrownBy(() => spliceKubernetes(TWO, RUN));
    expect(error.code).toBe("E_USAGE");
    expect(error.hint).toBe("Name one with --workload and --container: Pod a/x, Pod b/x.");
  });

  test("by workload", () => {
    const { text } = splicedManifest(TWO, RUN, { workload: "b" });
    expect(text.startsWith(TWO.slice(0, TWO.indexOf("name: b")))).toBe(true);
  });

  test("by container, whose image does not fit: a note says so", () => {
    const { notes } = splicedManifest(TWO, RUN, { workload: "a", container: "y" });
    expect(notes).toContain("Pod a/y has the image redis; the strategy is made for docker.io/library/app.");
  });

  test("an init container", () => {
    const before =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  initContainers: [{name: i, image: app}]\n  containers: [{name: x, image: redis}]\n";
    expect(objectsOf(splicedManifest(before, RUN).text)).toMatchObject([
      {
        spec: { initContainers: [{ securityContext: { readOnlyRootFilesystem: true } }], containers: [{ name: "x" }] },
      },
    ]);
    expect(() => spliceKubernetes(before, strategy([seeded("/x")]))).toThrow(/init container.*too late/);
  });

  test("an anchor that others share is not changed behind their back", () => {
    const before = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec: &pod\n    containers: [{name: x, image: app}]\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n  spec: *pod\n`;
    for (const workload of ["a", "b"])
      expect(thrownBy(() => spliceKubernetes(before, RUN, undefined, { workload })).code).toBe("E_MANIFEST_INVALID");
  });
});

function podWith(mounts: string, volumes: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, image: app, securityContext: {readOnlyRootFilesystem: true}, volumeMounts: [${mounts}]}]\n  volumes: [${volumes}]\n`;
}

describe("what the container has is kept", () => {
  test.each([
    [
      "an emptyDir",
      tmpfs("/x"),
      "{name: v, mountPath: /x/}",
      "{name: v, emptyDir: {medium: Memory, sizeLimit: 1M}}",
      [/sizeLimit is 1000000B, the strategy's 1MiB/],
    ],
    [
      "an emptyDir that is large enough",
      tmpfs("/x"),
      "{name: v, mountPath: /x}",
      "{name: v, emptyDir: {sizeLimit: 1Gi}}",
      [],
    ],
    [
      "an emptyDir without bound",
      tmpfs("/x"),
      "{name: v, mountPath: /x}",
      "{name: v, emptyDir: {}}",
      [/without sizeLimit; the strategy's is 1MiB/],
    ],
    [
      "an emptyDir for what must last",
      volume("/x"),
      "{name: v, mountPath: /x}",
      "{name: v, emptyDir: {}}",
      [/loses with the pod/],
    ],
    [
      "an emptyDir that hides files",
      seeded("/x"),
      "{name: v, mountPath: /x}",
      "{name: v, emptyDir: {sizeLimit: 1Gi}}",
      [/hides what the image has/],
    ],
    ["a claim", volume("/x"), "{name: v, mountPath: /x}", "{name: v, persistentVolumeClaim: {claimName: c}}", []],
    [
      "a claim for what need not last",
      tmpfs("/x"),
      "{name: v, mountPath: /x}",
      "{name: v, persistentVolumeClaim: {claimName: c}}",
      [/must last/],
    ],
    [
      "read-only",
      volume("/x"),
      "{name: v, mountPath: /x, readOnly: true}",
      "{name: v, persistentVolumeClaim: {claimName: c}}",
      [/read-only, although/],
    ],
    [
      "inside a claim",
      tmpfs("/x/y"),
      "{name: v, mountPath: /x}",
      "{name: v, persistentVolumeClaim: {claimName: c}}",
      [/inside \/x, which is stored already/],
    ],
  ])("%s", (_, entry, mounts, volumes, patterns) => {
    const before = podWith(mounts, volumes);
    const { text, notes } = splicedManifest(before, strategy([entry]));
    expect(text).toBe(before);
    expect(notes).toEqual(patterns.map((pattern) => expect.stringMatching(pattern) as string));
  });

  test("a volume of the same name that another container has stays its own", () => {
    const before =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, image: app}]\n  volumes: [{name: run, emptyDir: {}}]\n";
    expect(splicedManifest(before, RUN).text).toMatch(/"name": "run-2", "mountPath": "\/run"/);
  });
});

test("a StatefulSet makes its claims itself", () => {
  const before =
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: s}\nspec:\n  selector: {}\n  serviceName: s\n  template:\n    spec:\n      containers:\n      - {name: a, image: app}\n";
  const { text, notes } = splicedManifest(before, strategy([volume("/data", { gid: 5 })]));
  expect(objectsOf(text)).toMatchObject([
    {
      spec: {
        volumeClaimTemplates: [{ metadata: { name: "data" } }],
        template: { spec: { securityContext: { fsGroup: 5 } } },
      },
    },
  ]);
  expect(text).not.toMatch(/persistentVolumeClaim:/);
  expect(notes.join()).toMatch(/--cascade=orphan/);
});
