import { describe, expect, test } from "vitest";
import { readText } from "../../recognise.ts";
import { kubernetes } from "../kubernetes.ts";

function read(name: string, text: string): ReturnType<typeof kubernetes.read> {
  return kubernetes.read({ name, text }, () => undefined);
}

const HEAD = "apiVersion: v1\nkind: Pod\n";

describe("a template of a chart", () => {
  test.each([
    [
      "an action on a line of its own",
      `${HEAD}spec:\n  containers:\n    {{- if .Values.x }}\n    - image: i\n    {{- end }}\n`,
      5,
      5,
    ],
    ["a value without quotes", `${HEAD}spec:\n  containers:\n    - image: {{ .Values.image }}\n`, 5, 14],
    ["a value in quotes", `${HEAD}spec:\n  containers:\n    - image: "{{ .Values.image }}"\n`, 5, 15],
    ["a setting", `${HEAD}spec:\n  containers:\n    - image: i\n      securityContext: {{ $x }}\n`, 6, 24],
    [
      "a name in another document",
      `kind: Other\n---\n${HEAD}metadata: {name: '{{ include "x" . }}'}\nspec: {containers: [{image: i}]}\n`,
      5,
      19,
    ],
  ])("is not audited, and it is said how to: %s", (_, text, line, column) => {
    expect(read("charts/web/templates/pod.yaml", text)).toEqual({
      containers: [],
      problems: [
        {
          source: "charts/web/templates/pod.yaml",
          code: "E_UNRENDERED",
          message: "This is a template: what it asks for is only known when it is rendered.",
          hint: "Run helm template charts/web | petrify audit -, or petrify audit --render charts/web.",
          at: { line, column },
        },
      ],
    });
  });

  test("is said once for a file, and its plain documents are audited", () => {
    const template = `${HEAD}spec: {containers: [{image: {{ .Values.a }}}]}\n`;
    const { containers, problems } = read(
      "x.yaml",
      [template, `${HEAD}spec: {containers: [{image: i}]}\n`, template].join("---\n"),
    );
    expect(containers).toHaveLength(1);
    expect(problems).toHaveLength(1);
  });

  test.each([
    ["an argument", `args: ["{{inputs.parameters.x}}"]`],
    ["a variable for another program", `env: [{name: A, value: "{{ $labels.x }}"}]`],
    ["a command", `command: [sh, -c, "echo {{ .Release.Name }}"]`],
  ])("is not what has braces for another program: %s", (_, setting) => {
    const { containers, problems } = read("x.yaml", `${HEAD}spec: {containers: [{image: i, ${setting}}]}\n`);
    expect(problems).toEqual([]);
    expect(containers).toHaveLength(1);
  });
});

test.each([
  ["web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n", "a Helm chart", "helm template web"],
  ["a/kustomization.yaml", "resources: [x.yaml]\n", "a Kustomize folder", "kubectl kustomize a"],
  ["kustomization.yml", "", "a Kustomize folder", "kubectl kustomize ."],
  ["/b/Kustomization", "kind: Kustomization\n", "a Kustomize folder", "kubectl kustomize /b"],
])("%s is no manifest yet", (name, text, what, command) => {
  expect(readText({ name, text }, () => undefined)).toEqual({
    containers: [],
    problems: [
      {
        source: name,
        code: "E_UNRENDERED",
        message: `This belongs to ${what}: what it asks for is only known when it is rendered.`,
        hint: expect.stringContaining(`Run ${command} | petrify audit -`),
        at: { line: 1, column: 1 },
      },
    ],
  });
});
