import { assemble, type Material } from "../../src/audit/assemble.ts";
import type { AuditedContainer } from "../../src/audit/container.ts";
import type { Input } from "../../src/audit/inputs.ts";
import type { OutputOptions } from "../../src/audit/outputs.ts";
import type { AuditReport } from "../../src/audit/report.ts";
import type { Rule } from "../../src/audit/rule.ts";
import type { Finding } from "../../src/model/finding.ts";

/** Every container whose `image` ends in what the rule is called fires it. */
function rule(id: string, settings: Partial<Rule> = {}): Rule {
  return {
    id,
    title: `Title of ${id}`,
    severity: "high",
    why: "It goes wrong. For everyone.",
    fix: "Mend it.",
    topic: "read-only root",
    maps: { cisDocker: ["5.13"], nist80053: ["AC-6"] },
    needs: [],
    check: ({ settings: { image } }) =>
      image?.value.includes(id) === true ? [{ message: `It is ${id} of ${image.value}.`, at: image.at }] : [],
    fires: [],
    silent: [],
    ...settings,
  };
}

export const SAMPLE_RULES: readonly Rule[] = [
  rule("writable"),
  rule("careless", { severity: "low", topic: "operation", maps: { cisDocker: ["5.28", "5.9"] } }),
  rule("lossy", { severity: "medium", topic: "data", maps: {} }),
];

/**
 * Containers of a text of lines `NAME:` with `  image: IMAGE` below: as a Compose file, without its parser. A line `!` is a
 * problem.
 */
export const SAMPLE_INPUT: Input = {
  kind: "compose",
  recognise: ({ text }) => text.startsWith("sample"),
  read: ({ name, text }) => {
    if (text.includes("\nthrow")) throw new Error("boom");
    const lines = text.split(/\r?\n/);
    const containers = lines.flatMap((line, index): AuditedContainer[] => {
      const workload = /^ {2}([^ #].*):$/.exec(line)?.[1];
      if (workload === undefined) return [];
      let next = index + 1;
      while (next < lines.length && lines[next]?.startsWith("    image: ") !== true) next++;
      const value = (lines[next] ?? "").replace("    image: ", "").replace(/ #.*/, "");
      return [
        {
          source: { kind: "compose", name },
          workload,
          role: "main",
          os: "linux",
          at: { line: index + 1, column: 3, endColumn: 3 + workload.length },
          settings: { image: { value, at: { line: next + 1, column: 12, endColumn: 12 + value.length } } },
          strategy: { standing: "none" },
        },
      ];
    });
    const broken = lines.findIndex((line) => line === "!");
    const at = { line: broken + 1, column: 1 };
    const problem = { source: name, code: "E_COMPOSE_INVALID", message: "It is broken.", hint: "Mend it.", at };
    return { containers, problems: broken < 0 ? [] : [problem] };
  },
};

/** What the sample input and rules say of texts. */
export function sampleReport(texts: Readonly<Record<string, string>>, settings: Partial<Material> = {}): AuditReport {
  const read = Object.entries(texts).map(([name, text]) => SAMPLE_INPUT.read({ name, text }, () => undefined));
  return assemble({
    containers: read.flatMap(({ containers }) => containers),
    problems: read.flatMap(({ problems }) => problems),
    texts: new Map(Object.entries(texts)),
    imported: [],
    rules: SAMPLE_RULES,
    known: SAMPLE_RULES,
    today: "2026-11-26",
    ...settings,
  });
}

/** A report with something in every part of it. */
export function auditReport(): AuditReport {
  const services = Array.from({ length: 12 }, (_, index) => {
    const name = `service-${String(index).padStart(2, "0")}`;
    return `  ${name}:\n    image: registry.example/shop/${index % 2 === 0 ? "writable" : "careless"}:1.${index}\n`;
  });
  const accepted =
    "  legacy:\n    image: lossy # petrify-ignore lossy until 2027-01-31: moves to the new store in January\n";
  const expired = "  old:\n    image: lossy # petrify-ignore lossy until 2026-01-31: was to move in January\n";
  return sampleReport(
    { "deploy/shop/docker-compose.yaml": `sample\n${services.join("")}${accepted}${expired}!\n` },
    {
      imported: [
        {
          tool: "scanner",
          rule: "CVE-2026-0001",
          severity: "high",
          message: "A library of the image can be made to run code.",
          image: "registry.example/shop/writable:1.0",
          workloads: ["service-00"],
        },
      ],
    },
  );
}

export const SAMPLE_OPTIONS: OutputOptions = {
  width: 100,
  style: (_, text) => text,
  version: "1.2.3",
  dress: { style: "STYLE", script: "SCRIPT", sha256: (text) => `of-${text.slice(0, 6)}` },
};

/** A report in which every text that somebody else chooses is `name`, in every place where one can stand. */
export function reportNaming(name: string): AuditReport {
  const source = { kind: "compose", name } as const;
  const at = { line: 1, column: 1, endColumn: 4 };
  const finding = (ruleId: string): Finding => ({
    rule: ruleId,
    severity: "high",
    source,
    workload: name,
    container: name,
    message: `It is so: ${name}.`,
    fix: `Do this: ${name}.`,
    at,
    fingerprint: JSON.stringify([ruleId, name, name, name, ""]),
  });
  return {
    rules: SAMPLE_RULES,
    containers: [
      {
        source,
        workload: name,
        container: name,
        role: "main",
        os: "linux",
        at,
        settings: { image: { value: name } },
        strategy: { standing: "none" },
      },
    ],
    findings: [finding("writable"), { ...finding("lossy"), source: { kind: "engine", name } }],
    accepted: [
      { finding: finding("writable"), by: "comment", reason: name, until: "2027-01-31" },
      { finding: finding("careless"), by: "baseline", reason: name },
    ],
    problems: [{ source: name, code: "E_IO", message: name, hint: name, at }],
    notes: [{ source: name, message: name, at }],
    imported: [
      { tool: name, rule: name, severity: "low", message: name, file: name, at, workloads: [name] },
      { tool: name, rule: name, severity: "high", message: name, image: name, workloads: [] },
    ],
    texts: new Map([[name, name]]),
  };
}

/** Names by which somebody could try to break out of one output or another. */
export const ATTACKS: readonly string[] = [
  "\u001B[2J\u001B]0;title\u0007",
  "a\n::error file=x::owned\nb",
  "a\r\n::stop-commands::x",
  "%0A::set-output name=x::y%0D",
  "::error::at the start",
  "x ##[error]y ##vso[task.setvariable]z ##teamcity[x]",
  "]]><evil/>",
  "</script><script>owned=1</script>",
  `"><img src=x onerror="owned=1">`,
  "-->{{7*7}}${7*7}<!--",
  "| a | b |\n|---|---|",
  "`code` ``` <code>",
  "[click](https://evil.example/) ![x](https://evil.example/y.png) <https://evil.example>",
  "@everyone #123 !45 www.evil.example https://evil.example/",
  "{0} {1} {{x}}",
  "a,line=9,title=owned:b,file=c",
  "\u202Eesrever\u2066\u200B\u{E0041}",
  "\uD800 lone \uDFFF \uFFFE\uFFFF \u0000",
  "../../etc/passwd:1:1",
  "/etc/a b%2F..?x#y:z",
  "$(touch owned) `touch owned`; rm -rf x",
  "*".repeat(3) + "_".repeat(3) + "~~gone~~ $x$",
  "long".repeat(5_000),
];
