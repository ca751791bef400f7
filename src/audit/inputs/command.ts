import { PetrifyError } from "../../model/errors.ts";
import type { AuditProblem } from "../../model/finding.ts";
import type { AuditedContainer } from "../container.ts";
import type { AuditText, Input, ReadContainers } from "../inputs.ts";
import { locatorOf } from "../locator.ts";
import { type EngineLine, engineLine } from "./command/engine-lines.ts";
import { commandsIn } from "./command/forms.ts";
import { readArguments } from "./run/arguments.ts";
import { runContainer, runName } from "./run/container.ts";
import { RunDraft } from "./run/draft.ts";
import { numbered } from "./run/numbered.ts";
import { type Command, shellCommands } from "./words/shell-words.ts";

/** `docker run` and `podman create` in scripts, Makefiles, systemd units, pipelines, and blocks of Markdown. */
export const command: Input = { kind: "command", recognise, read };

// An engine by its name or by a variable, its own flags, and `run`: most texts are out here.
const ENGINE =
  /(?:\b(?:docker|podman)(?:\.exe)?|\$[({]*\w*(?:docker|podman|container|engine|oci)\w*[)}]*)["']?[\s\\]+(?:(?:--?\S{1,100}|container)[\s\\]+(?:[^\s-]\S{0,200}[\s\\]+)?){0,6}(?:run|create)\b/i;
// Scripts in scripts in scripts.
const DEEPEST = 5;

function recognise(text: AuditText): boolean {
  return ENGINE.test(text.text) && commandsIn(text) !== undefined;
}

function read({ name, text: whole }: AuditText): ReadContainers {
  // Columns are counted behind a byte order mark.
  const text = whole.replace(/^\uFEFF/, "");
  const commands = commandsIn({ name, text })?.() ?? [];
  const locate = locatorOf(text);
  const problems: AuditProblem[] = [];
  const containers: AuditedContainer[] = [];
  const lines = linesOf(commands, 0).toSorted((a, b) => a.program.start - b.program.start);
  for (const line of lines) {
    const at = locate(line.program.start, line.args.at(-1)?.end ?? line.program.end);
    const tell = (reason: string): void => {
      const hint = "Write the line so that its flags, with their values, and its image stand in it.";
      const message = `A command line cannot be read whole: ${reason}`;
      problems.push({ source: name, code: "E_COMMAND_LINE", message, hint, at });
    };
    try {
      const draft = new RunDraft(line.engine);
      const operands = readArguments(draft, line.args, locate, name);
      if (operands.strange !== undefined) tell(`${line.engine} run has no flag ${operands.strange}.`);
      // `docker run --help`, or a line that goes on where nobody can follow.
      if (operands.image === undefined && !draft.isOpen) continue;
      const workload = runName(draft, operands.image);
      containers.push(runContainer(draft, operands, locate, { source: { kind: "command", name }, workload, at }));
    } catch (error) {
      if (!(error instanceof PetrifyError)) throw error;
      tell(error.message);
    }
  }
  return { containers: numbered(containers), problems };
}

function linesOf(commands: readonly Command[], depth: number): readonly EngineLine[] {
  return commands.flatMap((words): readonly EngineLine[] => {
    const { line, scripts } = engineLine(words);
    if (line !== undefined) return [line];
    return depth < DEEPEST ? scripts.flatMap((script) => linesOf(shellCommands(script), depth + 1)) : [];
  });
}
