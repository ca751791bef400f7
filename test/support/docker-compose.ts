import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOCKERD } from "../../src/engine/embedded/dockerd.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";
import type { PrivateEngine } from "./private-engine.ts";

/** Debian's docker and docker-compose 1.29, unpacked and not installed, that talk to a private engine. */
export interface DockerTools {
  /** For images. */
  readonly busybox: string;
  /** Standard output; throws standard error when it fails. */
  compose(directory: string, ...args: string[]): string;
  docker(...args: string[]): string;
  /** What docker-compose's own reader (PyYAML, YAML 1.1) makes of a text. */
  readYaml(text: string): unknown;
  /** Environment in which `docker-compose` and `docker` are found; the script for it is written into `directory`. */
  onPath(directory: string): NodeJS.ProcessEnv;
  /** Lets a shell run a script in which `docker` is found. */
  shell(script: string): string;
}

const YAML_TO_JSON = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";

export async function dockerTools(engine: PrivateEngine): Promise<DockerTools> {
  const directory = join(engine.cacheDir, "packages");
  const tools = await unpackPackages(DOCKERD.packages, directory);
  const compose = await unpackPackages(["docker-compose"], directory, { dependencies: "all" });
  const python = join(compose.root, "usr/lib/python3/dist-packages");
  const env = {
    ...compose.env,
    // Before the host's own: which docker is tried is not the host's choice.
    PATH: `${join(tools.root, "usr/bin")}:${compose.env.PATH}:${tools.env.PATH}`,
    DOCKER_HOST: `unix://${engine.socketPath}`,
    HOME: "/nonexistent",
    LC_ALL: "C.UTF-8",
    PYTHONPATH: python,
    // Read-only and shared with other checkouts: no compiled files beside the sources.
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const run = (command: string, args: readonly string[], options: { cwd?: string; input?: string } = {}): string => {
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: "/", env, encoding: "utf8", ...options });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
    return stdout;
  };
  return {
    busybox: join(tools.root, "bin/busybox"),
    compose: (cwd, ...args) => run("python3", ["-m", "compose", ...args], { cwd }),
    readYaml: (text) => JSON.parse(run("python3", ["-c", YAML_TO_JSON], { input: text })) as unknown,
    docker: (...args) => run("docker", args),
    onPath: (folder) => {
      writeFileSync(join(folder, "docker-compose"), '#!/bin/sh\nexec python3 -m compose "$@"\n', { mode: 0o755 });
      return { ...env, PATH: `${folder}:${env.PATH}` };
    },
    shell: (script) => run("sh", ["-eu", "-c", script]),
  };
}
