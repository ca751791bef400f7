import { afterAll, beforeAll, describe } from "vitest";
import { imageContract } from "./contract/images.ts";
import { lifecycleContract } from "./contract/lifecycle.ts";
import { networkContract } from "./contract/network.ts";
import { Bench, type EngineUnderTest } from "./contract/bench.ts";
import { sessionContract } from "./contract/sessions.ts";
import { settingsContract } from "./contract/settings.ts";
import { storageContract } from "./contract/storage.ts";
import { streamContract } from "./contract/streams.ts";
import { treeContract } from "./contract/trees.ts";

/**
 * What every adapter of `Engine` must do, shown by effects: what a process in the container sees, what its exit code is.
 * `open` is called once; `runtime` runs every container by that OCI runtime instead of the engine's default one.
 */
export function engineContract(name: string, open: () => Promise<EngineUnderTest>, runtime?: string): void {
  describe(`${name}:`, () => {
    const bench = new Bench(runtime);
    beforeAll(async () => bench.open(await open()));
    afterAll(() => bench.close());

    describe("lifecycle", () => {
      lifecycleContract(bench);
    });
    describe("streams", () => {
      streamContract(bench);
    });
    describe("settings of a workload", () => {
      settingsContract(bench);
    });
    describe("storage", () => {
      storageContract(bench);
    });
    // What follows is the engine's own doing, whatever the runtime.
    if (runtime !== undefined) return;
    describe("images", () => {
      imageContract(bench);
    });
    describe("trees", () => {
      treeContract(bench);
    });
    describe("network", () => {
      networkContract(bench);
    });
    describe("sessions", () => {
      sessionContract(bench);
    });
  });
}
