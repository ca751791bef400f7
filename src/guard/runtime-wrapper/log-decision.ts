import { closeSync, constants, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Policy } from "../../model/policy.ts";
import { containerFields, DecisionLog } from "../observe/decision-log.ts";
import type { SpecJudgement } from "./judge-spec.ts";

/** What a line is about beside the judgement. */
export interface Logged {
  readonly policy: Policy;
  /** As the engine gave it. */
  readonly containerId: string;
  readonly logFile: string | undefined;
}

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
const OUTCOMES = { keep: "allow", change: "patch", refuse: "deny" } as const;

/**
 * One line for a decision that changes or refuses a container, or would in `enforce`; for another one only where an exemption held. Never
 * throws: a full disk stops no container.
 */
export function logDecision(judgement: SpecJudgement, logged: Logged): void {
  const { kind, request, rules, exemption } = judgement;
  if (kind === "keep" && exemption === undefined) return;
  write(logged, {
    "event.outcome": OUTCOMES[kind],
    "petrify.action": request.action,
    "petrify.rules": rules,
    "petrify.exemption": exemption,
    ...containerFields(request),
  });
}

/** One line for a container that could not be judged. Never throws. */
export function logFailure(error: unknown, logged: Logged): void {
  // Never the message: it may quote the file.
  const code = (error as { readonly code?: unknown }).code;
  const name = error instanceof Error ? error.name : "unknown";
  write(logged, { "event.outcome": "error", "error.code": typeof code === "string" ? code : name });
}

function write({ policy, containerId, logFile }: Logged, fields: Readonly<Record<string, unknown>>): void {
  if (logFile === undefined) return;
  new DecisionLog({ write: (line) => append(logFile, line) }, "oci-runtime").event("decision", {
    "petrify.policy": policy.name,
    "petrify.mode": policy.mode,
    "container.id": containerId.slice(0, 128),
    ...fields,
  });
}

/** Opened for each line, so that logs can be rotated; one write, so that lines of several containers do not mix. */
function append(path: string, line: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o640);
    try {
      writeSync(fd, `${line}\n`);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Whoever runs it may not write there, or nothing fits any more.
  }
}
