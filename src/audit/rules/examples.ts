import type { Strategy, StrategyEntry } from "../../model/strategy.ts";
import { NO_SETTINGS } from "../../model/workload.ts";
import type { BuildStep, StrategyStanding } from "../container.ts";

/** A strategy as rules' examples need one: it fits, and says only what is given. */
export function exampleStrategy({
  standing = "verified",
  ...rest
}: Partial<Strategy> & { readonly standing?: "unverified" | "verified" }): StrategyStanding {
  return {
    standing,
    file: "web.strategy.yaml",
    strategy: {
      name: "web",
      fits: { repositories: ["docker.io/library/web"] },
      workload: { ...NO_SETTINGS, name: "web", image: "web:1" },
      entries: [tmpfsEntry("/tmp")],
      profile: { file: "web.profile.ndjson.zst", sha256: "" },
      incomplete: [],
      test: { kind: "command", command: "true" },
      verifiedOn: [],
      ...rest,
    },
  };
}

export function tmpfsEntry(path: string): Extract<StrategyEntry, { readonly kind: "tmpfs" }> {
  return { kind: "tmpfs", path, why: "", sizeBytes: 2 ** 26, mode: 0o1777, uid: 0, gid: 0, exec: false };
}

export function volumeEntry(path: string): Extract<StrategyEntry, { readonly kind: "volume" }> {
  return { kind: "volume", path, why: "", reason: "readBack", seeded: false, exec: false, uid: 0, gid: 0, mode: 0o755 };
}

/** Steps of a Dockerfile as its reader gives them. */
export function exampleSteps(...lines: readonly string[]): readonly BuildStep[] {
  return lines.map((line, index) => {
    const [, name = "", flags = "", text = ""] = /^(\S+)((?:\s+--\S+)*)\s*(.*)$/s.exec(line) ?? [];
    return { name, flags: flags.split(/\s+/).filter((flag) => flag !== ""), text, at: { line: index + 1, column: 1 } };
  });
}
