import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audit } from "../audit.ts";
import { RULES } from "../rules.ts";
import { dockerfile } from "./dockerfile.ts";
import { readWith, textAt, valuesOf } from "./testing.ts";

function imageOf(text: string) {
  const { containers, problems } = readWith(dockerfile, { Dockerfile: text });
  expect(problems).toEqual([]);
  expect(containers).toHaveLength(1);
  return containers[0] as (typeof containers)[number];
}

describe("settings", () => {
  test.each<[what: string, text: string, settings: Readonly<Record<string, unknown>>]>([
    ["the last stage", "FROM a AS x\nUSER root\nFROM b\nUSER 5", { image: "b", user: "5" }],
    [
      "a stage upon a stage",
      'FROM a:1 AS base\nUSER 5\nENV A=1\nCMD ["x"]\nFROM Base AS end\nENV B=2',
      { image: "a:1", user: "5", environment: ["A=1", "B=2"], command: ["x"] },
    ],
    [
      "ENTRYPOINT takes back a command from before",
      'FROM a AS b\nCMD x\nFROM b\nENTRYPOINT ["y"]',
      { image: "a", entrypoint: ["y"] },
    ],
    [
      "ARGs",
      "ARG T=1 N\nFROM --platform=$X a:${T}\nARG T\nENV V=${T}-${U:-u} W=$T W2=\\$T",
      { image: "a:1", environment: ["V=1-u", "W=1", "W2=$T"] },
    ],
    ["an ARG without a value", "ARG T\nFROM a:$T", { image: "a:${T}", unknown: ["image"] }],
    [
      "shell and exec form",
      'FROM a\nENTRYPOINT exec x $Y\nCMD ["a", "b c"]',
      { image: "a", entrypoint: ["/bin/sh", "-c", "exec x $Y"], command: ["a", "b c"] },
    ],
    [
      "ENV as it was",
      'FROM a\nENV A b  c\nENV X=\'y z\' Q="1\\"2"',
      { image: "a", environment: ["A=b c", "X=y z", 'Q=1"2'] },
    ],
    ["working directories", "FROM a\nWORKDIR /x\nWORKDIR y", { image: "a", workingDir: "/x/y" }],
    ["a health check", "FROM a\nHEALTHCHECK --interval=5m CMD x\n", { image: "a", healthcheck: true }],
    ["none", "FROM a\nhealthcheck none\n", { image: "a", healthcheck: false }],
    ["ONBUILD is for others", "FROM a\nONBUILD USER root", { image: "a" }],
    ["continued lines", "FROM a\nUSER \\\n# c\n\n  5\r\n", { image: "a", user: "5" }],
    ["another escape", "# escape=`\nFROM a\nENV A=b`\n c=d", { image: "a", environment: ["A=b", "c=d"] }],
    ["here-documents", "FROM a\nRUN <<A <<-'B'\nUSER 1\nA\nFROM b\n\tB\nUSER 2", { image: "a", user: "2" }],
    ["a user that is not known", "FROM a\nUSER 5\nUSER $U", { image: "a", unknown: ["user"] }],
    [
      "an image made to run as another",
      "FROM gcr.io/distroless/static:nonroot",
      { image: "gcr.io/distroless/static:nonroot", unknown: ["user"] },
    ],
  ])("%s", (_what, text, settings) => {
    expect(valuesOf(imageOf(text))).toEqual(settings);
  });

  test("names and systems", () => {
    expect(imageOf("FROM a AS x\nFROM b AS web").workload).toBe("web");
    expect(imageOf("FROM a")).toMatchObject({ workload: "last stage", os: "linux", at: { line: 1 } });
    expect(imageOf("FROM mcr.microsoft.com/windows/nanoserver:1809").os).toBe("windows");
  });
});

test("what the text tells of the image", () => {
  const { image } = imageOf(
    'FROM a\nVOLUME /x "/y/"\nVOLUME ["/z"]\nRUN apt-get install -y x && chmod -R u+s /usr/bin/a\nRUN ["chmod", "4755", "/b"]',
  );
  expect(image).toEqual({
    repoDigests: [],
    volumes: ["/x", "/y", "/z"],
    setuid: ["/usr/bin/a", "/b"],
    tools: ["/bin/sh", "apt-get"],
  });
  expect(
    imageOf("FROM a\nRUN chmod u+s /a\nRUN find / -perm /6000 -exec chmod a-s {} +").image?.setuid,
  ).toBeUndefined();
  expect(imageOf('FROM a\nCOPY x /x\nENTRYPOINT ["/x"]').image).toEqual({ repoDigests: [] });
});

test("rules find what stands in a Dockerfile, each where it stands", () => {
  const text =
    "FROM debian\nARG NPM_TOKEN\nENV A=1 PASSWORD=hunter2x\nADD src /app\nRUN apt-get update\nRUN curl https://x/i | bash\nVOLUME /data\nCMD sshd -D\n";
  const places = audit([imageOf(text)], RULES).map(({ rule, at }) => [rule, textAt(text, at).slice(0, 12)]);
  expect(places).toEqual([
    ["declared-volumes", "VOLUME /data"],
    ["root-user", "FROM debian"],
    ["secrets-in-environment", "PASSWORD=hun"],
    ["build-secrets", "ARG NPM_TOKE"],
    ["piped-download", "RUN curl htt"],
    ["latest-tag", "debian"],
    ["lone-update", "RUN apt-get "],
    ["added-files", "ADD src /app"],
    ["image-tools", "FROM debian"],
    ["ssh-server", "CMD sshd -D"],
    ["healthcheck", "FROM debian"],
  ]);
});

test.each<[name: string, text: string, expected: boolean]>([
  ["Dockerfile", "FROM a", true],
  ["web.dockerfile", "ARG A\nFROM $A\n", true],
  ["Containerfile.dev", "# c\nfrom a\n", true],
  ["-", "# syntax=x\n\nFROM a AS b\nRUN x\n", true],
  ["x.sql", "SELECT 1\nFROM a\n", false],
  ["mail.txt", "From me to you\nRun away\n", false],
  ["x.txt", "FROM here on\nnothing", false],
  ["Dockerfile", "nothing", false],
])("%s with %j: %s", (name, text, expected) => {
  expect(dockerfile.recognise({ name, text })).toBe(expected);
});

const INSTRUCTIONS: readonly (readonly [setting: string, line: string, at?: string])[] = [
  ["user", "USER app:app", "app:app"],
  ["workingDir", "WORKDIR  /app", "/app"],
  ["healthcheck", "HEALTHCHECK NONE"],
  ["command", 'CMD ["a", "b"]'],
  ["environment", "ENV X='a b' PASSWORD=hunter2", "PASSWORD=hunter2"],
];

test("the place of each setting is where its instruction, or its word, stands", () => {
  const between = fc.array(fc.constantFrom("", "# c", "RUN a \\\n  # c\n  && b", "RUN <<X\nUSER no\nX", "LABEL a=b"), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...INSTRUCTIONS]),
      between,
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom("", "\uFEFF"),
      (lines, others, lineBreak, mark) => {
        const text = ["ARG T=1", "FROM web:$T AS x", ...lines.flatMap(([, line], index) => [others[index] ?? "", line])]
          .join("\n")
          .replaceAll("\n", lineBreak);
        const { containers } = readWith(dockerfile, { Dockerfile: mark + text });
        const { settings = {} } = containers[0] ?? {};
        expect(textAt(text, settings.image?.at)).toBe("web:$T");
        for (const [setting, line, at = line] of lines) expect(textAt(text, settings[setting as "user"]?.at)).toBe(at);
      },
    ),
    { numRuns: 300 },
  );
});
