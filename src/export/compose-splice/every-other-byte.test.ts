import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { spliced } from "../../../test/support/splice.ts";
import { PetrifyError } from "../../model/errors.ts";

/*
 * Compose files as people leave them: any indentation, line breaks, comments at any place and depth, blank lines, trailing
 * spaces, quotes, and any of the settings that the splice writes. A line is its depth and its text; texts that begin with
 * a dash stand at the file's own distance for lists.
 */
type Line = readonly [depth: number, text: string];

const SETTINGS: readonly (readonly Line[])[] = [
  [[2, "read_only: true"]],
  [[2, "tmpfs:"]],
  [
    [2, "tmpfs:"],
    [2, "- /tmp"],
    [2, "- '/run:mode=1777'"],
  ],
  [
    [2, "volumes:"],
    [2, "- type: bind"],
    [3, "source: ."],
    [3, "target: /src"],
  ],
  [
    [2, "volumes:"],
    [2, "-"],
    [3, "type: volume"],
    [3, "target: /other"],
  ],
  [[2, 'command: ["sh", "-c", "a: b # c"]']],
  [
    [2, "environment:"],
    [3, "A: 'x # y'"],
    [3, "B:"],
  ],
  [
    [2, "x-text: |+"],
    [3, "# not a comment"],
    [3, "- not an item"],
  ],
  [[2, "labels: {a: b, c: }"]],
];
const TOP: readonly (readonly Line[])[] = [
  [[0, "version: '3'"]],
  [[0, "volumes:"]],
  [
    [0, "volumes:"],
    [1, "old: {}"],
    [1, "app_data:"],
  ],
  [
    [0, "x-any: &any"],
    [1, "k: v"],
  ],
  [[0, "networks: {n: {external: true}}"]],
];

const key = ([first]: readonly Line[]) => (first?.[1] ?? "").replace(/:.*/s, "");
const blocks = (table: readonly (readonly Line[])[]) =>
  fc.uniqueArray(fc.constantFrom(...table), { selector: key, comparator: (a, b) => a === b });

const file = fc
  .record({
    settings: blocks(SETTINGS),
    before: blocks(TOP),
    otherFirst: fc.boolean(),
    step: fc.constantFrom(2, 3, 4),
    listIndent: fc.constantFrom(0, 2),
    lineBreak: fc.constantFrom("\n", "\r\n"),
    mark: fc.constantFrom("", "\uFEFF"),
    lastBreak: fc.boolean(),
    topAfter: fc.nat({ max: 5 }),
    // What follows each line: a trailing comment or spaces, and lines of comment or nothing.
    tails: fc.array(fc.constantFrom("", "", "", "   ", "  # c: [", "\t# t"), { minLength: 40, maxLength: 40 }),
    between: fc.array(fc.constantFrom("", "", "", "\n", "\n# x", "\n        # deep: y", "\n\n  # - z\n"), {
      minLength: 40,
      maxLength: 40,
    }),
  })
  .map(({ settings, before, otherFirst, step, listIndent, lineBreak, mark, lastBreak, topAfter, tails, between }) => {
    const web: Line[] = [[1, "web:"], [2, 'image: "app:1"'], ...settings.flat()];
    const other: Line[] = [
      [1, "db:"],
      [2, "image: postgres"],
    ];
    const services: Line[] = [[0, "services:"], ...(otherFirst ? [...other, ...web] : [...web, ...other])];
    const lines = [...before.slice(topAfter).flat(), ...services, ...before.slice(0, topAfter).flat()];
    let text = "";
    let inText = false;
    for (const [index, [depth, content]] of lines.entries()) {
      // Inside a block scalar everything is content, and comments before the end of it would be too.
      inText = content.startsWith("x-text") || (inText && depth === 3);
      const extra = content.startsWith("-") || (depth === 3 && !inText && isItem(lines, index)) ? listIndent : 0;
      const indent = " ".repeat(depth === 3 && isItem(lines, index) ? step * 2 + extra + 2 : depth * step + extra);
      text += indent + content + (inText ? "" : `${tails[index]}${between[index]}`) + "\n";
    }
    const broken = text.replaceAll("\n", lineBreak);
    return { text: mark + (lastBreak ? broken : broken.replace(/(\r?\n)+$/, "")), lineBreak };
  });

/** Whether the line continues an item of a list: the nearest shallower line is one. */
function isItem(lines: readonly Line[], index: number): boolean {
  const parent = lines.slice(0, index).findLast(([depth]) => depth < 3);
  return parent?.[1].startsWith("-") === true;
}

test("every line of the file is there afterwards, as it was and in its place", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(file, ({ text, lineBreak }) => {
      const result = spliced(text).text;
      const remaining = result.split(lineBreak);
      const missing = text.split(lineBreak).filter((line) => {
        const at = remaining.indexOf(line);
        remaining.splice(0, at + 1);
        return at < 0;
      });
      expect(missing).toEqual([]);
      expect(result.endsWith(lineBreak)).toBe(text.endsWith(lineBreak));
      expect(result.replaceAll(lineBreak, "")).not.toMatch(/[\r\n]/);

      const before = parse(text) as ComposeFile;
      const after = parse(result) as ComposeFile;
      expect({ ...after, services: after.services.db, volumes: null }).toEqual({
        ...before,
        services: before.services.db,
        volumes: null,
      });
      expect(after.services.web).toMatchObject({ image: "app:1", read_only: true });
    }),
    { numRuns: 100 },
  );
});

interface ComposeFile {
  readonly services: { readonly web: unknown; readonly db: unknown };
}

test("a damaged file is changed safely or refused, and never ends in another error", { timeout: 60_000 }, () => {
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat({ max: 6 }),
    insert: fc.constantFrom(
      ..."{ } [ ] : - * & ! | > ' \" # , ? % @ ` ~ << --- ... \t \n \0 \uFEFF *any &any !reset".split(" "),
      " ",
      "\n  ",
    ),
  });
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(file, fc.array(damage, { minLength: 1, maxLength: 4 }), ({ text }, damages) => {
      const damaged = damages.reduce((current, { at, remove, insert }) => {
        const offset = Math.floor(at * current.length);
        return current.slice(0, offset) + insert + current.slice(offset + remove);
      }, text);
      try {
        spliced(damaged);
        outcomes.add("changed");
      } catch (error) {
        if (!(error instanceof PetrifyError)) throw error;
        outcomes.add("refused");
      }
    }),
    { numRuns: 200 },
  );
  expect(outcomes).toEqual(new Set(["changed", "refused"]));
});
