import { describe, expect, test } from "vitest";
import { valueAt } from "../../../../test/support/kubernetes-audit.ts";
import { kubernetes } from "../kubernetes.ts";

function mounts(mount: string, volume: string, around = ""): unknown {
  const text = `{apiVersion: apps/v1, kind: StatefulSet, spec: {volumeClaimTemplates: [{metadata: {name: claimed}}], template: {spec: {${around} volumes: [${volume}], containers: [{image: i, volumeMounts: [${mount}]}]}}}}`;
  const { containers, problems } = kubernetes.read({ name: "x", text }, () => undefined);
  expect(problems).toEqual([]);
  return valueAt(containers[0]!.settings.mounts?.[0]);
}

const AT = "{name: v, mountPath: /d}";

describe("each kind of volume", () => {
  test.each<[string, unknown]>([
    ["emptyDir: {}", { type: "volume", readOnly: false, sizeBytes: null, exec: true }],
    ["emptyDir: {sizeLimit: 1Gi}", { type: "volume", readOnly: false, sizeBytes: 2 ** 30, exec: true }],
    ["emptyDir: {medium: Memory}", { type: "tmpfs", readOnly: false, sizeBytes: null, exec: true }],
    ["emptyDir: {medium: Memory, sizeLimit: 64M}", { type: "tmpfs", readOnly: false, sizeBytes: 64e6, exec: true }],
    ["hostPath: {path: /var/run/docker.sock}", { type: "bind", source: "/var/run/docker.sock", readOnly: false }],
    ["persistentVolumeClaim: {claimName: c}", { type: "volume", source: "c", readOnly: false }],
    ["persistentVolumeClaim: {claimName: c, readOnly: true}", { type: "volume", source: "c", readOnly: true }],
    ["configMap: {name: c}", { type: "other", source: "c", readOnly: true }],
    ["secret: {secretName: s}", { type: "other", source: "s", readOnly: true }],
    ["projected: {sources: []}", { type: "other", readOnly: true }],
    ["downwardAPI: {items: []}", { type: "other", readOnly: true }],
    ["image: {reference: r}", { type: "image", source: "r", readOnly: true }],
    ["nfs: {server: s, path: /}", { type: "volume", source: "v", readOnly: false }],
    ["nfs: {server: s, path: /, readOnly: true}", { type: "volume", source: "v", readOnly: true }],
    ["csi: {driver: d}", { type: "volume", source: "v", readOnly: false }],
    ["", { type: "volume", readOnly: false, sizeBytes: null, exec: true }],
  ])("%s", (volume, expected) => {
    expect(mounts(AT, `{name: v, ${volume}}`)).toEqual({ ...(expected as object), target: "/d" });
  });

  test("a claim of a StatefulSet, and one that is nowhere", () => {
    expect(mounts("{name: claimed, mountPath: /d}", "")).toEqual({
      type: "volume",
      source: "claimed",
      target: "/d",
      readOnly: false,
    });
    expect(mounts(AT, "")).toEqual({ type: "other", source: "v", target: "/d", readOnly: false });
  });
});

test.each<[string, object]>([
  ["mountPath: /d/../e//", { target: "/e" }],
  ["mountPath: d", { target: "/d" }],
  ["mountPath: /, readOnly: true", { target: "/", readOnly: true }],
  ["mountPath: /d, readOnly: false", { readOnly: false }],
  ["mountPath: /d, subPath: a/b", { source: "/host/a/b" }],
  ["mountPath: /d, mountPropagation: Bidirectional", { propagation: "rshared" }],
  ["mountPath: /d, mountPropagation: HostToContainer", { propagation: "rslave" }],
  ["mountPath: /d, bindMountOptions: [noexec]", { exec: false }],
])("a mount: %s", (mount, expected) => {
  expect(mounts(`{name: v, ${mount}}`, "{name: v, hostPath: {path: /host}}")).toMatchObject(expected);
});

test("a path of Windows stays", () => {
  expect(mounts('{name: v, mountPath: "C:\\\\d"}', "{name: v, emptyDir: {}}", "os: {name: windows},")).toMatchObject({
    target: "C:\\d",
  });
});
