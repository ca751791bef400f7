import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { busyboxPath } from "./private-engine.ts";
import { busyboxRoot } from "./test-image.ts";

/** An image made for one test: busybox, what `arrange` adds to the root, and Dockerfile instructions. */
export interface LoopImage {
  readonly reference: string;
  readonly arrange?: string;
  readonly changes?: readonly string[];
}

/** Makes the images in the embedded engine of a cache directory; they stay there until the directory is removed. */
export async function importImages(cacheDir: string, images: readonly LoopImage[]): Promise<void> {
  await using engine = await startEmbeddedEngine({ cacheDir });
  const busybox = await busyboxPath();
  for (const { reference, arrange, changes = [] } of images) {
    const root = busyboxRoot(busybox, `mkdir -p tmp run srv etc var/log && chmod 1777 tmp && ${arrange ?? ":"}`);
    try {
      await engine.importImage(root.tar, { reference, changes });
    } finally {
      root.remove();
    }
  }
}

/** `CMD` of a shell script that has a service's manners: ready when it is quiet, ended at once by the stop signal. */
export function service(script: string): string {
  return `CMD ${JSON.stringify(["sh", "-c", `trap 'exit 0' TERM; ${script}; while :; do sleep 1000 & wait; done`])}`;
}
