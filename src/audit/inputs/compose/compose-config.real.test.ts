import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerTools, dockerTools } from "../../../../test/support/docker-compose.ts";
import { type PrivateEngine, startPrivateEngine } from "../../../../test/support/private-engine.ts";
import type { ReadContainers } from "../../inputs.ts";
import { compose } from "../compose.ts";
import { valuesOf } from "./testing.ts";

// docker-compose merges, extends and replaces variables by itself: what is read of the files must be what is read of its result.

let engine: PrivateEngine;
let tools: DockerTools;
const folder = mkdtempSync(join(tmpdir(), "audit-compose-test-"));

beforeAll(async () => {
  engine = await startPrivateEngine();
  tools = await dockerTools(engine);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await engine.stop();
});

const PROJECTS: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
  [
    "scalars and YAML 1.1 booleans",
    {
      "docker-compose.yml": `version: "2.4"
services:
  a: {image: a, read_only: yes, privileged: off, user: "0", pid: host, ipc: host, userns_mode: host, mem_limit: 64m, cpus: 0.5}
  b: {image: b, restart: "no", pids_limit: 50, cgroup_parent: /x, runtime: runsc, network_mode: host, mem_limit: 1000000000}
  c: {image: c, restart: on-failure:7, security_opt: ["seccomp:unconfined", "no-new-privileges:true"], isolation: hyperv}
`,
    },
  ],
  [
    "an override: scalars, lists, maps",
    {
      "docker-compose.yml": `version: "2.4"
services:
  a:
    image: a
    user: "1"
    privileged: true
    cap_add: [NET_ADMIN, SYS_TIME]
    cap_drop: [ALL]
    command: sh -c "sleep 1"
    environment: {A: "1", B: "2"}
    security_opt: [seccomp=unconfined]
    tmpfs: [/run]
    volumes: ["data:/d", "./conf:/etc/conf:ro", /anonymous]
    devices: ["/dev/fuse:/dev/fuse"]
    logging: {driver: syslog}
    sysctls: {net.core.somaxconn: 1}
volumes: {data: {}}
`,
      "docker-compose.override.yml": `version: "2.4"
services:
  a:
    user: "2"
    privileged: false
    cap_add: [SYS_TIME, SYS_ADMIN]
    command: [x, y z]
    environment: [B=3, C=4]
    security_opt: [apparmor=unconfined]
    tmpfs: /tmp:size=1m
    volumes: ["./own:/d:ro", "more:/more"]
    devices: ["/dev/kvm:/dev/fuse"]
    logging: {options: {tag: x}}
    sysctls: [net.core.somaxconn=2]
  b: {image: b}
volumes: {more: {driver_opts: {type: tmpfs, device: tmpfs, o: size=2m}}}
`,
    },
  ],
  [
    "extends: chains, another folder, relative paths",
    {
      "docker-compose.yml": `version: "2.4"
services:
  a: {extends: {service: middle, file: common/base.yml}, user: "3", volumes: ["./here:/here"]}
  b: {extends: {service: a}, cap_add: [KILL], command: own}
`,
      "common/base.yml": `version: "2.4"
services:
  middle: {extends: base, read_only: true, cap_add: [CHOWN], environment: [A=2, C=3]}
  base: {image: "app:1", user: "1", environment: {A: "1", B: "2"}, volumes: ["./conf:/conf:ro", "../up:/up"], tmpfs: /run}
`,
    },
  ],
  [
    "variables with .env and defaults",
    {
      ".env": `# comment
TAG=1.2
export USER_ID=1000
EMPTY=
QUOTED='a b'
`,
      "docker-compose.yml": `version: "2.4"
services:
  a:
    image: "app:$TAG"
    user: "\${USER_ID}:\${GROUP_ID:-1001}"
    mem_limit: "\${MEMORY:-64m}"
    read_only: "\${RO:-true}"
    privileged: \${PRIVILEGED:-no}
    command: "echo $$TAG $\${TAG} \${EMPTY:-e} \${EMPTY-f} \${TAG:?needed}"
    environment: {X: "\${EMPTY:-x}"}
    working_dir: "/$QUOTED"
    ports: ["\${PORT:-8080}:80"]
    volumes: ["\${DATA:-./data}:/data"]
`,
    },
  ],
  [
    "anchors and merge keys",
    {
      "docker-compose.yml": `version: "3.8"
x-base: &base
  read_only: true
  environment: &environment {A: "1", B: "2"}
  security_opt: [no-new-privileges]
x-more: &more {user: "5", read_only: false}
services:
  a: {<<: *base, image: a}
  b: {<<: [*more, *base], image: b, environment: {<<: *environment, B: "3"}}
  c: {image: c, user: "9", <<: *more}
`,
    },
  ],
  [
    "the long syntax",
    {
      "docker-compose.yml": `version: "3.8"
services:
  a:
    image: a
    ports: ["80", "127.0.0.1:81:81/udp", {target: 82, published: 8082, protocol: tcp, mode: host}]
    volumes:
      - {type: bind, source: ./x, target: /x, read_only: true, bind: {propagation: rshared}}
      - {type: volume, source: data, target: /data/}
      - {type: volume, target: /anonymous}
      - {type: tmpfs, target: /tmpfs, tmpfs: {size: 1048576}}
volumes: {data: {driver_opts: {type: none, o: bind, device: /srv}}}
`,
    },
  ],
  [
    "limits and policies below deploy",
    {
      "docker-compose.yml": `version: "3.8"
services:
  a: {image: a, deploy: {resources: {limits: {cpus: "0.25", memory: 32M}}, restart_policy: {condition: on-failure, max_attempts: 3}}}
  b: {image: b, restart: always, deploy: {replicas: 2}}
`,
      "docker-compose.override.yml": `version: "3.8"
services:
  a: {deploy: {resources: {limits: {memory: 64M}}}}
  b: {deploy: {restart_policy: {condition: none}}}
`,
    },
  ],
  [
    "health checks",
    {
      "docker-compose.yml": `version: "3.8"
services:
  a: {image: a, healthcheck: {test: curl -f http://x, interval: 1s}}
  b: {image: b, healthcheck: {disable: true}}
  c: {image: c, healthcheck: {test: [NONE]}}
  d: {image: d, healthcheck: {interval: 5s}}
  e: {image: e, healthcheck: {test: [CMD, x]}}
`,
      "docker-compose.override.yml": `version: "3.8"
services:
  e: {healthcheck: {test: [CMD-SHELL, y]}}
`,
    },
  ],
  [
    "a stack",
    {
      "docker-compose.yml": `version: "3.8"
services:
  a:
    image: a
    cap_drop: [ALL]
    networks: [outer]
    deploy: {mode: global, placement: {constraints: [node.role == manager]}, resources: {limits: {memory: 1G}}}
networks: {outer: {external: true, name: host}}
`,
    },
  ],
  [
    "no version, profiles, an override of another ending",
    {
      "docker-compose.yaml": `services:
  a: {image: a, profiles: [debug], tmpfs: ["/a:mode=700", /b]}
  b: {build: ., privileged: true}
`,
      "docker-compose.override.yaml": `services:
  a: {tmpfs: [/b, /c], privileged: true}
`,
    },
  ],
  [
    "extends in an override, with variables of the project",
    {
      ".env": "NAME=base\nKIND=2\n",
      "docker-compose.yml": `version: "2.4"
services:
  a: {image: a, cap_add: [KILL]}
`,
      "docker-compose.override.yml": `version: "2.4"
services:
  a: {extends: {service: "$NAME", file: "base.yml"}, cap_add: [CHOWN]}
`,
      "base.yml": `version: "2.4"
services:
  base: {user: "\${KIND}", read_only: true, cap_add: [SYSLOG]}
`,
    },
  ],
  [
    "JSON",
    {
      "docker-compose.yml": JSON.stringify({
        version: "2.4",
        services: { a: { image: "a", tmpfs: "/run", volumes_from: ["b:ro"] }, b: { image: "b", volumes: ["d:/d"] } },
        volumes: { d: null },
      }),
    },
  ],
  [
    "words of commands",
    {
      "docker-compose.yml": `version: "2.4"
services:
  a: {image: a, command: "a 'b  c' \\"d \\\\\\" e\\" f\\\\ g '' h", entrypoint: "/x --y='z w'"}
  b: {image: b, command: "", entrypoint: [a, "b c"]}
  c: {image: c, command: [], environment: [A, B=, "C=d=e"]}
`,
    },
  ],
];

/** As `docker-compose config` does it, for many projects by one process. */
const CONFIG = `
import os, sys
from compose.config import config
from compose.config.environment import Environment
from compose.config.serialize import serialize_config
for folder in sys.argv[1:]:
    os.chdir(folder)
    project = config.load(config.find(folder, None, Environment.from_env_file(folder)))
    os.mkdir("resolved")
    with open("resolved/docker-compose.yml", "w") as file:
        file.write(serialize_config(project, None))
`;

test("what is read of a project is what is read of docker-compose's result", () => {
  const directories = PROJECTS.map(([, files], index) => {
    const directory = join(folder, String(index));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    return directory;
  });
  writeFileSync(join(folder, "config.py"), CONFIG);
  tools.shell(`python3 ${[join(folder, "config.py"), ...directories].join(" ")}`);
  const read = (name: (index: number) => string): unknown =>
    PROJECTS.map(([what], index) => {
      const { containers, problems } = readProject(join(folder, String(index)), name(index));
      return { what, problems, ...comparable(containers) };
    });
  const own = read((index) => mainFile(index));
  expect(own).toEqual(read(() => "resolved/docker-compose.yml"));
  for (const project of own as object[]) {
    expect(project).toMatchObject({ problems: [] });
    expect(Object.keys(project).length).toBeGreaterThan(2);
  }
});

function mainFile(index: number): string {
  return Object.keys(PROJECTS[index]?.[1] ?? {}).find((name) => /^docker-compose\.ya?ml$/.test(name)) ?? "";
}

function readProject(directory: string, main: string): ReadContainers {
  const name = join(directory, main);
  return compose.read({ name, text: readFileSync(name, "utf8") }, (from, path) => {
    const file = resolve(dirname(from), path);
    return existsSync(file) && file.startsWith(directory)
      ? { name: file, text: readFileSync(file, "utf8") }
      : undefined;
  });
}

/** By name, and lists in one order: docker-compose sorts some. */
function comparable(containers: ReadContainers["containers"]): object {
  return Object.fromEntries(
    containers.map((container) => [
      container.workload,
      {
        os: container.os,
        unknown: container.unknown,
        ...Object.fromEntries(Object.entries(valuesOf(container)).map(([name, value]) => [name, sorted(name, value)])),
      },
    ]),
  );
}

function sorted(name: string, value: unknown): unknown {
  const list = Array.isArray(value) ? value : (value as { readonly value: unknown }).value;
  if (!Array.isArray(list) || name === "command" || name === "entrypoint") return value;
  return list.map((item) => JSON.stringify(item)).toSorted();
}
