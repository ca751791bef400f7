// A process that serves a guarded socket and lets everything through: `node proxy-user.ts SOCKET UPSTREAM`.
import { serveDockerSocket } from "../../src/guard/docker-proxy/server.ts";
import { passThroughGate } from "./pass-through-gate.ts";

const [path = "", upstream = ""] = process.argv.slice(2);
const server = await serveDockerSocket({
  listening: { kind: "path", path, mode: 0o600, group: "0" },
  upstream,
  gate: passThroughGate,
  onFailure: (error) => process.stderr.write(`${String(error)}\n`),
});
process.on("SIGTERM", () => void server.drain(1_000));
process.stdout.write("listening\n");
