import * as fc from "fast-check";

/*
 * Files as nobody writes them on purpose: a Compose file or a manifest in some layout, and then damaged or decorated at places
 * that are drawn. Most of them still mean something, and some do not.
 */

const SERVICES = `# c
services:
  web: &web
    image: "app:1" # c
    privileged: yes
    command: [a, "b # c"]
    volumes:
    - data:/data
    - {type: bind, source: /run/docker.sock, target: /s}
    x-text: |+
      # no comment
      - no item

    environment:
      A: 'x: y'
      B:
  db: {<<: *web, image: db}
volumes: {data: }
`;
const PODS = `# c
apiVersion: v1
kind: ConfigMap
data: {a: "containers:"}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web # c
spec:
  template:
    spec:
      hostPID: on
      containers:
      - name: side
        image: "side"
      -   image: app:1
          name: web
          args: ["x", 'y', z]
          env:
          - {name: A, value: "b"}
          securityContext: {privileged: true, runAsUser: 0}
          volumeMounts:
          - {name: conf, mountPath: /conf}
      volumes:
      - name: conf
        configMap: {name: conf}
`;
const JSON_POD = `{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "app:1", "env": [{"name": "A", "value": "\\u0041"}]}]}}`;
const JSON_SERVICES = `{"services": {"web": {"image": "app:1", "tmpfs": ["/t:size=1m"], "ports": [80, "1:2"]}}}`;

const MARKS =
  "{ } [ ] : - * & ! | > ' \" # , ? % @ ` ~ << --- ... &a *a *web !reset !override !!bool ${A} ${A:- $$ {{ {{.Values.a}} yes off 0777 0x1 1e9 .inf null true <<<<<<< \\u0000";
const INSERTS = [
  ...MARKS.split(" "),
  " ",
  "  ",
  "\n",
  "\n\n",
  "\n  ",
  "\n      ",
  "\r\n",
  "\r",
  "\t",
  "\0",
  "\uFEFF",
  "\uD800",
  "\u0085",
  "\u2028",
  "\n# petrify-ignore privileged: because\n",
  "\n---\n",
  "é☃🐘",
  "[".repeat(40),
  "x: ".repeat(10),
  "  # c\n",
];

/** What can stand at the end of nearly any line. */
const LINE_ENDS = [
  "  # c: [",
  " ",
  "\t# t",
  "\n",
  "\n\n# x",
  "\n        # deep: y",
  "\r",
  "\n# petrify-ignore privileged: because",
];

const decoration = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  insert: fc.constantFrom(...LINE_ENDS),
});

const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 30 })),
  insert: fc.constantFrom(...INSERTS),
  times: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, fc.constantFrom(2, 3, 60)),
});

const whole = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text,
  (text) => text,
  (text) => text.replaceAll("\n", "\r\n"),
  (text) => `\uFEFF${text}`,
  (text) => text.replace(/\n$/, ""),
  (text) => text.replaceAll("\n", "  \n"),
  (text) => text.replaceAll("\n", "\n\n"),
  (text) => text.replaceAll(/^ {2}/gm, "\t"),
  (text) => text.replaceAll("  ", "   "),
  (text) => `${text}---\n${text}`,
  (text) => `---\n${text}`.repeat(100),
  (text) => text + text,
  (text) => text.slice(0, text.length >> 1),
);

/** A text and the name under which it is read. */
export interface OddText {
  readonly name: "compose.yaml" | "pods.yaml";
  readonly text: string;
}

export const oddText: fc.Arbitrary<OddText> = fc
  .record({
    base: fc.constantFrom(
      ["compose.yaml", SERVICES],
      ["compose.yaml", JSON_SERVICES],
      ["pods.yaml", PODS],
      ["pods.yaml", PODS],
      ["pods.yaml", JSON_POD],
    ) as fc.Arbitrary<readonly [OddText["name"], string]>,
    decorations: fc.array(decoration, { maxLength: 6 }),
    damages: fc.oneof(fc.array(damage, { maxLength: 0 }), fc.array(damage, { maxLength: 3 })),
    layout: whole,
  })
  .map(({ base: [name, base], decorations, damages, layout }) => ({
    name,
    text: layout(damages.reduce(damaged, decorations.reduce(decorated, base))),
  }));

function decorated(text: string, { at, insert }: { at: number; insert: string }): string {
  const end = text.indexOf("\n", Math.floor(at * text.length));
  return end < 0 ? text : text.slice(0, end) + insert + text.slice(end);
}

function damaged(
  text: string,
  { at, remove, insert, times }: { at: number; remove: number; insert: string; times: number },
): string {
  const offset = Math.floor(at * text.length);
  return text.slice(0, offset) + insert.repeat(times) + text.slice(offset + remove);
}
