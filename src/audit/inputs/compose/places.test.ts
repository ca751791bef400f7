import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Location } from "../../../model/finding.ts";
import { readFiles } from "./testing.ts";

/*
 * Files as people leave them: block and flow style, quotes, indentation, line breaks, comments and blank lines, settings in any
 * order, some of them by an anchor.
 */
const SETTINGS: readonly (readonly [setting: string, key: string, value: string])[] = [
  ["readOnlyRoot", "read_only", "true"],
  ["privileged", "privileged", "false"],
  ["user", "user", "'0:0'"],
  ["capAdd", "cap_add", "[SYS_ADMIN, NET_RAW]"],
  ["capDrop", "cap_drop", '["ALL"]'],
  ["network", "network_mode", "host"],
  ["memoryBytes", "mem_limit", "64m"],
  ["pidsLimit", "pids_limit", "100"],
  ["restart", "restart", "on-failure:3"],
  ["environment", "environment", "{ A: 'x # y', B: \"z\" }"],
  ["command", "command", "[\"sh\", '-c', 'a: b']"],
];
const LISTS: readonly (readonly [setting: "mounts" | "ports", key: string, items: readonly string[]])[] = [
  ["mounts", "volumes", ["data:/data", "./x:/srv/x:ro", "/cache"]],
  ["mounts", "tmpfs", ["/run", "/tmp:size=1m"]],
  ["ports", "ports", ["8080:80", "127.0.0.1:1:2/udp"]],
];

const file = fc.record({
  settings: fc.shuffledSubarray([...SETTINGS]),
  lists: fc.shuffledSubarray([...LISTS]),
  shared: fc.nat({ max: 4 }),
  step: fc.constantFrom(2, 3, 4),
  lineBreak: fc.constantFrom("\n", "\r\n"),
  quote: fc.constantFrom("", "'", '"'),
  flow: fc.boolean(),
  mark: fc.constantFrom("", "\uFEFF"),
  tails: fc.array(fc.constantFrom("", "", "   ", "  # c: [", "\n", "\n# x", "\n        # deep: y"), {
    minLength: 40,
    maxLength: 40,
  }),
});

test("the place of each setting is where its key, or its item, stands", () => {
  fc.assert(
    fc.property(file, ({ settings, lists, shared, step, lineBreak, quote, flow, mark, tails }) => {
      const key = (name: string): string => `${quote}${name}${quote}`;
      const indent = (depth: number): string => " ".repeat(depth * step);
      const item = (text: string): string => (flow ? `"${text}"` : `- '${text}'`);
      const flowList = (items: readonly string[]): string => `[${items.map(item).join(", ")}]`;
      const scalars = settings.map(([, name, value]) => `${key(name)}: ${value}`);
      const lines = [
        "x-shared: &shared",
        `${indent(1)}x-none: 1`,
        ...scalars.slice(0, shared).map((line) => indent(1) + line),
        `${key("services")}:`,
        ...(flow
          ? [
              `${indent(1)}${key("web")}: {${[...scalars.slice(shared), ...lists.map(([, name, items]) => `${key(name)}: ${flowList(items)}`), "<<: *shared"].join(", ")}}`,
            ]
          : [
              `${indent(1)}${key("web")}:`,
              `${indent(2)}<<: *shared`,
              ...scalars.slice(shared).map((line) => indent(2) + line),
              ...lists.flatMap(([, name, items]) => [
                `${indent(2)}${key(name)}:`,
                ...items.map((each) => indent(2) + item(each)),
              ]),
            ]),
      ];
      const text =
        mark +
        lines
          .map((line, index) => `${line}${tails[index] ?? ""}\n`)
          .join("")
          .replaceAll("\n", lineBreak);
      const { containers, problems } = readFiles({ "compose.yaml": text });
      expect(problems).toEqual([]);
      const [web] = containers;
      const at = (location: Location | undefined): string => textAt(text.slice(mark.length), location);
      expect(at(web?.at)).toBe(key("web"));
      for (const [setting, name] of settings) {
        const { at: place } = web?.settings[setting as "user"] ?? {};
        expect(at(place)).toBe(key(name));
      }
      for (const kind of ["mounts", "ports"] as const) {
        const expected = lists.filter(([of]) => of === kind).flatMap(([, , items]) => items);
        const found = (web?.settings[kind] ?? []).map((one) => at(one.at).slice(1, -1));
        expect(found.toSorted()).toEqual(expected.toSorted());
      }
    }),
    { numRuns: 300 },
  );
});

function textAt(text: string, location: Location | undefined): string {
  const { line = 0, column = 0, endColumn } = location ?? {};
  return text.split(/\r?\n/)[line - 1]?.slice(column - 1, endColumn === undefined ? undefined : endColumn - 1) ?? "";
}

const TOKENS =
  "services: web: image: x extends: include: volumes: - /d: build: environment: deploy: resources: limits: memory: cpus: " +
  "{ } [ ] : , - * & ! | > ' \" # ? % @ ` ~ << <<: *a &a !reset !override --- ... $ ${ } ${A:- 1g 0 null true -1 9e99 .env";

test("any text gives containers or problems, with places inside of it", { timeout: 120_000 }, () => {
  const token = fc.constantFrom(
    ...TOKENS.split(" "),
    "\n",
    "\n  ",
    "\n    ",
    "\n      ",
    " ",
    "\t",
    "\0",
    "\uFEFF",
    "\r\n",
  );
  const soup = fc.array(token, { maxLength: 60 }).map((tokens) => `services:\n  web:\n    ${tokens.join(" ")}`);
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(soup, soup, (text, over) => {
      const { containers, problems } = readFiles({ "compose.yaml": text, "compose.override.yml": over, ".env": over });
      if (containers.length > 0) outcomes.add("containers");
      if (problems.length > 0) outcomes.add("problems");
      const lines = [...containers, ...problems].map(({ at }) => at?.line ?? 1);
      expect(Math.max(0, ...lines)).toBeLessThanOrEqual(
        Math.max(...[text, over].map((each) => each.split("\n").length)),
      );
    }),
    { numRuns: 2000 },
  );
  expect(outcomes).toEqual(new Set(["containers", "problems"]));
});

test.for<[what: string, text: string]>([
  [
    "billion laughs",
    `x0: &x0 [1]\n${Array.from({ length: 30 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(9).fill(`*x${i}`).join()}]`).join("\n")}\nservices: {web: {image: x, volumes: *x30}}`,
  ],
  ["deep nesting", `services: {web: {image: x, x-deep: ${"[".repeat(20_000)}`],
  ["a large file", `services:\n${"  web:\n    image: x\n".repeat(50_000)}`],
  ["a key twice", "services: {web: {image: x, image: y}}"],
  ["two documents", "services: {web: {image: x}}\n---\nservices: {}"],
  ["an unknown alias", "services: {web: *nothing}"],
  ["a list", "- services"],
])("%s is a problem with a sentence", ([, text]) => {
  const { containers, problems } = readFiles({ "compose.yaml": text });
  expect(containers).toEqual([]);
  expect(problems).toMatchObject([
    { source: "compose.yaml", code: "E_COMPOSE_INVALID", message: expect.stringMatching(/^The .*[\w.]$/) as string },
  ]);
});
