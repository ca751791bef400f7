import { readFile } from "node:fs/promises";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { splitDocuments } from "../../src/export/kubernetes-splice/documents.ts";
import type { TestPlan } from "../../src/learn/test-plan.ts";
import type { PhaseName } from "../../src/model/profile.ts";
import { dockerHttp, dockerJson } from "../../test/support/docker-http.ts";
import { dockerTools } from "../../test/support/docker-compose.ts";
import { objectsOf } from "../../test/support/manifest-objects.ts";
import { exercised } from "../fidelity/compose.ts";
import type { Check } from "../fidelity/result.ts";

const API = "/v4.0.0/libpod";
const READ_ONLY = "readOnlyRootFilesystem: true";

interface Played {
  readonly Pods: readonly {
    readonly ID: string;
    readonly Containers?: readonly string[];
    readonly ContainerErrors?: readonly string[] | null;
  }[];
}
interface Pod {
  readonly InfraContainerID: string;
  readonly Containers: readonly { readonly Id: string; readonly Name: string }[];
}

/**
 * Starts a manifest as `podman kube play` does (it is this call of Podman's service), runs the test in the container of that name,
 * takes the pod down, and once more on the same volumes.
 */
export async function checkKubePlay(
  engine: Engine,
  file: string,
  name: string,
  plan: TestPlan,
  phases: readonly PhaseName[] = ["first", "replace"],
): Promise<Check> {
  const socketPath = new URL(engine.info.host).pathname;
  const manifest = keepingInitContainers(await readFile(file, "utf8"));
  const tools = await dockerTools({ socketPath, cacheDir: defaultCacheDir(), pid: 0, stop: async () => {} });
  const claims = objectsOf(manifest).flatMap(({ kind, metadata }) =>
    kind === "PersistentVolumeClaim" ? [(metadata as { readonly name: string }).name] : [],
  );
  const down = async (): Promise<void> => void (await dockerHttp(socketPath, "DELETE", `${API}/play/kube`, manifest));
  const forget = async (): Promise<void> => {
    for (const claim of claims) await dockerHttp(socketPath, "DELETE", `${API}/volumes/${claim}?force=true`);
  };
  try {
    // What a run left that was killed.
    await down();
    await forget();
    for (const phase of phases) {
      // Podman 4.3 refuses a claim that is there already; a cluster does not.
      const documents = phase === "first" ? manifest : withoutClaims(manifest);
      const { status, text } = await dockerHttp(socketPath, "POST", `${API}/play/kube?network=podman`, documents);
      if (status >= 400) return { holds: false, detail: `kube play: ${text.slice(0, 300)}` };
      const [started] = (JSON.parse(text) as Played).Pods;
      const errors = started?.ContainerErrors ?? [];
      if (started === undefined || errors.length > 0)
        return { holds: false, detail: `kube play: ${errors.join("; ")}` };
      const pod = await dockerJson<Pod>(socketPath, "GET", `${API}/pods/${started.ID}/json`);
      const main = pod.Containers.find((container) => container.Name.endsWith(`-${name}`));
      const infra = await engine.find(pod.InfraContainerID);
      if (main === undefined || infra === undefined)
        return { holds: false, detail: "kube play: the container is gone" };
      const settings = await dockerJson<{ readonly HostConfig: { readonly ReadonlyRootfs: boolean } }>(
        socketPath,
        "GET",
        `${API}/containers/${main.Id}/json`,
      );
      if (manifest.includes(READ_ONLY) && !settings.HostConfig.ReadonlyRootfs)
        return { holds: false, detail: "kube play: it is not read-only" };
      const failure = await exercised(engine, tools, main.Id, phase, plan, infra.state.ipAddress);
      if (failure !== undefined) return { holds: false, detail: `${phase} run: ${failure}` };
      // Podman 4.3 kills at once what it takes down; a cluster gives it 30 seconds.
      await dockerHttp(socketPath, "POST", `${API}/containers/${main.Id}/stop?timeout=20`);
      await down();
    }
    return { holds: true, detail: "" };
  } catch (error) {
    return { holds: false, detail: String(error).slice(0, 300) };
  } finally {
    await down();
    await forget();
  }
}

/** Podman 4.3 removes an init container at once, sometimes before it knows that it has ended; this kind stays. */
function keepingInitContainers(manifest: string): string {
  return manifest.replace(
    "      labels: {app: web}\n",
    "$&      annotations: {io.podman.annotations.init.container.type: always}\n",
  );
}

function withoutClaims(manifest: string): string {
  return splitDocuments(manifest)
    .filter((document) => !document.includes("kind: PersistentVolumeClaim"))
    .join("");
}
