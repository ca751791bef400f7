import { expect, test } from "vitest";
import { dockerHttp } from "../../../../test/support/docker-http.ts";
import { DOCKER_20, fuzzCreate } from "../../../../test/support/fuzz-create/run.ts";
import {
  busyboxPath,
  type PrivateEngine,
  startPrivateEngineInMemory,
  startPrivateNewerDocker,
} from "../../../../test/support/private-engine.ts";

interface Kind {
  readonly start: () => Promise<PrivateEngine>;
  readonly versions: readonly (string | undefined)[];
  readonly count: number;
}

test.each<[string, Kind]>([
  ["Docker 20.10", { start: () => startPrivateEngineInMemory(), versions: DOCKER_20, count: 2_000 }],
  [
    "Docker 26",
    { start: startPrivateNewerDocker, versions: [...DOCKER_20, "1.42", "1.43", "1.44", "1.45"], count: 300 },
  ],
])(
  "%s reads random create bodies as we do, and what is changed is read-only",
  async (_, { start, versions, count }) => {
    const engine = await start();
    try {
      const { socketPath } = engine;
      const busybox = await busyboxPath();
      const { counts, differences } = await fuzzCreate({ socketPath, busybox, count, versions, seed: 1, atOnce: 4 });
      expect(differences).toEqual([]);
      // Most of them must reach the engine's own judgement, or nothing was compared.
      expect(counts.get("both take it")).toBeGreaterThan(count / 4);
      expect(counts.get("changed: as asked")).toBeGreaterThan(count / 4);
      const left = await dockerHttp(socketPath, "GET", "/containers/json?all=1");
      expect(JSON.parse(left.text)).toEqual([]);
    } finally {
      await engine.stop();
    }
  },
);
