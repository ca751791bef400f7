import { execFileSync } from "node:child_process";
import type { PrivateEngine } from "./private-engine.ts";

/** The words that run a private engine's own `podman`, without its service: in its namespaces, on its storage. */
export function podmanCommand({ pid }: PrivateEngine): readonly string[] {
  return ["nsenter", "-t", String(pid), "-m", "-n", "-C", "podman"];
}

/** What `podman` prints. Throws what it says when it fails. */
export function podman(engine: PrivateEngine, ...args: string[]): string {
  const [program = "", ...words] = podmanCommand(engine);
  return execFileSync(program, [...words, ...args], { encoding: "utf8" }).trim();
}
