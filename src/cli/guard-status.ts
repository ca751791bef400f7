import type { Command } from "commander";
import type { HostView, PolicyView } from "../guard/status/host-view.ts";
import type { Way } from "../guard/status/ways.ts";
import { quoteForTerminal } from "../model/quote.ts";
import { renderTable } from "./render/table.ts";
import { type Format, styleFor, widthOf } from "./render/style.ts";

interface StatusFlags {
  readonly policy?: string;
  readonly json?: true;
}

/** `petrify guard status [--policy FILE] [--json]`. */
export function guardStatusCommand(guard: Command): void {
  guard
    .command("status")
    .summary("list each way to a container on this host, and whether something guards it")
    .description(
      "Lists each way to a container on this host (sockets, listeners, runtimes, Podman without a daemon, containers that have an engine's " +
        "socket) and what guards it. Changes nothing; without root it sees less, and says what. Exit code 2: something is open.",
    )
    .option(
      "--policy <file>",
      "the policy (default: the one that a guard was started with, else /etc/petrify/policy.yaml)",
    )
    .option("--json", "print the result as JSON")
    .action((flags: StatusFlags) => status(flags));
}

async function status({ policy, json }: StatusFlags): Promise<void> {
  const { observeHost } = await import("../guard/status/observe.ts");
  const { isOpen, ways } = await import("../guard/status/ways.ts");
  const { policyOfGuard, runningProcesses } = await import("../guard/status/processes.ts");
  const file = policy ?? policyOfGuard(runningProcesses()) ?? "/etc/petrify/policy.yaml";
  const view = observeHost(await policyView(file));
  const found = ways(view);
  if (found.some(isOpen)) process.exitCode = 2;
  const exemptions = view.policy?.exemptions ?? [];
  if (json === true) process.stdout.write(`${JSON.stringify({ ways: found, exemptions, unseen: view.unseen })}\n`);
  else process.stdout.write(render(found, view));
}

async function policyView(file: string): Promise<PolicyView | undefined> {
  const { readIfThere } = await import("../guard/install/host-facts.ts");
  const { parsePolicy } = await import("../policy/file.ts");
  try {
    const text = readIfThere(file);
    if (text === undefined) return undefined;
    const { name, mode, exemptions } = parsePolicy(text, file);
    const rows = exemptions.map(({ who, untilMs }) => ({ who: Object.values(who).join(" "), untilMs }));
    return { file, name, mode, exemptions: rows.toSorted((a, b) => a.untilMs - b.untilMs) };
  } catch (error) {
    return { file, error: error instanceof Error ? error.message : String(error), exemptions: [] };
  }
}

const COLOURS = {
  yes: "green",
  "root only": "green",
  partly: "yellow",
  "not seen": "yellow",
  no: "red",
} as const satisfies Record<Way["guarded"], Format>;

function render(found: readonly Way[], { policy, unseen }: HostView): string {
  if (found.length === 0) return "There is no way to a container here.\n";
  const rows = found.map(({ way, guarded, by, action }) => [
    way,
    { text: guarded, format: COLOURS[guarded] },
    action === undefined ? by : `${by}. ${action}`,
  ]);
  const columns = [{ title: "way" }, { title: "guarded" }, { title: "by" }];
  const table = renderTable(columns, rows, { width: widthOf(process.stdout), style: styleFor(process.stdout) });
  const exempt = (policy?.exemptions ?? []).map(({ who, untilMs }) => `exempt ${untilText(untilMs)}: ${who}`);
  return [table, ...[...exempt, ...unseen].map((line) => `${quoteForTerminal(line)}\n`)].join("");
}

function untilText(untilMs: number): string {
  const day = new Date(untilMs).toISOString().slice(0, 10);
  return untilMs <= Date.now() ? `no more since ${day}` : `until ${day}`;
}
