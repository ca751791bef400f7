import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { anyText } from "../../../../test/support/arbitrary.ts";
import { splitDocuments } from "../../../export/kubernetes-splice/documents.ts";
import { dataAt } from "../../../export/splice/edits.ts";
import { MANIFEST, readYaml } from "../../../export/splice/source.ts";
import type { Location } from "../../../model/finding.ts";
import { RULES } from "../../rules.ts";
import { audit } from "../../audit.ts";
import { kubernetes } from "../kubernetes.ts";

function read(text: string, name = "pod.yaml"): ReturnType<typeof kubernetes.read> {
  return kubernetes.read({ name, text }, () => undefined);
}

/** What stands at a place of a text. */
function textAt(text: string, at: Location | undefined): string {
  const line = text.split("\n")[(at?.line ?? 0) - 1] ?? "";
  return line.slice((at?.column ?? 1) - 1, at?.endColumn === undefined ? undefined : at.endColumn - 1);
}

const GOOD = "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\nspec: {containers: [{name: a, image: i}]}\n";

describe("many documents", () => {
  test("one of a hundred is broken: the rest goes on, and the line is that of the file", () => {
    const documents = Array.from({ length: 100 }, (_, index) =>
      index === 41 ? "kind: Pod\nspec:\n  containers: [\n  image: }\n" : GOOD,
    );
    const text = documents.join("---\n");
    const { containers, problems } = read(text);
    expect(containers).toHaveLength(99);
    expect(problems).toHaveLength(1);
    const [problem] = problems;
    expect(problem).toMatchObject({ code: "E_MANIFEST_INVALID", source: "pod.yaml" });
    expect(problem!.message).toMatch(/^The manifest is not valid YAML: [^\n]*[^:]$/);
    expect(problem!.message).not.toMatch(/line \d/);
    const begin = text.slice(0, text.indexOf("image: }")).split("\n").length;
    expect(problem!.at!.line).toBeGreaterThanOrEqual(begin - 1);
    expect(problem!.at!.line).toBeLessThanOrEqual(begin + 1);
    expect(containers.at(-1)!.at!.line).toBe(text.trimEnd().split("\n").length);
  });

  test("places are of the whole file, documents those that the exporter edits", () => {
    const text = `# first\n---\n${GOOD}---\r\nkind: ConfigMap\n---\n${GOOD}`;
    const { containers } = read(text);
    expect(containers.map(({ place, at }) => [place!.document, at!.line])).toEqual([
      [1, 6],
      [3, 13],
    ]);
    for (const { place } of containers) {
      const { data } = readYaml(splitDocuments(text)[place!.document]!, MANIFEST);
      expect(dataAt(data, place!.path)).toEqual({ name: "a", image: "i" });
    }
  });

  test("rendered text names its templates", () => {
    const { containers } = read(
      `---\n# Source: web/templates/a.yaml\n${GOOD}---\n# note\n# Source: web/templates/b.yaml\n${GOOD}---\n${GOOD}`,
      "-",
    );
    expect(containers.map(({ source }) => source)).toEqual([
      { kind: "kubernetes", name: "-", template: "web/templates/a.yaml" },
      { kind: "kubernetes", name: "-", template: "web/templates/b.yaml" },
      { kind: "kubernetes", name: "-" },
    ]);
  });

  test("aliases, merge keys and a byte order mark", () => {
    const text = `\uFEFFapiVersion: v1
kind: Pod
x: &s {readOnlyRootFilesystem: yes}
spec:
  containers:
    - {name: a, image: i, securityContext: *s}
    - {name: b, image: i, securityContext: {<<: *s, privileged: true}}
`;
    const { containers, problems } = read(text);
    expect(problems).toEqual([]);
    expect(containers.map(({ settings }) => settings.readOnlyRoot?.value)).toEqual([true, true]);
    expect(textAt(text, containers[0]!.settings.readOnlyRoot!.at)).toBe("readOnlyRootFilesystem");
  });
});

describe("what is refused", () => {
  test.each([
    ["larger than a document with anchors may be", `${GOOD}x: &a b\n#${"x".repeat(2 ** 19)}`, /larger than 512 KiB/],
    ["nested too deep", `apiVersion: v1\nkind: Pod\ncontainers: ${"[".repeat(20_000)}`, /nested too deep/],
    [
      "billion laughs",
      `apiVersion: v1\nkind: Pod\nimage: containers\na: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h"].map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefg"[index]}`).join()}]\n`).join("")}`,
      /cannot be read/,
    ],
    ["keys twice", "apiVersion: v1\nkind: Pod\nkind: Pod\nspec: {containers: []}\n", /must be unique/],
    ["tabs", "apiVersion: v1\nkind: Pod\nspec:\n\tcontainers: []\n", /not valid YAML/],
  ])("%s: with a sentence, and the document behind it is read", (_, text, message) => {
    const { containers, problems } = read(`${text}\n---\n${GOOD}`);
    expect(containers).toHaveLength(1);
    expect(problems).toEqual([
      expect.objectContaining({ code: "E_MANIFEST_INVALID", message: expect.stringMatching(message) }),
    ]);
  });
});

const BOOLEANS = { privileged: "privileged", readOnlyRootFilesystem: "readOnlyRoot" } as const;
const contextOf = fc.record(
  {
    privileged: fc.boolean(),
    readOnlyRootFilesystem: fc.boolean(),
    runAsUser: fc.nat(),
    capabilities: fc.constant({ add: ["A"] }),
  },
  { requiredKeys: [] },
);
const container = fc.record(
  {
    image: fc.constantFrom("a:1", "b@sha256:0"),
    name: fc.constantFrom("x", "ünï", "-"),
    securityContext: contextOf,
    env: fc.array(
      fc.record({ name: fc.constant("E"), value: fc.constantFrom("", "a\nb\n", "'", "# no comment", "é") }),
      { maxLength: 2 },
    ),
    volumeMounts: fc.array(fc.record({ mountPath: fc.constant("/a"), name: fc.constant("v") }), { maxLength: 2 }),
  },
  { requiredKeys: ["image", "securityContext", "volumeMounts"] },
);
const pod = fc.record({
  kind: fc.constant("Pod"),
  apiVersion: fc.constant("v1"),
  spec: fc.record(
    {
      hostNetwork: fc.boolean(),
      containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      initContainers: fc.array(container, { maxLength: 2 }),
    },
    { requiredKeys: ["containers"] },
  ),
});
/** The same pod in every layout that there is. */
const layout = fc.record({
  indent: fc.constantFrom(1, 2, 3, 7),
  indentSeq: fc.boolean(),
  collectionStyle: fc.constantFrom("any", "block", "flow"),
  json: fc.boolean(),
  lineBreak: fc.constantFrom("\n", "\r\n"),
  before: fc.constantFrom("", "\uFEFF", "# comment\n\n", "---\n", "kind: Other\n---\n", "--- # comment\n"),
  comments: fc.boolean(),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

function laidOut(data: unknown, { json, lineBreak, before, comments, ...options }: Layout): string {
  const body = json ? JSON.stringify(data, undefined, options.indent) : stringify(data, options as object);
  const commented =
    comments && !json
      ? body.replaceAll(/^(?= *(?:image|name|securityContext|spec|- )(?:.*):)/gm, "# privileged: x\n")
      : body;
  return (before + commented).replaceAll("\n", lineBreak);
}

describe("whatever the layout", () => {
  test("places point to the key, and places for edits lead to the container", () => {
    fc.assert(
      fc.property(pod, layout, (data, how) => {
        const text = laidOut(data, how);
        // The comments may have come into a block scalar.
        fc.pre(sameData(text, data));
        const { containers, problems } = read(text);
        expect(problems).toEqual([]);
        const all = [...(data.spec.initContainers ?? []), ...data.spec.containers];
        expect(containers).toHaveLength(all.length);
        for (const [index, found] of containers.entries()) {
          const given = all[index]!;
          expect(found.settings.image!.value).toBe(given.image);
          expect(unquoted(textAt(text, found.settings.image!.at))).toBe("image");
          expect(unquoted(textAt(text, found.at))).toBe(Object.keys(given)[0]);
          for (const [key, name] of Object.entries(BOOLEANS)) {
            const setting = found.settings[name];
            expect(setting?.value).toBe(given.securityContext[key as keyof typeof BOOLEANS]);
            expect(setting && unquoted(textAt(text, setting.at))).toBe(setting && key);
          }
          for (const [at, mount] of (found.settings.mounts ?? []).entries())
            expect(unquoted(textAt(text, mount.at))).toBe(Object.keys(given.volumeMounts[at]!)[0]);
          const document = readYaml(splitDocuments(text)[found.place!.document]!.replace(/^\uFEFF/, ""), MANIFEST);
          expect(dataAt(document.data, found.place!.path)).toEqual(given);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("nothing is thrown, whatever the text, and no problem lies outside of it", () => {
    const bits = fc.constantFrom(
      "apiVersion: v1\n",
      "kind: Pod\n",
      "---\n",
      "containers",
      ": ",
      "{",
      "}",
      "[",
      "]",
      "\n",
      "  ",
      "- ",
      "spec:\n",
      "&a ",
      "*a",
      "<<: ",
      '"',
      "'",
      "|\n",
      "\t",
      "image: i\n",
      "!!binary ",
      "? ",
      "{{ .Values.x }}",
      "\uFEFF",
    );
    const odd = fc.array(fc.oneof(bits, anyText), { maxLength: 30 }).map((parts) => parts.join(""));
    // Manifests with a piece missing, or something in the middle of them.
    const damaged = fc
      .tuple(pod, layout, fc.nat(), fc.nat(20), fc.oneof(bits, anyText))
      .map(([data, how, at, length, inserted]) => {
        const text = laidOut(data, how);
        const place = at % text.length;
        return text.slice(0, place) + inserted + text.slice(place + length);
      });
    fc.assert(
      fc.property(fc.oneof(odd, damaged), (text) => {
        kubernetes.recognise({ name: "x", text });
        const { containers, problems } = read(text);
        audit(containers, RULES);
        const lines = text.split("\n").length;
        for (const { at, message, code } of problems) {
          expect(message.length).toBeGreaterThan(10);
          expect(code).toMatch(/^E_/);
          expect(at!.line).toBeGreaterThan(0);
          expect(at!.line).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 600 },
    );
  });
});

function sameData(text: string, data: unknown): boolean {
  const last = splitDocuments(text.replace(/^\uFEFF/, "")).at(-1) ?? "";
  return JSON.stringify(parseDocument(last, { logLevel: "error" }).toJS()) === JSON.stringify(data);
}

function unquoted(text: string): string {
  return text.replaceAll(/^["']|["']$/g, "");
}
