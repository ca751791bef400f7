import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CliResult, ROOT } from "./cli.ts";

function url(path: string): string {
  return JSON.stringify(join(ROOT, path));
}

/** Writes a program `petrify` into a folder that is this checkout's, and also knows the samples' form of text. */
export function writeAuditProgram(folder: string): string {
  const module = join(folder, "petrify.mts");
  writeFileSync(
    module,
    `import { INPUTS } from ${url("src/audit/recognise.ts")};
import { main } from ${url("src/cli/main.ts")};
import { SAMPLE_INPUT } from ${url("test/support/audit-samples.ts")};
(INPUTS as unknown[]).unshift(SAMPLE_INPUT);
await main(process.argv.slice(2));
`,
  );
  const program = join(folder, "petrify");
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${module}' "$@"\n`, { mode: 0o755 });
  return program;
}

/** Runs such a program to its end; without GitHub's variables unless they are given. */
export function runAudit(
  program: string,
  args: readonly string[],
  { cwd, input, env = {} }: { readonly cwd: string; readonly input?: string; readonly env?: NodeJS.ProcessEnv },
): CliResult {
  const { status, stdout, stderr } = spawnSync(program, ["audit", ...args], {
    cwd,
    encoding: "utf8",
    input: input ?? "",
    env: { ...process.env, GITHUB_ACTIONS: "", GITHUB_STEP_SUMMARY: "", ...env },
  });
  return { exitCode: status, stdout, stderr };
}
