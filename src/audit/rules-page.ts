import type { InputKind, Severity } from "../model/finding.ts";
import { judges } from "./audit.ts";
import { CATALOGUES, CATALOGUE_KEYS } from "./mappings.ts";
import { type Mapping, type Rule, TOPICS } from "./rule.ts";

const INPUTS: readonly (readonly [InputKind, string])[] = [
  ["engine", "containers of an engine"],
  ["image", "images"],
  ["compose", "Compose"],
  ["swarm", "Swarm stacks"],
  ["kubernetes", "Kubernetes"],
  ["quadlet", "Quadlet"],
  ["ecs", "ECS"],
  ["command", "command lines"],
  ["dockerfile", "Dockerfiles"],
];

const SEVERITIES: Readonly<Record<Severity, string>> = {
  high: "lacks or undoes the read-only root, or gives the host away",
  medium: "loses data, or takes down a wall of the container",
  low: "hardening beside it",
};

/** The reference page of the audit's rules, in Markdown: `docs/reference/audit-rules.md`. */
export function rulesPage(rules: readonly Rule[]): string {
  return [
    "# Audit rules",
    `What \`petrify audit\` looks for: ${rules.length} rules, in the order of its report. This page is made of the rules themselves ` +
      "(`node scripts/audit-docs.ts`). A rule is silent where its input cannot say what it judges, on Windows containers unless it " +
      "says otherwise, and on ephemeral containers but for `debug-container`.",
    table(
      ["severity", "means"],
      Object.entries(SEVERITIES).map((row) => row),
    ),
    "## Catalogues",
    "Where a rule answers to a number, a finding is a finding there. The CIS numbers are those of the Docker Benchmark 1.6 as " +
      "docker-bench-security has them (read-only root: 5.13, and 5.12 in its editions before), and of the Kubernetes Benchmark 1.10 " +
      "(from 1.12 on, 5.2.10 to 5.2.13 are one lower, and 5.7 is 5.6). CIS Docker 5.1, 5.9, 5.23 and 5.24 are about the engine, the " +
      "need for a port, and exec, which no container's settings tell. STIG numbers are those of Docker Enterprise 2.x; CM-7 comes " +
      "from their CCI-000381 and CCI-000382.",
    ...CATALOGUE_KEYS.map((key) =>
      table(
        [CATALOGUES[key].short, "rules"],
        idsOf(rules, key).map((id) => [id, links(rules.filter(({ maps }) => maps[key]?.includes(id) === true))]),
      ),
    ),
    ...TOPICS.flatMap((topic) => [
      `## ${topic[0]?.toUpperCase()}${topic.slice(1)}`,
      ...rules.filter((rule) => rule.topic === topic).flatMap(section),
    ]),
  ]
    .map((block) => `${block}\n`)
    .join("\n");
}

function section(rule: Rule): readonly string[] {
  const { id, title, severity, why, fix, spelled = {}, fires, silent, windows } = rule;
  const inputs = INPUTS.filter(([kind]) => judges(rule, kind));
  const where = inputs.length === INPUTS.length ? "every input" : inputs.map(([, name]) => name).join(", ");
  const words = INPUTS.flatMap(([kind, name]) => (spelled[kind] === undefined ? [] : [[name, code(spelled[kind])]]));
  const numbers = CATALOGUE_KEYS.flatMap((key) =>
    (rule.maps[key] ?? []).length === 0 ? [] : `${CATALOGUES[key].short} ${rule.maps[key]?.join(", ")}`,
  );
  return [
    `### ${id}`,
    `**${title}.** Severity: ${severity}. Judged in ${where}${windows === true ? "; Windows too" : ""}.`,
    why,
    `To do: ${fix}`,
    ...(words.length === 0 ? [] : [table(["in", "write"], words)]),
    `Fires, for example: ${fires.map(({ what }) => what).join("; ")}. Silent: ${silent.map(({ what }) => what).join("; ")}.`,
    ...(numbers.length === 0 ? [] : [`${numbers.join(" · ")}.`]),
  ];
}

function idsOf(rules: readonly Rule[], key: keyof Mapping): readonly string[] {
  return [...new Set(rules.flatMap(({ maps }) => maps[key] ?? []))].toSorted((a, b) => ORDER.compare(a, b));
}

/** `5.9` before `5.10`. */
const ORDER = new Intl.Collator("en", { numeric: true });

function links(rules: readonly Rule[]): string {
  return rules.map(({ id }) => `[${id}](#${id})`).join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
