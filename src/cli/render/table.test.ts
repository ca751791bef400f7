import * as fc from "fast-check";
import { expect, test } from "vitest";
import { renderTable } from "./table.ts";
import { textWidth } from "../../model/text-width.ts";

const COLUMNS = [{ title: "path" }, { title: "bytes", align: "right" as const }, { title: "why" }];

test("columns line up and the last one wraps", () => {
  const table = renderTable(
    COLUMNS,
    [
      ["/run", "4 KiB", "nginx writes its pid there and nothing of it is read back"],
      ["/var/文件", "12 MiB", "cache"],
    ],
    { width: 48 },
  );
  expect(table).toBe(
    [
      "PATH        BYTES  WHY",
      "/run        4 KiB  nginx writes its pid there",
      "                   and nothing of it is read",
      "                   back",
      "/var/文件  12 MiB  cache",
      "",
    ].join("\n"),
  );
});

test("a narrow terminal shrinks the widest columns", () => {
  const table = renderTable(
    [{ title: "a" }, { title: "b" }],
    [["/a/long/path/that/needs/room", "words and more words"]],
    {
      width: 30,
    },
  );
  expect(table).toMatchInlineSnapshot(`
    "A                 B
    /a/long/path/tha  words and
    t/needs/room      more words
    "
  `);
});

test("formats colour the text, not the padding, and change no width", () => {
  const table = renderTable([{ title: "a" }, { title: "b" }], [[{ text: "x", format: "red" }, "y"]], {
    width: 20,
    style: (format, text) => `<${format}>${text}</>`,
  });
  expect(table).toBe("<bold>A</>  <bold>B</>\n<red>x</>  y\n");
});

test("no rows, no table", () => {
  expect(renderTable(COLUMNS, [], { width: 80 })).toBe("");
});

test("hostile cells stay inside their line, and lines inside the width", () => {
  const cell = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 40, max: 120 }),
      (rows, width) => {
        const table = renderTable(COLUMNS, [...rows, ["\u001B[2J\n\r", "a", "b"]], { width });
        expect(table).not.toContain("\u001B");
        for (const line of table.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
