import { dockerfileLine } from "../../check/dockerfile-line.ts";
import { howToAccept, newWriteText, type ToldCheck } from "./checked.ts";
import { code, escaped, row } from "../../report/markdown.ts";
import { workflowCommand } from "../../report/workflow-command.ts";

export interface AnnotatedFile {
  readonly name: string;
  /** Undefined: there is none. */
  readonly text: string | undefined;
}

/**
 * A check as workflow commands of GitHub Actions, one a line: an error for each new write, at the Dockerfile's line that has to
 * do with it, and for each regression. Empty when it passed.
 */
export function annotations(told: ToldCheck, dockerfile: AnnotatedFile): string {
  const of = (path: string | undefined, message: string): string => {
    const line =
      path === undefined || dockerfile.text === undefined ? undefined : dockerfileLine(dockerfile.text, path);
    const place = line === undefined ? {} : { file: dockerfile.name, line };
    return workflowCommand("error", { ...place, title: "petrify check" }, message);
  };
  return [
    ...told.newWrites.map((write) => of(write.path, `new write: ${newWriteText(write)}`)),
    ...told.verdict.regressions.map(({ path, message, fix }) => of(path, `${message} Fix: ${fix}`)),
  ].join("");
}

/** A check as Markdown for the summary of a job. */
export function jobSummary(told: ToldCheck): string {
  const { outcome, image, newWrites, verdict, unused, incomplete } = told;
  const lines = [
    `### petrify check ${outcome === "passed" ? "passed" : "failed"}: ${code(image)}`,
    "",
    ...table(
      "New writes",
      ["path", "by", "learning anew gives"],
      newWrites.map((write) => [
        code(write.path),
        write.by.map(code).join(" "),
        write.learned === undefined ? "" : `${write.learned.kind} ${code(write.learned.path)}`,
      ]),
    ),
    ...(newWrites.length === 0 ? [] : [escaped(howToAccept(told)), ""]),
    ...table(
      "Regressions",
      ["what", "fix"],
      verdict.regressions.map(({ message, fix }) => [escaped(message), escaped(fix)]),
    ),
    ...unused.map((path) => `- nothing was written to ${code(path)} in this run`),
    ...incomplete.map((reason) => `- incomplete: ${escaped(reason)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  return [`**${title}**`, "", row(columns), row(columns.map(() => "---")), ...rows.map(row), ""];
}
