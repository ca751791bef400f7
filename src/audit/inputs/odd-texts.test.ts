import * as fc from "fast-check";
import { expect, test } from "vitest";
import { audit } from "../audit.ts";
import { RULES } from "../rules.ts";
import { command } from "./command.ts";
import { dockerfile } from "./dockerfile.ts";
import { ecs } from "./ecs.ts";
import { quadlet } from "./quadlet.ts";
import { readWith } from "./testing.ts";

const ODD = [
  "\n",
  "\n",
  " ",
  " ",
  "\t",
  "\r\n",
  "\0",
  "\uFEFF",
  "é",
  "\\",
  "\\\n",
  "'",
  '"',
  "`",
  "$",
  "$(",
  "${",
  ")",
  "}",
  "{{",
  "}}",
  "=",
  ":",
  ";",
  "#",
  "[",
  "]",
  ",",
  "%",
  "-",
  "--",
];
const SHELL =
  'docker podman run create container sudo bash -c sh -v --mount --tmpfs -e -p --read-only --cap-add --memory --security-opt --name /a:/b type=bind,src=/,dst=/x nginx $X "$@" $OPTS <<EOF EOF && | > if then fi case esac ( 64m 80:80';

const CASES = [
  {
    input: command,
    names: ["x.sh", "Makefile", "x.service", "x.yml", "x.json", "Jenkinsfile", "x.md", "x"],
    begin: [
      "docker run ",
      "[Service]\nExecStart=docker run ",
      "script:\n - |\n  docker run ",
      "node {\n sh 'docker run ",
      "```sh\npodman create ",
      "a:\n\tdocker run ",
      "",
    ],
    words: `${SHELL} [Service] ExecStart= script: run: sh '''`,
  },
  {
    input: quadlet,
    names: ["x.container", "x.pod", "x.kube"],
    begin: ["[Container]\nImage=x\n", ""],
    words: `${SHELL} [Container] [Service] [Pod] Image= ReadOnly=true Volume= Mount= Tmpfs= PodmanArgs= Environment= Exec= Pod=x.pod Network= MemoryMax=1G AddCapability= x.image`,
  },
  {
    input: ecs,
    names: ["x.json", "x.yaml"],
    begin: [
      '{"containerDefinitions":[{"image":"x",',
      '[{"image":"x","essential":true,',
      "containerDefinitions:\n - image: x\n   ",
      "",
    ],
    words:
      '"containerDefinitions": "container_definitions": "name" "image": "x" : {} [] [{ }] true null 1 -1 "[{\\"image\\":1}]" "linuxParameters":{ "tmpfs":[ "mountPoints":[{ !Ref &a *a <<: "volumes" "memory":',
  },
  {
    input: dockerfile,
    names: ["Dockerfile"],
    begin: ["FROM a\n", "ARG A=\nFROM $A AS b\n", "# escape=`\nFROM a\n", ""],
    words:
      'FROM ARG ENV RUN USER VOLUME CMD ENTRYPOINT HEALTHCHECK NONE WORKDIR ONBUILD ADD COPY --from=a AS a b A=1 $A ${A:-b} ${A:+c} <<X X ["a"] chmod u+s /x apt-get update curl x | sh /d',
  },
];

test.each(CASES.map((one) => [one.input.kind, one] as const))(
  "%s: any text gives containers or problems, with places inside of it",
  { timeout: 120_000 },
  (_kind, { input, names, begin, words }) => {
    const token = fc.oneof(fc.constantFrom(...words.split(" ")), fc.constantFrom(...ODD));
    const soup = fc.array(token, { maxLength: 50 }).map((tokens) => tokens.join(" "));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.constantFrom(...begin),
        soup,
        fc.boolean(),
        (name, head, tail, tight) => {
          const text = head + (tight ? tail.replaceAll(" ", "") : tail);
          const beside = name === "x.pod" ? {} : { "x.pod": tail };
          const { containers, problems } = readWith(input, { [name]: text, ...beside, "x.image": tail });
          input.recognise({ name, text });
          if (containers.length > 0) outcomes.add("containers");
          const own = [...audit(containers, RULES), ...problems].flatMap(({ at }) =>
            at === undefined || at.file !== undefined ? [] : [at],
          );
          const lines = text.replace(/^\uFEFF/, "").split("\n");
          for (const { line, column, endColumn = column } of own) {
            expect(column).toBeGreaterThan(0);
            expect(endColumn - 1).toBeLessThanOrEqual((lines[line - 1] ?? "").length);
          }
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
    expect(outcomes).toContain("containers");
  },
);

test.each<[what: string, name: string, text: string]>([
  ["opened and never closed", "x.sh", `docker run ${'$( "'.repeat(20_000)}`],
  ["quotation marks", "x.sh", `docker run ${"'\"`".repeat(50_000)}`],
  ["templates", "x.sh", `docker run ${"{{".repeat(100_000)}`],
  ["commands in commands", "x.sh", "$(docker run ".repeat(5000)],
  ["scripts in scripts", "x.sh", 'bash -c "docker run '.repeat(5000)],
  ["one long line", "x.sh", `docker run a ${"x".repeat(5_000_000)}`],
  ["many lines", "x.sh", "docker run -v /a:/b nginx\n".repeat(20_000)],
  ["engines and no run", "x.sh", `${"docker -H x ".repeat(100_000)}\ndocker run a`],
  ["here-documents", "x.sh", "docker run a <<A\n".repeat(20_000)],
  ["a deep pipeline", "x.yml", `script: ${"[".repeat(20_000)}docker run a`],
  ["a deep task", "x.json", `{"containerDefinitions": ${"[".repeat(20_000)}{"image": "x"}`],
  ["comments with carriage returns", "x.txt", `${"# a\r\n\r\n".repeat(20_000)}x`],
  ["blanks with carriage returns", "x.yaml", `${" \t\r\n".repeat(20_000)}x`],
  ["continued for ever", "Dockerfile", `FROM a\nRUN x ${"\\\n y ".repeat(50_000)}`],
  ["many here-documents", "Dockerfile", `FROM a\n${"RUN <<A\n".repeat(20_000)}`],
  [
    "many stages",
    "Dockerfile",
    Array.from(
      { length: 3000 },
      (_, index) => `FROM ${index === 0 ? "a" : `s${index - 1}`} AS s${index}\nRUN x\n`,
    ).join(""),
  ],
  [
    "many variables",
    "Dockerfile",
    `FROM a\n${Array.from({ length: 30_000 }, (_, index) => `ENV V${index}=$V${index - 1}x\n`).join("")}`,
  ],
  ["a variable that doubles itself", "Dockerfile", `FROM a\nENV A=xx\n${"ENV A=$A$A\n".repeat(100)}`],
  ["many continued settings", "x.container", `[Container]\nImage=x\n${"Volume=/a:/b \\\n".repeat(20_000)}`],
])("%s ends", { timeout: 60_000 }, (_what, name, text) => {
  for (const { input } of CASES) {
    input.recognise({ name, text });
    expect(() => readWith(input, { [name]: text })).not.toThrow();
  }
});
