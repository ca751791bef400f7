import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";
import { SummaryReporter } from "./test/support/summary-reporter.ts";

/** Most of a real test is waiting for engines and containers, so that more run at a time than there are processors here. */
const FILES_AT_ONCE = Math.min(availableParallelism(), 3) + 1;

/** What they count or kill is this host's: nothing else may run meanwhile. */
const ALONE = [
  "src/doctor/doctor.real.test.ts",
  "src/engine/embedded/lifecycle.real.test.ts",
  "src/sensor/loss.real.test.ts",
  "test/e2e/interrupt.real.test.ts",
];
/** Hundreds of processes load the same sources: a fifth of a command's work is to compile them. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, ".cache/compiled") };
const REAL = { env, testTimeout: 240_000, hookTimeout: 300_000, globalSetup: ["test/support/engine-setup.ts"] };

// `unit` needs nothing but Node. `real` needs root, a kernel and an engine, of which each file that runs at a time has its own;
// `real-alone` begins when all others have ended. `release` builds what is shipped and runs it as a user would; it is part of CI.
export default defineConfig({
  test: {
    reporters: ["default", new SummaryReporter()],
    sequence: { sequencer: LongestFirst },
    maxWorkers: FILES_AT_ONCE,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/unit/**/*.test.ts"],
          exclude: ["**/*.real.test.ts"],
          // Some start processes, which takes long on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          ...REAL,
          name: "real",
          include: ["src/**/*.real.test.ts", "test/e2e/**/*.real.test.ts"],
          exclude: ALONE,
        },
      },
      {
        extends: true,
        test: { ...REAL, name: "real-alone", include: ALONE, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: "release", include: ["test/release/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 900_000 },
      },
    ],
  },
});
