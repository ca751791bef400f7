import { describe, expect, test } from "vitest";
import { ATTACKS, reportNaming, SAMPLE_OPTIONS } from "../../test/support/audit-samples.ts";
import { SARIF } from "../../test/support/sarif-schema.ts";
import { FORMATS } from "../cli/audit-flags.ts";
import { OUTPUT_OF_EXTENSION, type OutputName, OUTPUTS } from "./outputs.ts";
import { MOST_CHARACTERS } from "./outputs/markdown.ts";

const NAMES = Object.keys(OUTPUTS) as OutputName[];
const write = (output: OutputName, name: string): string => OUTPUTS[output](reportNaming(name), SAMPLE_OPTIONS);

test("the command line knows every output, and every one but annotations has an extension", () => {
  expect(FORMATS).toEqual(NAMES);
  expect(Object.values(OUTPUT_OF_EXTENSION).toSorted()).toEqual(NAMES.filter((name) => name !== "github").toSorted());
});

describe.each(ATTACKS.map((attack) => [JSON.stringify(attack.slice(0, 40)), attack]))("a name %s", (_, attack) => {
  test.each(NAMES)("has no control character in %s, and is well-formed Unicode", (output) => {
    const text = write(output, attack);
    // oxlint-disable-next-line no-control-regex -- controls are what this is about
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
    expect(text.isWellFormed()).toBe(true);
    // In JSON they are data.
    const shown = output === "json" || output === "sarif" ? "" : text;
    expect(shown).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B]/);
  });

  test("is no command in a log", () => {
    const lines = write("text", attack).split("\n");
    expect(lines.filter((line) => /^\s*::|##\w*\[/.test(line))).toEqual([]);
  });

  test("makes no second annotation and no other property", () => {
    const lines = write("github", attack).trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    for (const line of lines)
      expect(line).toMatch(
        /^::(?:error|warning|notice) (?:file=[^,:]+,line=1,col=1,endColumn=3,)?title=[^,:]+::[^\n\r]*$/,
      );
    expect(lines.join("\n").replaceAll(/%(?:25|3A|2C|0D|0A)/g, "")).not.toContain("%");
  });

  test("stays in its place of the XML", () => {
    expect(tags(write("junit", attack))).toEqual(tags(write("junit", "harmless")));
  });

  test("makes no element of a page", () => {
    expect(elements(write("html", attack))).toBe(elements(write("html", "harmless")));
  });

  test("ends no cell of Markdown, and is no tag, link, format or mention", () => {
    const text = write("markdown", attack);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    expect(rows.map((line) => line.split("|").length)).toEqual(
      write("markdown", "harmless").split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|").length), // prettier-ignore
    );
    const lines = text.split("\n").map((line) => line.replaceAll(/^\*\*|\*\*$|^#+ /g, ""));
    const prose = lines.join("\n").replaceAll(/<\/?code>|<!-- -->|&(?:#\d+|\w+);/g, "\u0001");
    expect(prose).not.toMatch(/[<>`*_[\]~$]|[@#]\w|:\/\/|www\./);
    expect(text.length).toBeLessThanOrEqual(65_536);
  });

  test("is data in JSON and SARIF, and no link in a message", () => {
    const log = SARIF.parse(JSON.parse(write("sarif", attack)));
    const messages = log.runs.flatMap(({ results }) => results.map(({ message }) => message.text));
    expect(messages.filter((message) => /(?<!\\)\[[^[\]]*\]\(|(?<!\{)\{\d+\}/.test(message))).toEqual([]);
    expect(JSON.parse(write("json", attack)).findings[0].workload).toBe(attack);
  });
});

test("a comment of Markdown has room for what GitHub takes, and counts the rest", () => {
  const report = reportNaming("name");
  const many = Array.from({ length: 40 }, (_, index) => ({ ...report.rules[0], id: `r${index}` }) as never);
  const findings = many.flatMap(({ id }: { id: string }) =>
    Array.from({ length: 100 }, () => ({ ...(report.findings[0] as object), rule: id, message: "m".repeat(300) })),
  ) as never;
  const text = OUTPUTS.markdown({ ...report, rules: many, findings });
  expect(text.length).toBeLessThan(65_536);
  expect(text.length).toBeGreaterThan(MOST_CHARACTERS - 2_000);
  const shown = text.split("\n").filter((line) => line.includes("mmm")).length;
  const counted = [...text.matchAll(/and (\d+) more/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  // 4,000 findings, two imported ones and a note.
  expect(shown + counted).toBe(4_003);
});

function elements(page: string): number {
  return page.replaceAll("<wbr />", "").split("<").length;
}

/** Tags of an XML text with their attributes' names; throws where it is not well-formed. */
function tags(xml: string): readonly string[] {
  const found: string[] = [];
  const open: string[] = [];
  let end = xml.indexOf("?>") + 2;
  for (const match of xml.matchAll(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g)) {
    expect(xml.slice(end, match.index)).toMatch(/^(?:[^<>&]|&(?:amp|lt|gt|quot|apos);)*$/);
    expect(match[3]).toMatch(/^(?:[^<>&]|&(?:amp|lt|gt|quot|apos);)*$/);
    end = match.index + match[0].length;
    const [, closes, name = "", attributes = "", isEmpty] = match;
    if (closes === "" && isEmpty === "") open.push(name);
    const opened = closes === "" ? name : open.pop();
    expect(opened).toBe(name);
    found.push(`${closes}${name} ${attributes.replaceAll(/="[^"]*"/g, "")}`);
  }
  expect([xml.slice(end), open]).toEqual(["\n", []]);
  expect(xml).not.toMatch(/[\uFFFE\uFFFF]/);
  return found;
}
