import { engineUnderTest } from "../../../test/support/engine-under-test.ts";
import { startPrivateImageStore, startPrivateNewerDocker } from "../../../test/support/private-engine.ts";
import { engineContract } from "../contract.ts";

engineContract("dockerd 26 with the containerd image store", () => engineUnderTest(startPrivateImageStore));
engineContract("dockerd 26 with overlay2", () => engineUnderTest(startPrivateNewerDocker), {
  parts: ["images", "trees", "found"],
});
