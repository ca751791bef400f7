import { DEFAULT_TEST_TIMEOUT_MS, type TestPlan } from "../src/learn/test-plan.ts";
import { NO_SETTINGS, type Workload } from "../src/model/workload.ts";
import { type CorpusWorkload, corpusWorkload } from "./corpus.ts";

/** The applications that the demo compares. */
export const DEMO_WORKLOADS: readonly CorpusWorkload[] = ["nginx", "redis", "postgresql"].map(corpusWorkload);

/** The time in which the slowest of the applications is up, several times over; one that died is noticed at once. */
const READY_TIMEOUT_MS = 20_000;

/** `docker run IMAGE`, without flags. */
export function plainWorkload(name: string, image: string): Workload {
  return {
    name,
    image,
    ...NO_SETTINGS,
  };
}

/** `docker run IMAGE` with the flags that the application needs. */
export function workloadOf({ recipe, settings }: CorpusWorkload, image: string): Workload {
  return { ...plainWorkload(recipe.name, image), ...settings };
}

export function planOf({ test, exec }: CorpusWorkload): TestPlan {
  return {
    ...(test === undefined ? {} : { command: test }),
    ...(exec === undefined ? {} : { exec }),
    readyTimeoutMs: READY_TIMEOUT_MS,
    timeoutMs: DEFAULT_TEST_TIMEOUT_MS,
  };
}
