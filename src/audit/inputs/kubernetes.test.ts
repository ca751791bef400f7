import { describe, expect, test } from "vitest";
import { valueAt } from "../../../test/support/kubernetes-audit.ts";
import type { AuditedContainer, SettingName, Settings } from "../container.ts";
import { readText } from "../recognise.ts";
import { kubernetes } from "./kubernetes.ts";

const NAME = "pod.yaml";

function read(text: string, name = NAME): ReturnType<typeof kubernetes.read> {
  return kubernetes.read({ name, text }, () => undefined);
}

/** The settings of the only container of a pod, without their places. */
function valuesOf(container: string, pod = ""): Partial<Record<SettingName, unknown>> {
  return plain(only(container, pod).settings);
}

function only(container: string, pod = ""): AuditedContainer {
  const { containers, problems } = read(
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {${pod}${pod === "" ? "" : ", "}containers: [{name: a, image: i${container === "" ? "" : `, ${container}`}}]}}`,
  );
  expect(problems).toEqual([]);
  expect(containers).toHaveLength(1);
  return containers[0]!;
}

function plain(settings: Settings): Partial<Record<SettingName, unknown>> {
  return Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, valueAt(setting)]));
}

/** The workloads of which something is audited in a dump. */
function dump(items: readonly string[]): readonly string[] {
  return read(`{apiVersion: v1, kind: List, items: [${items.join(", ")}]}`).containers.map(({ workload }) => workload);
}

function withRoot(value: string): ReturnType<typeof read> {
  return read(`apiVersion: v1
kind: Pod
spec:
  containers:
    - image: i
      securityContext:
        readOnlyRootFilesystem: ${value}
`);
}

const POD = "containers: [{name: a, image: i}]";

describe("objects with pods", () => {
  test.each([
    ["Pod", `spec: {${POD}}`],
    ["Deployment", `spec: {template: {spec: {${POD}}}}`],
    ["StatefulSet", `spec: {template: {spec: {${POD}}}}`],
    ["DaemonSet", `spec: {template: {spec: {${POD}}}}`],
    ["ReplicaSet", `spec: {template: {spec: {${POD}}}}`],
    ["ReplicationController", `spec: {template: {spec: {${POD}}}}`],
    ["Job", `spec: {template: {spec: {${POD}}}}`],
    ["CronJob", `spec: {jobTemplate: {spec: {template: {spec: {${POD}}}}}}`],
    ["PodTemplate", `template: {spec: {${POD}}}`],
    ["Rollout", `spec: {template: {spec: {${POD}}}}`],
    ["Service", `spec: {template: {spec: {${POD}}}}`],
    ["Workflow", `spec: {templates: [{name: t, ${POD}}]}`],
  ])("%s", (kind, rest) => {
    const { containers, problems } = read(
      `{apiVersion: x/v1, kind: ${kind}, metadata: {name: w, namespace: shop}, ${rest}}`,
    );
    expect(problems).toEqual([]);
    expect(containers.map(({ workload, container, role, os }) => [workload, container, role, os])).toEqual([
      [`${kind} shop/w`, "a", "main", "linux"],
    ]);
  });

  test.each([
    ["a schema of pods", "{apiVersion: v1, kind: CustomResourceDefinition, spec: {containers: {type: array}}}"],
    ["data that is called so", "{apiVersion: v1, kind: ConfigMap, data: {containers: [{image: i}]}}"],
    [
      "a patch without an image",
      "{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: {containers: [{name: a}]}}}}",
    ],
    ["only a comment", "# containers, kind: Pod\n"],
    ["a kind that every object has", `{apiVersion: v1, kind: constructor, ${POD}}`],
    ["no kind", `{apiVersion: v1, spec: {${POD}}}`],
  ])("none: %s", (_, text) => {
    expect(read(text)).toEqual({ containers: [], problems: [] });
  });

  test("in Lists, of which the items may have no kind of their own", () => {
    const items = `items: [{metadata: {name: b}, spec: {${POD}}}]`;
    const { containers } = read(
      `{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: PodList, ${items}}, {kind: Pod, metadata: {generateName: g-}, spec: {${POD}}}]}`,
    );
    expect(containers.map(({ workload, place }) => [workload, place])).toEqual([
      ["Pod b", { document: 0, path: ["items", 0, "items", 0, "spec", "containers", 0] }],
      ["Pod g-", { document: 0, path: ["items", 1, "spec", "containers", 0] }],
    ]);
  });

  test("of what a dump holds with its owner, only the owner", () => {
    const owned = (kind: string, name: string, owner: string, ownerName: string): string =>
      `{kind: ${kind}, metadata: {name: ${name}, ownerReferences: [{kind: ${owner}, name: ${ownerName}, controller: true}]}, spec: {${kind === "Pod" ? POD : `template: {spec: {${POD}}}`}}}`;
    const deployment = `{kind: Deployment, metadata: {name: w}, spec: {template: {spec: {${POD}}}}}`;
    const chain = [owned("Pod", "w-1-x", "ReplicaSet", "w-1"), owned("ReplicaSet", "w-1", "Deployment", "w")];
    expect(dump([...chain, deployment])).toEqual(["Deployment w"]);
    expect(dump(chain)).toEqual(["ReplicaSet w-1"]);
    expect(dump(chain.slice(0, 1))).toEqual(["Pod w-1-x"]);
  });

  test("every role", () => {
    const { containers } = read(`apiVersion: v1
kind: Pod
spec:
  initContainers:
    - {name: i, image: x}
    - {name: s, image: x, restartPolicy: Always}
  containers: [{name: m, image: x}]
  ephemeralContainers: [{name: e, image: x}]
`);
    expect(containers.map(({ container, role }) => [container, role])).toEqual([
      ["i", "init"],
      ["s", "sidecar"],
      ["m", "main"],
      ["e", "ephemeral"],
    ]);
  });

  test.each([
    ["os: {name: windows}", "windows"],
    ["os: {name: linux}", "linux"],
    ["nodeSelector: {kubernetes.io/os: windows}", "windows"],
    ["nodeSelector: {beta.kubernetes.io/os: windows}", "windows"],
    ["nodeSelector: {kubernetes.io/os: linux}", "linux"],
    ["securityContext: {windowsOptions: {hostProcess: true}}", "windows"],
  ])("%s is %s", (pod, os) => {
    expect(only("", pod).os).toBe(os);
  });
});

describe("settings of a container", () => {
  test.each<[string, string, string, unknown]>([
    ["readOnlyRoot", "securityContext: {readOnlyRootFilesystem: true}", "", true],
    ["readOnlyRoot", "securityContext: {readOnlyRootFilesystem: false}", "", false],
    ["readOnlyRoot", "securityContext: {readOnlyRootFilesystem: null}", "", undefined],
    ["readOnlyRoot", "", "securityContext: {readOnlyRootFilesystem: true}", undefined],
    ["privileged", "securityContext: {privileged: true}", "", true],
    ["privileged", "", "securityContext: {windowsOptions: {hostProcess: true}}", true],
    ["noNewPrivileges", "securityContext: {allowPrivilegeEscalation: false}", "", true],
    ["noNewPrivileges", "securityContext: {allowPrivilegeEscalation: true}", "", false],
    ["noNewPrivileges", "", "securityContext: {allowPrivilegeEscalation: false}", undefined],
    ["user", "securityContext: {runAsUser: 1000}", "", "1000"],
    ["user", "securityContext: {runAsUser: 0}", "securityContext: {runAsUser: 1000, runAsGroup: 5}", "0:5"],
    ["user", "", "securityContext: {runAsUser: 1000}", "1000"],
    ["user", "", "securityContext: {runAsGroup: 1000}", undefined],
    ["user", "securityContext: {runAsUser: 0o17}", "", "15"],
    ["user", "securityContext: {runAsUser: 017}", "", "15"],
    ["runAsNonRoot", "", "securityContext: {runAsNonRoot: true}", true],
    ["runAsNonRoot", "securityContext: {runAsNonRoot: false}", "securityContext: {runAsNonRoot: true}", false],
    ["capAdd", "securityContext: {capabilities: {add: [sys_admin, CAP_NET_RAW]}}", "", ["SYS_ADMIN", "NET_RAW"]],
    ["capDrop", "securityContext: {capabilities: {drop: [ALL]}}", "", ["ALL"]],
    ["seccomp", "securityContext: {seccompProfile: {type: Unconfined}}", "", "unconfined"],
    ["seccomp", "", "securityContext: {seccompProfile: {type: RuntimeDefault}}", "runtime/default"],
    ["seccomp", "securityContext: {seccompProfile: {type: Localhost, localhostProfile: a}}", "", "localhost/a"],
    ["appArmor", "securityContext: {appArmorProfile: {type: Unconfined}}", "", "unconfined"],
    ["selinux", "securityContext: {seLinuxOptions: {type: spc_t}}", "", "disable"],
    ["selinux", "", 'securityContext: {seLinuxOptions: {level: "s0:c1"}}', "container_t"],
    ["unmaskedPaths", "securityContext: {procMount: Unmasked}", "", true],
    ["unmaskedPaths", "securityContext: {procMount: Default}", "", false],
    ["network", "", "hostNetwork: true", "host"],
    ["network", "", "hostNetwork: false", "private"],
    ["pid", "", "hostPID: true", "host"],
    ["pid", "", "shareProcessNamespace: true", "shared"],
    ["ipc", "", "hostIPC: true", "host"],
    ["userns", "", "hostUsers: false", "private"],
    ["userns", "", "hostUsers: true", "host"],
    ["memoryBytes", "resources: {limits: {memory: 64Mi}}", "", 2 ** 26],
    ["memoryBytes", "resources: {requests: {memory: 64Mi}}", "", undefined],
    ["memoryBytes", "", "resources: {limits: {memory: 1e3}}", 1000],
    ["cpus", "resources: {limits: {cpu: 500m}}", "resources: {limits: {cpu: 4}}", 0.5],
    ["healthcheck", "readinessProbe: {tcpSocket: {port: 1}}", "", true],
    ["entrypoint", "command: [a, b]", "", ["a", "b"]],
    ["command", "args: [a]", "", ["a"]],
    [
      "environment",
      "env: [{name: A, value: b}, {name: B}, {name: C, valueFrom: {secretKeyRef: {name: s, key: k}}}]",
      "",
      ["A=b", "B=", "C"],
    ],
    ["sysctls", "", "securityContext: {sysctls: [{name: net.a, value: '1'}]}", ["net.a"]],
    ["runtime", "", "runtimeClassName: gvisor", "gvisor"],
    ["ports", "ports: [{containerPort: 80}]", "", [{ containerPort: 80 }]],
    ["ports", "ports: [{containerPort: 80, hostPort: 0}]", "", [{ containerPort: 80 }]],
    [
      "ports",
      "ports: [{containerPort: 80, hostPort: 81, hostIP: 127.0.0.1}]",
      "",
      [{ containerPort: 80, hostPort: 81, hostIp: "127.0.0.1" }],
    ],
    ["ports", "ports: [{containerPort: 80}]", "hostNetwork: true", [{ containerPort: 80, hostPort: 80 }]],
  ])("%s: {%s} in {%s}", (name, container, pod, value) => {
    expect(valuesOf(container, pod)[name as SettingName]).toEqual(value);
  });

  test("nothing but the image without any", () => {
    expect(valuesOf("")).toEqual({ image: "i" });
  });

  test("AppArmor by its old annotation, of the pod's own metadata", () => {
    const { containers } = read(`apiVersion: apps/v1
kind: Deployment
metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/a: wrong}}
spec:
  template:
    metadata:
      annotations: {container.apparmor.security.beta.kubernetes.io/a: unconfined}
    spec: {containers: [{name: a, image: i}, {name: b, image: i}]}
`);
    expect(containers.map(({ settings }) => settings.appArmor)).toEqual([
      { value: "unconfined", at: { line: 7, column: 21, endColumn: 69 } },
      undefined,
    ]);
  });
});

describe("a read-only root where nothing reads it", () => {
  test.each([
    ["", "securityContext: {readOnlyRootFilesystem: true}", "spec.securityContext"],
    ["", "readOnlyRootFilesystem: true", "spec"],
    ["readOnlyRootFilesystem: true", "", "spec.containers[0]"],
    [
      "securityContext: {readOnlyRootFileSystem: true}",
      "",
      "spec.containers[0].securityContext.readOnlyRootFileSystem",
    ],
    ["securityContext: {readonlyRootfs: 'true'}", "", "spec.containers[0].securityContext.readonlyRootfs"],
    [
      "securityContext: {capabilities: {readOnlyRootFilesystem: true}}",
      "",
      "spec.containers[0].securityContext.capabilities",
    ],
  ])("{%s} in {%s}: %s", (container, pod, place) => {
    expect(valuesOf(container, pod).misplacedReadOnlyRoot).toBe(place);
  });

  test.each([
    ["securityContext: {readOnlyRootFilesystem: true}", "securityContext: {readOnlyRootFilesystem: true}"],
    ["securityContext: {readOnlyRootFilesystem: false}", "securityContext: {readOnlyRootFilesystem: true}"],
    ["", "securityContext: {readOnlyRootFilesystem: false}"],
    ["readOnly: true", ""],
  ])("none: {%s} in {%s}", (container, pod) => {
    expect(valuesOf(container, pod).misplacedReadOnlyRoot).toBeUndefined();
  });
});

describe("types as the API server takes them", () => {
  test.each([
    ["true", true],
    ["True", true],
    ["yes", true],
    ["on", true],
    ["Y", true],
    ["no", false],
    ["OFF", false],
    ["~", undefined],
  ])("%s is %s", (text, value) => {
    const { containers, problems } = withRoot(text);
    expect(problems).toEqual([]);
    expect(containers[0]!.settings.readOnlyRoot?.value).toBe(value);
  });

  test.each(['"true"', "'yes'", "1", "tRue", "[true]", "{}"])("%s is refused, and counts as not set", (text) => {
    const { containers, problems } = withRoot(text);
    expect(problems).toEqual([
      {
        source: NAME,
        code: "E_MANIFEST_INVALID",
        message:
          "spec.containers[0].securityContext.readOnlyRootFilesystem must be true or false, and Kubernetes refuses anything else.",
        hint: "Write it as that type; a value in quotes is a text.",
        at: { line: 7, column: 9, endColumn: 31 },
      },
    ]);
    expect(containers[0]!.settings.readOnlyRoot).toBeUndefined();
  });

  test("a number in quotes is none, and what is wrong with a pod is said once", () => {
    const { containers, problems } = read(
      `{apiVersion: v1, kind: Pod, spec: {hostNetwork: "true", securityContext: {runAsUser: "1000"}, containers: [{image: i}, {image: i}]}}`,
    );
    expect(problems.map(({ message }) => message)).toEqual([
      "spec.securityContext.runAsUser must be a whole number, and Kubernetes refuses anything else.",
      "spec.hostNetwork must be true or false, and Kubernetes refuses anything else.",
    ]);
    expect(containers.map(({ settings }) => settings.user)).toEqual([undefined, undefined]);
  });
});

describe("what is a manifest", () => {
  test.each([
    ["block", "apiVersion: v1\nkind: Pod\n"],
    ["CRLF, comments, a marker", "# x\r\n\r\n---\r\nkind: Pod\r\napiVersion: v1\r\n"],
    ["with a byte order mark", "\uFEFFapiVersion: v1\nkind: Pod\n"],
    ["quoted keys", `"apiVersion": v1\n'kind': Pod\n`],
    ["indented", "  kind: Pod\n  apiVersion: v1\n"],
    ["JSON", `{"kind": "Pod", "apiVersion": "v1"}`],
    ["JSON on lines", `\n{\n  "apiVersion": "v1",\n  "kind": "Pod"\n}`],
    ["flow style behind a marker", "--- {apiVersion: v1, kind: Pod}\n"],
    ["a Helm template", "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n"],
    ["a later document", "other: x\n---\napiVersion: v1\nkind: Pod\n"],
  ])("%s", (_, text) => {
    expect(kubernetes.recognise({ name: "x", text })).toBe(true);
  });

  test.each([
    [
      "a Compose file with a manifest in it",
      "services: {}\nconfigs:\n  c:\n    content: |\n      apiVersion: v1\n      kind: Pod\n",
    ],
    ["a script that applies one", "#!/bin/sh\nkubectl apply -f - <<END\napiVersion: v1\nkind: Pod\nEND\n"],
    ["no kind", "apiVersion: v2\nname: chart\n"],
    ["no apiVersion", "kind: Pod\nspec: {}\n"],
    ["nothing", ""],
  ])("not %s", (_, text) => {
    expect(kubernetes.recognise({ name: "x", text })).toBe(false);
  });

  test("is read by its form", () => {
    expect(
      readText({ name: NAME, text: `apiVersion: v1\nkind: Pod\nspec: {${POD}}\n` }, () => undefined)?.containers,
    ).toHaveLength(1);
  });
});
