import { NO_LOSS } from "../../src/model/event.ts";
import type { PathRecord, PhaseOutcome, Profile, ProfileHeader } from "../../src/model/profile.ts";
import type { Strategy, StrategyEntry, TmpfsEntry } from "../../src/model/strategy.ts";
import { plainWorkload } from "./workload.ts";

/** A complete baseline whose test succeeded, and what differs from it. */
export function profileOf(
  records: readonly PathRecord[],
  differs: Partial<ProfileHeader> = {},
  phases: readonly PhaseOutcome[] = [{ phase: "first", test: 0 }],
): Profile {
  return {
    header: {
      name: "app",
      image: { reference: "app", id: "sha256:0", repoDigests: [] },
      sensor: "bpf",
      engine: { kind: "docker", runtime: "runc" },
      incomplete: [],
      loss: NO_LOSS,
      coverage: { phases, listening: [] },
      ...differs,
    },
    records,
  };
}

export function strategyOf(entries: readonly StrategyEntry[], differs: Partial<Strategy> = {}): Strategy {
  return {
    name: "app",
    fits: { repositories: ["docker.io/library/app"] },
    workload: plainWorkload("app"),
    entries,
    profile: { file: "app.profile.ndjson.zst", sha256: "0".repeat(64) },
    incomplete: [],
    test: { kind: "command", command: "true" },
    verifiedOn: [],
    ...differs,
  };
}

/** 64 MiB, of root, not executable. */
export function tmpfsEntry(path: string, differs: Partial<TmpfsEntry> = {}): TmpfsEntry {
  return { kind: "tmpfs", path, why: "x", sizeBytes: 67_108_864, mode: 0o755, uid: 0, gid: 0, exec: false, ...differs };
}
