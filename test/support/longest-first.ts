import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes half a minute and more, the longest first. A file that is not in its place costs time, and nothing else. */
const LONGEST: readonly string[] = [
  "test/e2e/guard-differential",
  "test/e2e/bake",
  "src/engine/docker/docker.real",
  "test/release/tarball",
  "test/e2e/cli-loop",
  "test/e2e/exercise",
  "src/export/podman",
  "test/e2e/kinds",
  "test/e2e/workloads",
  "test/e2e/learn-oddities",
  "test/e2e/guard-applications",
  "test/e2e/guard-clients",
  "test/e2e/guard-kill",
  "test/e2e/sensors",
  "src/engine/docker/newer-docker",
  "test/e2e/userns-remap",
  "test/e2e/bad-input",
  "test/e2e/remote",
  "test/e2e/hard-images",
  "test/release/package",
];

/** Starts the long files first: one that began last would run alone at the end. Unit tests, many and short, fill what is left. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId, project }: TestSpecification): number {
  const rank = LONGEST.findIndex((part) => moduleId.includes(`/${part}`));
  if (project.name === "unit") return LONGEST.length + 1;
  return rank === -1 ? LONGEST.length : rank;
}
