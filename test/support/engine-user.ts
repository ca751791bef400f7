import { useEngine } from "../../src/engine/embedded/lifecycle.ts";

// A process of its own that uses the embedded engine of the cache directory given, until its standard input ends or it is
// interrupted: what a test kills, interrupts or lets end. Prints one line of JSON when it has the engine.
const [cacheDir = ""] = process.argv.slice(2);
const use = await useEngine(cacheDir);
const leave = async (): Promise<void> => {
  await use.release();
  process.exit(0);
};
process.on("SIGINT", () => void leave());
process.stdin.on("end", () => void leave()).resume();
process.stdout.write(
  `${JSON.stringify({ pid: use.daemon.pid, socketPath: use.layout.socketPath, fresh: use.fresh })}\n`,
);
