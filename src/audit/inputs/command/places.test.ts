import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Settings } from "../../container.ts";
import { command } from "../command.ts";
import { readWith, textAt } from "../testing.ts";

/** Flags as they are written for a shell, by the setting that they are for. */
const FLAGS: readonly (readonly [setting: string, written: string])[] = [
  ["readOnlyRoot", "--read-only"],
  ["privileged", "--privileged=false"],
  ["user", "-u '0:0'"],
  ["memoryBytes", "--memory 64m"],
  ["network", "--net=host"],
  ["capAdd", "--cap-add 'SYS_ADMIN'"],
  ["restart", "--restart=on-failure:3"],
  ["environment", "-eA='x # y'"],
  ["mounts", "-v '/x y':/y:ro"],
  ["mounts", "--mount type=bind,src=/a,dst=/b"],
  ["ports", "-p 80:80"],
];

interface Form {
  readonly name: string;
  /** What stands between flags, and may be a line break. */
  readonly gaps: readonly string[];
  readonly around: (line: string) => string;
  /** How a shell's text is written in it. */
  readonly escape?: (text: string) => string;
}

const continued = [" ", "  ", " \\\n  ", " \\\r\n\t"];
const doubleQuoted = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');

const FORMS: readonly Form[] = [
  { name: "x.sh", gaps: continued, around: (line) => `#!/bin/sh\nX=1\nid=$(${line}) # c\necho é\n` },
  { name: "y.sh", gaps: continued, around: (line) => `bash -c "set -e; ${line}" x\n` },
  { name: "Makefile", gaps: continued, around: (line) => `.PHONY: a\na: b\n\t@-${line}\n` },
  {
    name: "x.service",
    gaps: [" ", " \\\n  ", " \\\n# c\n"],
    around: (line) => `# x\n[Service]\nExecStart=-/usr/bin/${line}\n`,
  },
  {
    name: "a.yml",
    gaps: [" ", " \\\n     "],
    around: (line) => `job:\n  script:\n   - |\n     set -e\n     ${line}\n`,
  },
  { name: "b.yml", gaps: [" ", "\n     "], around: (line) => `job:\n  script:\n   - >-\n     ${line}\n` },
  { name: "c.yml", gaps: [" "], around: (line) => `job: {script: ["${line}"]}\n`, escape: doubleQuoted },
  {
    name: "d.yml",
    gaps: [" "],
    around: (line) => `script:\n - '${line}'\n`,
    escape: (text) => text.replaceAll("'", "''"),
  },
  { name: "package.json", gaps: [" "], around: (line) => `{"scripts": {"a": "${line}"}}`, escape: doubleQuoted },
  { name: "Jenkinsfile", gaps: [" ", " \\\\\n  "], around: (line) => `node {\n sh """\n  ${line}\n """\n}\n` },
  { name: "x.md", gaps: [" ", " \\\n  "], around: (line) => `# T\n\n\`\`\`console\n$ ${line}\nprinted\n\`\`\`\n` },
];

test("the place of each setting is where its flag stands, in every kind of file", () => {
  const line = fc.record({
    form: fc.constantFrom(...FORMS),
    flags: fc.shuffledSubarray([...FLAGS]),
    gaps: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
    mark: fc.constantFrom("", "\uFEFF"),
  });
  fc.assert(
    fc.property(line, ({ form, flags, gaps, mark }) => {
      const { escape = (text: string) => text } = form;
      const words = ["docker run", ...flags.map(([, written]) => written), "nginx", "serve 'a b'"].map(escape);
      const text = form.around(
        words
          .map(
            (word, index) =>
              word + (index === words.length - 1 ? "" : form.gaps[(gaps[index] ?? 0) % form.gaps.length]),
          )
          .join(""),
      );
      const { containers, problems } = readWith(command, { [form.name]: mark + text });
      expect(problems).toEqual([]);
      expect(containers).toHaveLength(1);
      const settings: Settings = containers[0]?.settings ?? {};
      for (const setting of new Set(flags.map(([name]) => name))) {
        const own = settings[setting as "user"];
        const places = Array.isArray(own) ? (own as { at: never }[]).map(({ at }) => at) : [own?.at];
        const written = flags.flatMap(([name, flag]) => (name === setting ? [escape(flag)] : []));
        expect(places.map((at) => textAt(text, at))).toEqual(written);
      }
      expect(textAt(text, settings.image?.at)).toBe("nginx");
      expect(settings.command?.value).toEqual(["serve", "a b"]);
    }),
    { numRuns: 500 },
  );
});
