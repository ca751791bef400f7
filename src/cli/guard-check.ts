import type { Command } from "commander";
import type { LoadedPolicy } from "../daemon/policy-file.ts";
import { quoteForTerminal } from "../model/quote.ts";
import { counted } from "../model/units.ts";
import type { Change, Decision, Reason } from "../policy/decision.ts";
import type { PolicyPart } from "../policy/describe.ts";
import { type Style, styleFor } from "./render/style.ts";

interface GuardCheckFlags {
  readonly explain?: string;
  readonly json?: true;
}

/** `petrify guard check FILE [--explain REQUEST.json]`. */
export function guardCheckCommand(guard: Command): void {
  guard
    .command("check")
    .summary("say whether a policy is valid, and what it does")
    .description(
      "Reads a policy and the strategies of its folder and says in plain words what it does; with --explain, what it says of one " +
        "request. Exits with 2 when it is valid and something needs attention: expired exemptions, strategies that cannot be read. " +
        "Asks no engine.",
    )
    .argument("<file>", "the policy: YAML or JSON, kind ReadOnlyPolicy")
    .option(
      "--explain <file>",
      "a request in JSON, as docs/reference/policy.md describes it: what becomes of it, and why",
    )
    .option("--json", "print the result as JSON")
    .action(check);
}

async function check(file: string, flags: GuardCheckFlags): Promise<void> {
  const { loadPolicy } = await import("../daemon/policy-file.ts");
  const { attention, describePolicy } = await import("../policy/describe.ts");
  const nowMs = Date.now();
  const loaded = await loadPolicy(file);
  const decision = flags.explain === undefined ? undefined : await explained(flags.explain, loaded, nowMs);
  const needs = [
    ...attention(loaded.policy, nowMs),
    ...loaded.broken.map(({ file: path, error }) =>
      quoteForTerminal(`The strategy ${path} is not used: ${error.message}`),
    ),
  ];
  const strategies = loaded.strategies.map(({ name, fits, verifiedOn }) => ({
    name,
    repositories: fits.repositories,
    verifiedOn: verifiedOn.length,
  }));
  const { policy, broken } = loaded;
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({
          policy,
          strategies,
          broken: broken.map(({ file: path, error }) => ({ file: path, code: error.code, message: error.message })),
          attention: needs,
          ...(decision === undefined ? {} : { decision }),
        })}\n`
      : render({ file, name: policy.name, parts: describePolicy(policy, nowMs), strategies, needs, decision }),
  );
  if (needs.length > 0) process.exitCode = 2;
}

async function explained(file: string, { policy, strategies }: LoadedPolicy, nowMs: number): Promise<Decision> {
  const { readText } = await import("../learn/read-text.ts");
  const { parseRequest } = await import("../policy/request-file.ts");
  const { decide } = await import("../policy/decide.ts");
  const hints = { missing: "Name a file that holds a request in JSON.", noFile: "Name a file that holds a request." };
  const text = await readText(file, { noun: "request", missing: "E_IO", invalid: "E_USAGE", hints });
  const { request, caller } = parseRequest(text, file);
  return decide(request, policy, { caller, nowMs, strategies, policySinceMs: nowMs });
}

interface Checked {
  readonly file: string;
  readonly name: string;
  readonly parts: readonly PolicyPart[];
  readonly strategies: readonly {
    readonly name: string;
    readonly repositories: readonly string[];
    readonly verifiedOn: number;
  }[];
  readonly needs: readonly string[];
  readonly decision: Decision | undefined;
}

function render({ file, name, parts, strategies, needs, decision }: Checked): string {
  const style = styleFor(process.stdout);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [style("bold", title), ...lines.map((line) => `  ${line}`), ""];
  const found = strategies.map((one) =>
    quoteForTerminal(
      `${one.name}: ${one.repositories.join(", ") || "an image without a name"}, verified on ${counted(one.verifiedOn, "image")}`,
    ),
  );
  return [
    `The policy ${name} (${quoteForTerminal(file)}) is valid.`,
    "",
    ...parts.flatMap(({ title, lines }) => section(title, lines)),
    ...section("Strategies", found),
    ...section(
      "Needs attention",
      needs.map((need) => style("yellow", need)),
    ),
    ...(decision === undefined ? [] : explanation(decision, style)),
  ].join("\n");
}

const VERDICTS = { allow: "allowed as it is", patch: "allowed with changes", deny: "denied" } as const;

function explanation(decision: Decision, style: Style): readonly string[] {
  const verdict = style(decision.verdict === "deny" ? "red" : "green", VERDICTS[decision.verdict]);
  return [
    `The request is ${verdict}.`,
    ...(decision.verdict === "patch" ? decision.changes.map((change) => `  ${changeText(change)}`) : []),
    ...told(decision.verdict === "deny" ? decision.reasons : decision.notes),
    "",
  ];
}

function told(reasons: readonly Reason[]): readonly string[] {
  return reasons.flatMap(({ rule, sentence, remedy }) => [`  ${rule}: ${sentence}`, `    ${remedy}`]);
}

/** `tmpfs path=/tmp sizeBytes=268435456 …`. */
function changeText({ kind, ...fields }: Change): string {
  const words = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return quoteForTerminal([kind, ...words].join(" "));
}
