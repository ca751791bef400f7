import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface FakeSsh {
  /** Arguments of every call so far. */
  calls(): readonly (readonly string[])[];
  /** Process ids of the calls that still run. */
  running(): readonly number[];
  remove(): void;
}

/** What `docker system dial-stdio` does on the other side of an ssh connection, and how ssh fails for the host `down`. */
const script = (log: string, socketPath: string): string => `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const net = require("node:net");
appendFileSync(${JSON.stringify(log)}, JSON.stringify({ pid: process.pid, args: process.argv.slice(2) }) + "\\n");
if (process.argv.includes("down")) {
  process.stderr.write("ssh: connect to host down port 22: Connection refused\\r\\n");
  process.exit(255);
}
const engine = net.connect({ path: ${JSON.stringify(socketPath)}, allowHalfOpen: true });
process.stdin.pipe(engine);
engine.pipe(process.stdout);
engine.on("end", () => process.stdout.write("", () => process.exit(0)));
engine.on("error", () => process.exit(1));
`;

/** Puts an `ssh` first on PATH that leads every connection to `socketPath`. */
export function fakeSsh(socketPath: string): FakeSsh {
  const folder = mkdtempSync(join(tmpdir(), "petrify-ssh-"));
  const log = join(folder, "log");
  writeFileSync(log, "");
  writeFileSync(join(folder, "ssh"), script(log, socketPath));
  chmodSync(join(folder, "ssh"), 0o755);
  const path = process.env["PATH"];
  process.env["PATH"] = `${folder}:${path}`;
  const entries = (): readonly { readonly pid: number; readonly args: readonly string[] }[] =>
    readFileSync(log, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { pid: number; args: string[] });
  return {
    calls: () => entries().map(({ args }) => args),
    running: () =>
      entries()
        .map(({ pid }) => pid)
        .filter((pid) => existsSync(`/proc/${pid}`)),
    remove() {
      process.env["PATH"] = path;
      rmSync(folder, { recursive: true });
    },
  };
}
