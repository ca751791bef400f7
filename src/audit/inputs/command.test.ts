import { describe, expect, test } from "vitest";
import { RULES } from "../rules.ts";
import { audit } from "../audit.ts";
import { command } from "./command.ts";
import { readWith, valuesOf } from "./testing.ts";

function linesOf(text: string, name = "run.sh") {
  return readWith(command, { [name]: text });
}

function only(text: string, name?: string) {
  const { containers, problems } = linesOf(text, name);
  expect(problems).toEqual([]);
  expect(containers).toHaveLength(1);
  return containers[0] as (typeof containers)[number];
}

const FLAGS: readonly (readonly [flags: string, settings: Readonly<Record<string, unknown>>])[] = [
  ["--read-only", { readOnlyRoot: true }],
  ["--read-only=false", { readOnlyRoot: false }],
  ["--privileged", { privileged: true }],
  ["-itu 0:0", { user: "0:0" }],
  ["--cap-add=sys_admin --cap-add CAP_NET_RAW", { capAdd: ["SYS_ADMIN", "NET_RAW"] }],
  ["--cap-drop all", { capDrop: ["ALL"] }],
  ["--security-opt no-new-privileges", { noNewPrivileges: true }],
  ["--security-opt=no-new-privileges:false", { noNewPrivileges: false }],
  [
    "--security-opt seccomp=unconfined --security-opt apparmor:unconfined",
    { seccomp: "unconfined", appArmor: "unconfined" },
  ],
  ["--security-opt label=disable --security-opt systempaths=unconfined", { selinux: "disable", unmaskedPaths: true }],
  [
    "--net host --pid=container:db --ipc host --uts host --userns host",
    { network: "host", pid: "container:db", ipc: "host", uts: "host", userns: "host" },
  ],
  ["-m 64m --cpus .5 --pids-limit -1", { memoryBytes: 2 ** 26, cpus: 0.5, pidsLimit: -1 }],
  ["--cpu-quota 50000", { cpus: 0.5 }],
  [
    "--device /dev/sda:/dev/x:rw --device-cgroup-rule 'b *:* rwm'",
    { devices: ["/dev/sda"], deviceRules: ["b *:* rwm"] },
  ],
  ["--restart on-failure:3", { restart: { policy: "on-failure", maxRetries: 3 } }],
  ["--ulimit nofile=1:2", { ulimits: [{ name: "nofile", soft: 1, hard: 2 }] }],
  ["--no-healthcheck", { healthcheck: false }],
  ["--health-cmd 'curl -f x'", { healthcheck: true }],
  ["--log-driver none --log-opt max-size=1m", { logDriver: "none", logOptions: { "max-size": "1m" } }],
  ['-e A=1 -e B --env C="x y"', { environment: ["A=1", "B", "C=x y"] }],
  ["--sysctl net.ipv4.ip_forward=1", { sysctls: ["net.ipv4.ip_forward"] }],
  ["--entrypoint sh -w /app --runtime runsc", { entrypoint: ["sh"], workingDir: "/app", runtime: "runsc" }],
  ["--cgroup-parent /x", { cgroupParent: "/x" }],
  [
    "-p 127.0.0.1:80:8080/tcp -p 53/udp",
    { ports: [{ hostIp: "127.0.0.1", hostPort: 80, containerPort: 8080 }, { containerPort: 53 }] },
  ],
  [
    "-v /:/host:ro,rslave",
    { mounts: [{ type: "bind", source: "/", target: "/host", readOnly: true, propagation: "rslave" }] },
  ],
  [
    "-v data:/d/ -v /cache",
    {
      mounts: [
        { type: "volume", source: "data", target: "/d", readOnly: false, sizeBytes: null, exec: true },
        { type: "volume", target: "/cache", readOnly: false, sizeBytes: null, exec: true },
      ],
    },
  ],
  [
    "--tmpfs /t --tmpfs /s:size=1m,exec",
    {
      mounts: [
        { type: "tmpfs", target: "/t", readOnly: false, sizeBytes: null, exec: false },
        { type: "tmpfs", target: "/s", readOnly: false, sizeBytes: 2 ** 20, exec: true },
      ],
    },
  ],
  [
    "--mount type=bind,src=/etc,dst=/e,readonly",
    { mounts: [{ type: "bind", source: "/etc", target: "/e", readOnly: true }] },
  ],
  [
    "--mount type=tmpfs,target=/t,tmpfs-size=64m",
    { mounts: [{ type: "tmpfs", target: "/t", readOnly: false, sizeBytes: 2 ** 26, exec: false }] },
  ],
  ["--platform linux/amd64 --gpus all --shm-size 1g --name x --hostname h -l a=b", {}],
];

describe("flags of docker run", () => {
  test.each(FLAGS)("%s", (flags, settings) => {
    expect(valuesOf(only(`docker run ${flags} nginx:1 serve`))).toEqual({
      image: "nginx:1",
      command: ["serve"],
      ...settings,
    });
  });

  test("Podman's read-only root comes with places, and its processes are limited", () => {
    const { mounts, unknown } = valuesOf(only("podman run --read-only x"));
    expect((mounts as { target: string }[]).map(({ target }) => target)).toEqual(["/run", "/tmp", "/var/tmp"]);
    expect(unknown).toEqual(["pidsLimit"]);
    expect(valuesOf(only("podman run --read-only --read-only-tmpfs=false x"))["mounts"]).toBeUndefined();
  });
});

describe("where lines stand", () => {
  test.each<[what: string, name: string, text: string, workloads: readonly string[]]>([
    ["behind other words", "x.sh", "A=1 sudo -E timeout 3 /usr/bin/docker --context p -l debug container run a", ["a"]],
    [
      "in substitutions, pipes and conditions",
      "x.sh",
      'if ! X=$(docker run -d a); then docker run b | tee x && `docker run c`; fi; echo "$(docker create d)"',
      ["a", "b", "c", "d"],
    ],
    [
      "in texts that a shell runs",
      "x.sh",
      "ssh h 'docker run a'; bash -ec \"docker run b; podman run c\"\neval docker run d",
      ["a", "b", "c"],
    ],
    ["over several lines", "x.sh", "docker run \\\n  --rm \\\r\n  a", ["a"]],
    [
      "by a variable or a function",
      "x.sh",
      "${DOCKER:-docker} run a\n$CONTAINER_ENGINE run b\nretry 3 docker run c\n$SUDO docker run d",
      ["a", "b", "c", "d"],
    ],
    ["of one image", "x.sh", "docker run r/a:1\ndocker run r/a:2\ndocker run --name web r/a", ["a", "a-2", "web"]],
    [
      "not in comments, printed texts and here-documents",
      "x.sh",
      "# docker run a\necho docker run b\ncat <<-'X' > f\n\tdocker run c\n\tX\ngrep 'docker run d' f\ndocker run e",
      ["e"],
    ],
    [
      "not of other verbs",
      "x.sh",
      "docker compose run a\ndocker volume create b\ndocker exec x docker run c\ndocker run --help",
      [],
    ],
    [
      "in recipes",
      "Makefile",
      "D := docker run x\na: b\n\t@-docker run $(F) a \\\n\t  sh\n\t# docker run b\nc: ; +docker run c",
      ["a", "c"],
    ],
    [
      "in units",
      "x.service",
      "[Service]\nExecStartPre=-/usr/bin/docker run a\nExecStart=@/usr/bin/docker docker run b ; /bin/sh -c 'docker run c'\n# ExecStart=docker run d\nExecStop=docker stop b",
      ["a", "b", "c"],
    ],
    [
      "in pipelines",
      "ci.yml",
      'a:\n  script:\n    - docker run a # x\n    - "docker run \\"b\\""\n    - \'docker run c\'\n    - |\n      docker run d\n    - >-\n      docker run\n      --rm\n      e\ndescription: docker run f\n',
      ["a", "b", "c", "d", "e"],
    ],
    [
      "in package.json",
      "package.json",
      '{"scripts":{"x":"docker run -v \\"a\\":/b img"},"description":"docker run no"}',
      ["img"],
    ],
    [
      "in a Jenkinsfile",
      "Jenkinsfile",
      'node {\n sh \'docker run a\'\n sh(script: """\n docker run \\\\\n  b\n""", returnStdout: true)\n echo \'docker run c\'\n}',
      ["a", "b"],
    ],
    [
      "in Markdown",
      "x.md",
      "docker run a\n```sh\n$ docker run b\nprinted: docker run c\n```\n```python\ndocker run d\n```\n",
      ["b"],
    ],
  ])("%s", (_what, name, text, workloads) => {
    const { containers, problems } = linesOf(text, name);
    expect(problems).toEqual([]);
    expect(containers.map(({ workload }) => workload)).toEqual(workloads);
  });
});

describe("what is not known", () => {
  test.each<[line: string, known: Readonly<Record<string, unknown>>]>([
    ["docker run -u $U -m ${M} --read-only=$R a", { image: "a", unknown: ["readOnlyRoot", "user", "memoryBytes"] }],
    [
      'docker run -v "$PWD/x":/x a',
      { image: "a", mounts: [{ type: "bind", source: "${PWD}/x", target: "/x", readOnly: false }] },
    ],
    ["docker run -v $V:$T a", { image: "a", unknown: ["mounts"] }],
    ['docker run -e TOKEN=$TOKEN -e X="$(cat f)" a', { image: "a", environment: ["TOKEN", "X"] }],
    ['docker run a "$@"', { image: "a", unknown: ["command"] }],
    ["docker run a $X y", { image: "a", unknown: ["command"] }],
    ['docker run --rm "$IMAGE"', { image: "${IMAGE}", unknown: ["image"] }],
    ["docker run --rm $IMAGE:$TAG", { image: "${IMAGE}:${TAG}", unknown: ["image"] }],
  ])("%s", (line, known) => {
    expect(valuesOf(only(line))).toEqual(known);
  });

  test.each([
    "docker run $OPTS a",
    'docker run "$@" a',
    "docker run ${X:+--read-only} a",
    'docker run "${ARGS[@]}" a',
    "docker run $OPTS $IMAGE",
    'docker run "$@"',
  ])("%s may hold any flag: nothing is said to be missing", (line) => {
    const container = only(line);
    expect(container.settings.readOnlyRoot).toBeUndefined();
    expect(audit([container], RULES).filter(({ rule }) => !rule.includes("image") && rule !== "latest-tag")).toEqual(
      [],
    );
  });

  test("what stands beside such flags is judged all the same", () => {
    const found = audit([only("docker run $OPTS --privileged -v /:/host a")], RULES).map(({ rule }) => rule);
    expect(found).toEqual(expect.arrayContaining(["privileged", "writable-host-system"]));
    expect(found).not.toContain("read-only-root");
  });

  test("a flag that there is not, and one without its value, are told", () => {
    expect(linesOf("docker run --new-flag x y\ndocker run --memory")).toMatchObject({
      containers: [{ workload: "container", settings: {} }],
      problems: [
        {
          code: "E_COMMAND_LINE",
          message: expect.stringContaining("no flag --new-flag.") as string,
          at: { line: 1, column: 1 },
        },
        {
          code: "E_COMMAND_LINE",
          message: expect.stringContaining("--memory needs a value.") as string,
          at: { line: 2, column: 1 },
        },
      ],
    });
  });
});

test.each<[name: string, text: string]>([
  ["x.sh", "echo about docker; run tests"],
  ["x.yml", "a: docker\nb: run\n"],
  ["notes.txt", "Use docker run to start it."],
  ["x.json", '{"docker": "create"}'],
])("%s with %j is nothing of this", (name, text) => {
  expect(command.recognise({ name, text })).toBe(false);
});
