import { engineUnderTest } from "../../../test/support/engine-under-test.ts";
import { busyboxPath, startPrivateEngine, startRemappedEngine } from "../../../test/support/private-engine.ts";
import type { EngineUnderTest } from "../contract/bench.ts";
import { engineContract } from "../contract.ts";
import { startEmbeddedEngine } from "../embedded/start.ts";

async function openEmbedded(): Promise<EngineUnderTest> {
  const daemon = await startPrivateEngine();
  return {
    engine: await startEmbeddedEngine({ cacheDir: daemon.cacheDir }),
    busybox: await busyboxPath(),
    httpGet: async (host, port) => (await fetch(`http://${host}:${port}/`)).text(),
    close: () => daemon.stop(),
  };
}

const dockerd = (): Promise<EngineUnderTest> => engineUnderTest(startPrivateEngine);
engineContract("dockerd with runc", dockerd);
engineContract("dockerd with userns-remap", () =>
  engineUnderTest(startRemappedEngine, {
    "host network": "a container with users of its own cannot share the host's network",
  }),
);
engineContract("dockerd with crun", dockerd, { runtime: "crun", parts: ["lifecycle", "streams", "storage"] });
engineContract("the embedded engine", openEmbedded, { parts: ["images", "network", "sessions"] });
