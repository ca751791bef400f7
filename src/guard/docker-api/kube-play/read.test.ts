import { describe, expect, it } from "vitest";
import type { Change } from "../../../policy/decision.ts";
import { readKubePlay } from "./read.ts";

const HEAD = { query: [] as readonly (readonly [string, string])[], maxBytes: 1 << 20 };
function read(text: string, head: Partial<typeof HEAD> & { contentType?: string } = {}) {
  return readKubePlay(Buffer.from(text), { ...HEAD, ...head });
}
function pod(container: object = {}, spec: object = {}, metadata: object = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [{ name: "app", image: "nginx", ...container }], ...spec },
  });
}

const YAML = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    metadata:
      labels: {app: web}
    spec:
      securityContext: {runAsUser: 5, runAsGroup: 6}
      hostPID: true
      initContainers:
      - name: init
        image: busybox
        command: [sh]
        securityContext: {readOnlyRootFilesystem: true, runAsUser: 7}
      containers:
      - name: app
        image: nginx
        args: [serve]
        workingDir: /srv
        env:
        - {name: A, value: "1"}
        - name: B
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        resources: {limits: {memory: 64Mi, "podman.io/device=/dev/sda": 1}}
        securityContext:
          privileged: true
          allowPrivilegeEscalation: false
          procMount: Unmasked
          capabilities: {add: [SYS_ADMIN], drop: [ALL]}
          seLinuxOptions: {type: spc_t}
          seccompProfile: {type: Unconfined}
        volumeMounts:
        - {name: host, mountPath: /host, mountPropagation: Bidirectional}
        - {name: disk, mountPath: /dev/disk, readOnly: true}
        - {name: claim, mountPath: "/claim:ro,noexec"}
        - {name: temporary, mountPath: /tmp/}
        - {name: memory, mountPath: /memory}
      volumes:
      - {name: host, hostPath: {path: /etc/}}
      - {name: disk, hostPath: {path: /dev/sdb, type: BlockDevice}}
      - {name: claim, persistentVolumeClaim: {claimName: data}}
      - {name: temporary, emptyDir: {}}
      - {name: memory, emptyDir: {medium: Memory}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {a: b}
`;

it("containers and init containers have the words of no engine", () => {
  expect(read(YAML, { query: [["logDriver", "none"]] }).containers).toMatchObject([
    {
      name: "web-pod-init",
      namespace: "shop",
      imageReference: "busybox",
      entrypoint: ["sh"],
      readOnlyRoot: true,
      user: "7:6",
    },
    {
      name: "web-pod-app",
      imageReference: "nginx",
      command: ["serve"],
      workingDir: "/srv",
      labels: { app: "web" },
      env: ["A=1"],
      user: "5:6",
      readOnlyRoot: false,
      privileged: true,
      mounts: [
        { type: "bind", source: "/etc", target: "/host", readOnly: false, propagation: "rshared" },
        { type: "volume", source: "data", target: "/claim", readOnly: true },
        { type: "volume", target: "/tmp", readOnly: false },
        { type: "tmpfs", target: "/memory", readOnly: false, exec: true },
      ],
      devices: [
        { hostPath: "/dev/sdb", containerPath: "/dev/disk", permissions: "r" },
        { hostPath: "/dev/sda", containerPath: "/dev/sda", permissions: "rwm" },
      ],
      maskedPaths: [],
      readOnlyPaths: [],
      capAdd: ["SYS_ADMIN"],
      capDrop: ["ALL"],
      noNewPrivileges: true,
      memoryBytes: 64 * 2 ** 20,
      securityOptions: ["seccomp=unconfined", "label=type:spc_t"],
      logDriver: "none",
      hostNamespaces: ["pid"],
      unknownFields: [],
    },
  ]);
});

it("the host's network is seen in the text and in the parameters", () => {
  expect(read(pod({}, { hostNetwork: true })).containers[0]?.hostNamespaces).toEqual(["network", "uts"]);
  expect(read(pod(), { query: [["network", "host"]] }).containers[0]?.hostNamespaces).toEqual(["network"]);
});

describe("what is not understood is named", () => {
  it.each([
    [pod({}, {}, { annotations: { "run.oci.handler": "wasm" } }), "metadata.annotations[run.oci.handler]"],
    [
      pod({}, {}, { annotations: { "io.podman.annotations.init/app": "true" } }),
      "metadata.annotations[io.podman.annotations.init/app]",
    ],
    [
      pod({}, {}, { annotations: { "io.podman.annotations.label/app": "disable" } }),
      "metadata.annotations[io.podman.annotations.label/app]",
    ],
    [pod({}, { shareProcessNamespace: true }), "spec.shareProcessNamespace"],
    [pod({ securityContext: { windowsOptions: {} } }), "spec.containers[0].securityContext.windowsOptions"],
    [
      pod({ volumeMounts: [{ name: "t", mountPath: "/t:U" }] }, { volumes: [{ name: "t", emptyDir: {} }] }),
      "spec.containers[0].volumeMounts[0].mountPath=U",
    ],
    [pod({ somethingNew: 1 }), "spec.containers[0].somethingNew"],
  ])("%s", (text, unknown) => {
    expect(read(text).containers[0]?.unknownFields).toEqual([unknown]);
  });
});

describe("what cannot be judged is refused", () => {
  it.each<[string, string]>([
    [pod({ image: "" }), "must name an image"],
    [pod({ image: "../context" }), "must name an image"],
    [pod({ image: "a/../../b" }), "must name an image"],
    [pod({ volumeMounts: [{ name: "x", mountPath: "/x" }] }), "names no volume"],
    [
      pod({ volumeMounts: [{ name: "x", mountPath: "/x" }] }, { volumes: [{ name: "x", nfs: {} }] }),
      "kind that is not known",
    ],
    [
      pod({ volumeMounts: [{ name: "x", mountPath: "/x" }] }, { volumes: [{ name: "x", hostPath: { path: "etc" } }] }),
      "absolute path of the host",
    ],
    [
      pod({ volumeMounts: [{ name: "x", mountPath: "/" }] }, { volumes: [{ name: "x", emptyDir: {} }] }),
      "container's root",
    ],
    [
      pod(
        {},
        {
          volumes: [
            { name: "x", emptyDir: {} },
            { name: "x", hostPath: { path: "/" } },
          ],
          containers: [{ image: "a", volumeMounts: [{ name: "x", mountPath: "/x" }] }],
        },
      ),
      "two volumes of one name",
    ],
    [pod({ resources: { limits: { memory: "1.5Gi" } } }), "whole number"],
    ["kind: List\nitems: []", "cannot be judged here"],
    ["kind: StatefulSet", "cannot be judged here"],
    ["Kind: Pod", "cannot be judged here"],
    ["kind: Pod\nKIND: Job", "twice"],
    [
      `${pod()}\n---\nkind: Pod\nspec: {containers: [{image: a, securityContext: {readOnlyRootFilesystem: true, ReadOnlyRootFilesystem: false}}]}`,
      "twice",
    ],
    ["kind: Pod\nspec: {containers: [{image: a, securityContext: {readOnlyRootFilesystem: yes}}]}", "quotes"],
    ["kind: Pod\nspec: {containers: [{image: a, securityContext: {readOnlyRootFilesystem: 'true'}}]}", "true or false"],
    [
      "kind: PersistentVolumeClaim\nmetadata: {name: a, annotations: {volume.podman.io/device: /etc}}",
      "place of the host",
    ],
  ])("%s", (text, problem) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: "E_REQUEST_BODY", message: expect.stringContaining(problem) }),
    );
  });

  it.each([
    ["build", "true"],
    ["logOptions", "path=/etc/cron.d/x"],
    ["logOptions", "PATH=/etc/cron.d/x"],
    ["annotations", '{"run.oci.handler":"wasm"}'],
    ["userns", "ns:/proc/1/ns/user"],
    ["Build", "true"],
    ["configMaps", "/etc/shadow"],
    ["seccompProfileRoot", "/tmp"],
  ])("the parameter %s=%s", (name, value) => {
    expect(() => read(pod(), { query: [[name, value]] })).toThrow(expect.objectContaining({ code: "E_REQUEST_BODY" }));
  });

  it.each(["application/x-tar", "multipart/form-data", "application/octet-stream"])("the type %s", (contentType) => {
    expect(() => read(pod(), { contentType })).toThrow(expect.objectContaining({ code: "E_REQUEST_BODY" }));
  });
});

describe("what is sent on", () => {
  it("is what was read, in JSON and in canonical spelling", () => {
    const text =
      "kind: Pod\nMETADATA: {name: a}\nspec: {Containers: [{IMAGE: nginx, securitycontext: {readonlyrootfilesystem: true}}]}\n---\nkind: Secret\nstringData: {a: b}";
    const request = read(text);
    expect(request.containers[0]?.readOnlyRoot).toBe(true);
    expect(
      String(request.body([]))
        .split("\n---\n")
        .map((document) => JSON.parse(document) as unknown),
    ).toEqual([
      {
        kind: "Pod",
        metadata: { name: "a" },
        spec: { containers: [{ image: "nginx", securityContext: { readOnlyRootFilesystem: true } }] },
      },
      { kind: "Secret", stringData: { a: "b" } },
    ]);
  });

  it("has each container's changes in its own place", () => {
    const changes: readonly Change[] = [
      { kind: "readOnlyRoot" },
      { kind: "noNewPrivileges" },
      { kind: "dropCapabilities", names: ["MKNOD"] },
      { kind: "memory", bytes: 5 },
      { kind: "env", name: "C", value: "3" },
    ];
    const [text = ""] = String(read(YAML).body([[], changes])).split("\n---\n");
    const template = (JSON.parse(text) as { spec: { template: { spec: object } } }).spec.template.spec;
    expect(template).toMatchObject({
      initContainers: [{ name: "init", securityContext: { readOnlyRootFilesystem: true, runAsUser: 7 } }],
      containers: [
        {
          name: "app",
          env: [{ name: "A", value: "1" }, { name: "B" }, { name: "C", value: "3" }],
          resources: { limits: { memory: "5", "podman.io/device=/dev/sda": 1 } },
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { add: ["SYS_ADMIN"], drop: ["ALL", "MKNOD"] },
          },
        },
      ],
    });
  });

  it.each<Change>([
    { kind: "tmpfs", path: "/run", sizeBytes: 1, mode: 0o755, uid: 0, gid: 0, exec: false },
    { kind: "volume", path: "/data" },
    { kind: "readOnlyPaths", paths: ["/etc"] },
    { kind: "pidsLimit", limit: 5 },
    { kind: "logDriver", driver: "none", options: {} },
  ])("has no place for %j", (change) => {
    expect(() => read(pod()).body([[change]])).toThrow(expect.objectContaining({ code: "E_REQUEST_CHANGE" }));
  });
});
