import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { join } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import { isCandidate, isSkipped } from "./walk.ts";

const MOST_BYTES = 256 * 2 ** 20;

/**
 * Absolute paths of the candidates that differ from where the current branch left `ref` (default: from the last commit): committed,
 * staged, unstaged and untracked; deleted ones not. Throws E_GIT.
 */
export function changedFiles(folder: string, ref = "HEAD"): readonly string[] {
  const top = git(folder, ["rev-parse", "--show-toplevel"]).replace(/\n$/, "");
  const base = baseOf(top, ref);
  const changed = git(top, [
    "diff",
    "--name-only",
    "-z",
    "--no-ext-diff",
    "--diff-filter=d",
    "--no-renames",
    base,
    "--",
  ]);
  const untracked = git(top, ["ls-files", "-z", "--others", "--exclude-standard"]);
  const names = [...changed.split("\0"), ...untracked.split("\0")].filter((name) => name !== "");
  return [...new Set(names)]
    .filter((name) => isCandidate(name) && !isSkipped(name))
    .toSorted()
    .map((name) => join(top, name));
}

/** Commit to compare with: what a branch changed since it left `ref`, not what `ref` changed since. */
function baseOf(top: string, ref: string): string {
  const commit = tryGit(top, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  if (commit === undefined) {
    // A repository without a commit: everything in it is new.
    if (ref === "HEAD") return git(top, ["hash-object", "-t", "tree", "/dev/null"]).trim();
    throw new PetrifyError("E_GIT", `git knows no commit '${ref}'.`, {
      hint: "Fetch it first (in CI: with its history), or name another one: --changed=REF.",
    });
  }
  const base = ref === "HEAD" ? undefined : tryGit(top, ["merge-base", commit.trim(), "HEAD"]);
  return (base ?? commit).trim();
}

function git(folder: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = run(folder, args);
  if (error === undefined && status === 0) return stdout;
  const reason = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
  throw new PetrifyError("E_GIT", `git cannot say what has changed: ${reason.replace(/\.$/, "")}.`, {
    hint: "Run it in a git repository, or name the files.",
  });
}

function tryGit(folder: string, args: readonly string[]): string | undefined {
  const { status, stdout } = run(folder, args);
  return status === 0 ? stdout : undefined;
}

/** No shell, and no program that the repository's configuration names. */
function run(folder: string, args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync("git", ["-C", folder, "-c", "core.fsmonitor=false", ...args], {
    encoding: "utf8",
    maxBuffer: MOST_BYTES,
    stdio: ["ignore", "pipe", "pipe"],
  });
}
