import { afterAll, beforeAll, describe } from "vitest";
import { Bench, type EngineUnderTest } from "./contract/bench.ts";
import { buildContract } from "./contract/builds.ts";
import { foundContract } from "./contract/found.ts";
import { imageContract } from "./contract/images.ts";
import { lifecycleContract } from "./contract/lifecycle.ts";
import { networkContract } from "./contract/network.ts";
import { sessionContract } from "./contract/sessions.ts";
import { settingsContract } from "./contract/settings.ts";
import { storageContract } from "./contract/storage.ts";
import { streamContract } from "./contract/streams.ts";
import { treeContract } from "./contract/trees.ts";

const PARTS = {
  lifecycle: lifecycleContract,
  streams: streamContract,
  settings: settingsContract,
  storage: storageContract,
  images: imageContract,
  builds: buildContract,
  trees: treeContract,
  found: foundContract,
  network: networkContract,
  sessions: sessionContract,
};
export type ContractPart = keyof typeof PARTS;

export interface ContractOptions {
  /** OCI runtime of every container, instead of the engine's default one. */
  readonly runtime?: string;
  /** Default: all. For what differs from an engine that has passed everything. */
  readonly parts?: readonly ContractPart[];
}

/**
 * What every adapter of `Engine` must do, shown by effects: what a process in the container sees, what its exit code is.
 * `open` is called once.
 */
export function engineContract(
  name: string,
  open: () => Promise<EngineUnderTest>,
  options: ContractOptions = {},
): void {
  describe(`${name}:`, () => {
    const bench = new Bench(options.runtime);
    beforeAll(async () => bench.open(await open()));
    afterAll(() => bench.close());
    for (const part of options.parts ?? (Object.keys(PARTS) as ContractPart[])) {
      describe(`${part}:`, () => {
        PARTS[part](bench);
      });
    }
  });
}
