import { describe, expect, test } from "vitest";
import { splicedManifest } from "../../../test/support/kubernetes-splice.ts";
import { seeded, strategy, tmpfs } from "../../../test/support/strategy-samples.ts";

const RUN = strategy([tmpfs("/run", { why: "Pid." })]);

describe("the text, before and after", () => {
  test("other documents, comments, quotes and blank lines stay; claims come as documents at the end", () => {
    const before = [
      "# Our stack",
      "apiVersion: v1",
      "kind: Service   # not a pod: 'containers' in a comment",
      "metadata: {name: web}",
      "spec: {ports: [{port: 80}]}",
      "---",
      "apiVersion: apps/v1",
      "kind: Deployment",
      "metadata:",
      '    name: "web"',
      "spec:",
      "    selector: {matchLabels: {app: web}}",
      "    template:",
      "        metadata: {labels: {app: web}}",
      "        spec:",
      "            containers:",
      "            # the sidecar",
      "            - name: proxy",
      "              image: envoy",
      "            - name: web",
      "              image: 'app:1'   # pinned",
      "",
      "            terminationGracePeriodSeconds: 5",
      "--- # the last",
      "apiVersion: v1",
      "kind: Pod",
      "metadata: {name: other}",
      "spec: {containers: [{name: o, image: redis}]}",
      "",
    ];
    const { text } = splicedManifest(before.join("\n"));
    const after = [
      ...before.slice(0, 21),
      "              securityContext:",
      "                  readOnlyRootFilesystem: true",
      "              volumeMounts:",
      "              # State.",
      "              - name: data",
      "                mountPath: /data",
      "              # Pid.",
      "              - name: run",
      "                mountPath: /run",
      ...before.slice(21, 23),
      "            volumes:",
      "            - name: data",
      "              persistentVolumeClaim:",
      "                  claimName: app-data",
      "            - name: run",
      "              emptyDir:",
      "                  medium: Memory",
      '                  sizeLimit: "1Mi"',
      ...before.slice(23, 28),
      "---",
      "apiVersion: v1",
      "kind: PersistentVolumeClaim",
      "metadata:",
      "  name: app-data",
      "  labels:",
      "    app.kubernetes.io/name: app",
      "spec:",
      "  accessModes:",
      "    - ReadWriteOnce",
      "  resources:",
      "    requests:",
      '      storage: "1Gi"',
      "",
    ];
    expect(text.split("\n")).toEqual(after);
  });

  test("byte order mark, CRLF and the missing last line break stay", () => {
    const lines = [
      "\uFEFFapiVersion: v1",
      "kind: Pod",
      "metadata: {name: p}",
      "spec:",
      "  containers:",
      "    - name: a",
      "      image: app",
    ];
    const { text } = splicedManifest(lines.join("\r\n"), RUN);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text.startsWith(lines.join("\r\n"))).toBe(true);
    expect(text.endsWith("\n")).toBe(false);
  });

  test("a JSON file stays JSON; the claims it needs are named", () => {
    const before = JSON.stringify(
      { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [{ name: "a", image: "app" }] } },
      undefined,
      2,
    );
    const { text, notes } = splicedManifest(before);
    expect(JSON.parse(text)).toMatchObject({
      spec: { containers: [{ securityContext: { readOnlyRootFilesystem: true } }] },
    });
    expect(notes).toContain("The claims must be made elsewhere: app-data.");
  });

  test("an item of a List", () => {
    const before =
      "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: a}\n    spec: {containers: [{name: x, image: redis}]}\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: b}\n    spec: {containers: [{name: y, image: app}]}\n";
    const { text } = splicedManifest(before, RUN);
    expect(text).toBe(
      before.replace(
        "{containers: [{name: y, image: app}]}",
        '{containers: [{name: y, image: app, securityContext: {readOnlyRootFilesystem: true}, volumeMounts: [{"name": "run", "mountPath": "/run"}]}], volumes: [{"name": "run", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}]}',
      ),
    );
  });
});

function podWith(setting: string): string {
  return `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: app${setting === "" ? "" : ", "}${setting}}]}}\n`;
}

describe("each form that the securityContext can have", () => {
  test.each([
    ["missing", "", "securityContext: {readOnlyRootFilesystem: true}"],
    ["empty", "securityContext: {}", "securityContext: {readOnlyRootFilesystem: true}"],
    ["nothing", "securityContext:", 'securityContext: {"readOnlyRootFilesystem": true}'],
    ["with others", "securityContext: {runAsUser: 5}", "securityContext: {runAsUser: 5, readOnlyRootFilesystem: true}"],
    ["false", "securityContext: {readOnlyRootFilesystem: false}", "securityContext: {readOnlyRootFilesystem: true}"],
    [
      "true already",
      "securityContext: {readOnlyRootFilesystem: true}",
      "securityContext: {readOnlyRootFilesystem: true}",
    ],
  ])("%s", (_, before, after) => {
    expect(splicedManifest(podWith(before), strategy([], { fits: RUN.fits })).text).toBe(podWith(after));
  });
});

test("a filled directory needs an init container, which comes once", () => {
  const before =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  initContainers:\n  - {name: petrify-app, image: mine}\n  containers:\n  - {name: a, image: app}\n";
  const { text } = splicedManifest(before, strategy([seeded("/etc/app")]));
  expect(text).toContain("\n  - name: petrify-app-2\n    image: app:1\n");
});
