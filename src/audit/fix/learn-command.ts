import { shellQuote } from "../../export/shell-quote.ts";
import type { AuditedContainer } from "../container.ts";

/** The command that learns the strategy of a container: what there is to say of it, for a shell. */
export function learnCommand({ source, workload, settings }: AuditedContainer): string {
  if (source.kind === "compose" && source.name !== "-")
    return words(["petrify", "learn", "--compose", source.name, workload, "--test", "COMMAND"]);
  const { image, user, environment } = settings;
  const { entrypoint, command } = asDocker(settings);
  const variables = environment?.value.filter((variable) => variable.includes("=")) ?? [];
  return words([
    "petrify",
    "learn",
    image?.value ?? "IMAGE",
    ...(entrypoint === undefined ? [] : ["--entrypoint", entrypoint]),
    ...(user === undefined ? [] : ["--user", user.value]),
    ...variables.flatMap((variable) => ["--env", variable]),
    "--test",
    "COMMAND",
    ...(command.length === 0 ? [] : ["--", ...command]),
  ]);
}

/** Docker's flag takes the program alone; what follows it goes before the command. */
function asDocker({ entrypoint, command }: AuditedContainer["settings"]): {
  readonly entrypoint?: string;
  readonly command: readonly string[];
} {
  const [program, ...more] = entrypoint?.value ?? [];
  return { ...(program === undefined ? {} : { entrypoint: program }), command: [...more, ...(command?.value ?? [])] };
}

function words(all: readonly string[]): string {
  return all.map((word) => shellQuote(word.replaceAll("\0", ""))).join(" ");
}
