import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";

// Pulls images into the embedded engine of a cache directory, all at once, and prints the digests or the error.
const [cacheDir = "", ...references] = process.argv.slice(2);
await using engine = await startEmbeddedEngine({ cacheDir });
const pulled = await Promise.allSettled(references.map((reference) => engine.pull(reference)));
const results = pulled.map((result) =>
  result.status === "fulfilled" ? { digests: result.value.repoDigests } : { error: (result.reason as Error).message },
);
process.stdout.write(`${JSON.stringify(results)}\n`);
