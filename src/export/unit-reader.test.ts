import * as fc from "fast-check";
import { expect, test } from "vitest";
import { strategy, tmpfs, workload } from "../../test/support/strategy-samples.ts";
import { unitWords } from "../audit/inputs/words/unit-words.ts";
import { exportSystemd } from "./systemd.ts";
import { unitText, unitWord } from "./unit-file.ts";
import { readUnit } from "./unit-reader.ts";

const name = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,10}$/);
const value = fc
  .string({ unit: fc.constantFrom("a", " ", '"', "'", "\\", "$", "%", "=", ";", "#", "[", "]", "é") })
  .map((text) => text.replace(/[\\\s]+$/, "").trim());
const section = fc.record({ name, settings: fc.array(fc.tuple(name, value), { maxLength: 5 }) });

test("what is written is read back, each where it stands", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 3 }), fc.array(section, { maxLength: 4 }), (comments, sections) => {
      const text = unitText(comments, sections);
      const read = readUnit(text);
      expect(
        read.map((one) => ({
          name: one.name,
          settings: one.settings.map(({ key, value: of }) => [key.text, of.text]),
        })),
      ).toEqual(sections);
      for (const { key, value: of } of read.flatMap(({ settings }) => settings)) {
        expect(text.slice(key.at(0), key.at(key.text.length))).toBe(key.text);
        expect(text.slice(of.at(0), of.at(of.text.length))).toBe(of.text);
      }
    }),
  );
});

test("the words of a command are read back as they were, over several lines too", () => {
  const word = fc.string({ unit: fc.constantFrom("a", " ", '"', "'", "\\", "$", "%", "\n", "\t", ";", "#", "é") });
  fc.assert(
    fc.property(fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), (lines) => {
      const text = unitText(
        [],
        [
          {
            name: "Service",
            settings: [["ExecStart", lines.map((words) => words.map(unitWord).join(" ")).join(" \\\n  ")]],
          },
        ],
      );
      const read = readUnit(text)[0]?.settings[0]?.value;
      const words = read === undefined ? [] : unitWords(read, "command");
      expect(words.map(({ placed }) => placed.text)).toEqual(lines.flat());
      expect(words.some(({ unknown, many }) => unknown || many)).toBe(false);
      for (const each of words) expect(text.slice(each.start, each.end)).toBe(unitWord(each.placed.text));
    }),
  );
});

test("comments and blank lines stand between continued lines, and an export is read back", () => {
  const [read] = readUnit("[A]\r\nX=1 \\\r\n# no\r\n; no \\\r\n  2\r\n\r\nY = z \n");
  expect(read?.settings.map(({ key, value: of }) => [key.text, of.text.replaceAll(/ +/g, " ")])).toEqual([
    ["X", "1 2"],
    ["Y", "z"],
  ]);
  const subject = strategy([tmpfs("/run")], { workload: workload({ command: ["a b", "$x", "50%"] }) });
  const command = readUnit(exportSystemd(subject).text)
    .flatMap(({ settings }) => settings)
    .find(({ key }) => key.text === "ExecStart")?.value;
  expect(command === undefined ? [] : unitWords(command, "command").map(({ placed }) => placed.text)).toEqual(
    expect.arrayContaining(["--read-only", "a b", "$x", "50%"]),
  );
});
