import { type Command, Option } from "commander";
import type { FailOn } from "../audit/assemble.ts";
import type { OutputName } from "../audit/outputs.ts";
import type { EngineFlags } from "./audit-engines.ts";
import type { KubernetesFlags } from "./audit-kubernetes.ts";

export interface AuditFlags extends KubernetesFlags, EngineFlags {
  readonly format: OutputName;
  readonly json?: true;
  readonly report?: readonly string[];
  readonly failOn: FailOn;
  readonly changed?: string | true;
  readonly skipUnknown?: true;
  readonly rule?: readonly string[];
  readonly skip?: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly import?: readonly string[];
  readonly strategies?: string;
  readonly github?: boolean;
  readonly fix?: true;
  readonly diff?: true;
  readonly learn?: true;
  readonly test?: string;
  readonly template?: true;
}

/** Kept beside the parser so that `--help` loads no output; a test holds them to those of src/audit. */
export const FORMATS: readonly OutputName[] = ["text", "json", "sarif", "junit", "github", "markdown", "html"];

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

/** Adds the options of `petrify audit`. */
export function auditOptions<C extends Command>(command: C): C {
  return command
    .addOption(new Option("--format <form>", "form of the result on stdout").choices(FORMATS).default("text"))
    .option("--json", "the same as --format json")
    .option(
      "--report <file>",
      "write it there, too; form by the name: .html .sarif .xml .md .json .txt (repeatable)",
      collect,
    )
    .addOption(
      new Option("--fail-on <severity>", "least severity that ends with exit code 2")
        .choices(["high", "medium", "low", "never"])
        .default("medium"),
    )
    .option("--changed [ref]", "only files that git says differ from where REF was left, or from the last commit")
    .option("--skip-unknown", "leave out what describes no containers also where it is named, as in a folder")
    .option("--rule <id>", "judge by this rule only (repeatable)", collect)
    .option("--skip <id>", "leave this rule out (repeatable)", collect)
    .option("--baseline <file>", "accept the findings that this file holds")
    .option("--write-baseline <file>", "write what is found into this file, and accept it")
    .option("--import <file>", "show another scanner's findings beside these: a SARIF file (repeatable)", collect)
    .option(
      "--strategies <folder>",
      "where the strategy files lie (default: beside each audited file, then the current folder)",
    )
    .option("--fix", "write read-only and the writable places of the fitting strategies into the files")
    .option("--diff", "print what --fix would change, as a patch, and change nothing")
    .addOption(
      new Option(
        "--template",
        "fix what no strategy fits by CRI-O's template (tmpfs on /run, /tmp, /var/tmp), at your risk",
      ).conflicts("learn"),
    )
    .option(
      "--learn",
      "learn what no strategy fits first, in containers of its own, and fix it then: only files you trust, they are run",
    )
    .option("--test <command>", "with --learn: shell command on this host that exercises what is learned")
    .option("--github", "write annotations and a job summary (default in GitHub Actions)")
    .option("--no-github", "do not");
}
