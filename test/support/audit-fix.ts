import { dirname, join, normalize } from "node:path/posix";
import { audit } from "../../src/audit/audit.ts";
import type { AuditedContainer } from "../../src/audit/container.ts";
import { distinct } from "../../src/audit/distinct.ts";
import { FIXED_RULES } from "../../src/audit/fix/check.ts";
import { type FixPlan, planFixes } from "../../src/audit/fix.ts";
import type { ReadBeside, ReadContainers } from "../../src/audit/inputs.ts";
import { readText } from "../../src/audit/recognise.ts";
import type { Strategy } from "../../src/model/strategy.ts";

export type Files = Readonly<Record<string, string>>;

/** The containers of the named files, read as `petrify audit` reads them, each with the strategy of its image's name. */
export function readFiles(
  files: Files,
  named: readonly string[],
  strategies: Readonly<Record<string, Strategy>>,
): ReadContainers {
  const reads = named.map((name) => readText({ name, text: files[name] ?? "" }, beside(files)));
  const { containers, problems } = distinct(reads.filter((read) => read !== undefined));
  return { containers: containers.map((one) => withStrategy(one, strategies)), problems };
}

/** What `petrify audit --fix` makes of files that are not on a disk. */
export function fixFiles(
  files: Files,
  strategies: Readonly<Record<string, Strategy>>,
  {
    named = Object.keys(files),
    template = false,
    rendered = [] as readonly string[],
  }: { readonly named?: readonly string[]; readonly template?: boolean; readonly rendered?: readonly string[] } = {},
): FixPlan & { readonly after: Files } {
  const { containers } = readFiles(files, named, strategies);
  const plan = planFixes({
    containers,
    findings: audit(containers, FIXED_RULES),
    texts: new Map(named.map((name) => [name, files[name] ?? ""])),
    rendered: new Set(rendered),
    beside: beside(files),
    along: (name) => (name.startsWith("/") ? undefined : textOf(files, name)),
    template,
  });
  return { ...plan, after: { ...files, ...Object.fromEntries(plan.files.map(({ name, after }) => [name, after])) } };
}

function beside(files: Files): ReadBeside {
  return (from, path) => textOf(files, path.startsWith("/") ? path : join(dirname(from), path));
}

function textOf(files: Files, path: string): { readonly name: string; readonly text: string } | undefined {
  const name = normalize(path);
  const text = Object.hasOwn(files, name) ? files[name] : undefined;
  return text === undefined ? undefined : { name, text };
}

function withStrategy(container: AuditedContainer, strategies: Readonly<Record<string, Strategy>>): AuditedContainer {
  const image = container.settings.image?.value.replace(/:.*/, "") ?? "";
  const strategy = container.role === "init" || !Object.hasOwn(strategies, image) ? undefined : strategies[image];
  return strategy === undefined
    ? container
    : { ...container, strategy: { standing: "verified", file: `${image}.strategy.yaml`, strategy } };
}
