import { readdirSync } from "node:fs";
import { assemble } from "../../src/audit/assemble.ts";
import { RULES } from "../../src/audit/rules.ts";
import { gather } from "../../src/audit/sources/gather.ts";
import { quoteForTerminal } from "../../src/model/quote.ts";
import { rootsOf } from "../../src/audit/sources/inside.ts";
import { readSources } from "../../src/audit/sources/read.ts";

/** Those that tell whether the two settings were read that every odd file has. */
const JUDGED = RULES.filter(({ id }) => id === "read-only-root" || id === "privileged" || id === "engine-socket");

/** What an audit says of each file of the current folder, when it alone is named: what is found in each container, and each problem. */
export function oddOutcomes(): string {
  const names = readdirSync(".").filter((name) => name.endsWith(".yaml"));
  return names
    .toSorted()
    .map((name) => `${name}\n${outcomeOf(name)}`)
    .join("");
}

function outcomeOf(name: string): string {
  const read = readSources(gather([name]), { roots: rootsOf([name]) });
  const { containers, findings, problems } = assemble({
    ...read,
    imported: [],
    rules: JUDGED,
    known: RULES,
    today: "2026-11-26",
  });
  const lines = [
    ...containers.map((container) => {
      const found = findings.filter(({ workload, at }) => workload === container.workload && at !== undefined);
      const told = new Set(found.map(({ rule }) => rule));
      return `${JSON.stringify(container.workload).slice(0, 60)}: ${[...told].join(" ") || "nothing"}`;
    }),
    ...problems.map(
      ({ code, message, at }) =>
        `${at === undefined ? "" : `${at.line}:${at.column} `}${code} ${quoteForTerminal(message)}`,
    ),
  ];
  const [first = "nothing read"] = lines;
  // A hundred documents say the same.
  const told = lines.length > 5 && new Set(lines).size === 1 ? [`${lines.length} times ${first}`] : lines;
  return (told.length === 0 ? ["nothing read"] : told).map((line) => `  ${line}\n`).join("");
}
