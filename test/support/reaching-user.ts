import { readlinkSync } from "node:fs";
import { useEngine } from "../../src/engine/embedded/lifecycle.ts";
import { EngineNamespace } from "../../src/engine/embedded/namespace.ts";

// A process that holds a port into the engine's network namespace until it is killed.
const use = await useEngine(process.argv[2] ?? "");
const namespace = new EngineNamespace(use.daemon.pid);
const { port } = await namespace.forward("tcp", "127.0.0.1", 0, { host: "127.0.0.1", port: 1 });
process.stdin.resume();
process.stdout.write(`${JSON.stringify({ port, namespace: readlinkSync(`/proc/${use.daemon.pid}/ns/net`) })}\n`);
