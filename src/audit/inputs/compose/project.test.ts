import { describe, expect, test } from "vitest";
import { readFiles, valuesOf, webOf } from "./testing.ts";

type Files = Readonly<Record<string, string>>;

/** The services of a project, without places. */
function read(files: Files, first?: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(readFiles(files, first).containers.map((one) => [one.workload, valuesOf(one)]));
}

const web = (service: string, top = ""): string => `${top}services:\n  web: {${service}}\n`;

describe("an override beside the file is put on it", () => {
  test.for<[base: string, over: string, expected: object]>([
    ["privileged: true", "privileged: false", { privileged: { value: false } }],
    ["privileged: true", "privileged: ", { privileged: { value: true } }],
    ["command: [a, b]", "command: [c]", { command: { value: ["c"] } }],
    ["cap_add: [A, B]", "cap_add: [B, C]", { capAdd: { value: ["A", "B", "C"] } }],
    ["cap_add: [A]", "cap_add: !override [B]", { capAdd: { value: ["B"] } }],
    ["cap_add: [A]", "cap_add: !reset []", {}],
    ["privileged: true", "privileged: !reset null", {}],
    ["environment: {A: 1, B: 2}", "environment: [B=3, C=4]", { environment: { value: ["A=1", "B=3", "C=4"] } }],
    ["healthcheck: {test: [CMD, x], retries: 1}", "healthcheck: {test: [NONE]}", { healthcheck: { value: false } }],
    ["healthcheck: {test: [CMD, x]}", "healthcheck: {retries: 1}", { healthcheck: { value: true } }],
    ["tmpfs: /a", "tmpfs: [/b]", { mounts: [{ target: "/a" }, { target: "/b" }] }],
    [
      "volumes: [a:/d, b:/e]",
      "volumes: ['./x:/d:ro']",
      {
        mounts: [
          { target: "/d", type: "bind", readOnly: true },
          { target: "/e", source: "b" },
        ],
      },
    ],
    ["ports: ['80:80']", "ports: ['443:443']", { ports: [{ hostPort: 80 }, { hostPort: 443 }] }],
    [
      "logging: {driver: syslog}",
      "logging: {options: {a: b}}",
      { logDriver: { value: "syslog" }, logOptions: { value: { a: "b" } } },
    ],
    ["logging: {driver: syslog, options: {a: b}}", "logging: {driver: none}", { logDriver: { value: "none" } }],
    [
      "deploy: {resources: {limits: {memory: 1g, pids: 5}}}",
      "deploy: {resources: {limits: {memory: 2g}}}",
      { memoryBytes: { value: 2 ** 31 }, pidsLimit: { value: 5 } },
    ],
  ])("%s + %s", ([base, over, expected]) => {
    const { web: result } = read({ "compose.yaml": web(base), "compose.override.yaml": web(over) });
    expect(result).toMatchObject(expected);
    expect(Object.keys(result as object).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test("whichever of both is named: the containers are the same, and belong to the file that has them first", () => {
    const files = {
      "shop/docker-compose.yml": web("read_only: true"),
      "shop/docker-compose.override.yml": "services:\n  web: {user: '0'}\n  more: {image: x}\n",
    };
    const base = readFiles(files, "shop/docker-compose.yml");
    expect(readFiles(files, "shop/docker-compose.override.yml")).toEqual(base);
    expect(base.containers.map(({ workload, source }) => [workload, source.name])).toEqual([
      ["web", "shop/docker-compose.yml"],
      ["more", "shop/docker-compose.override.yml"],
    ]);
    expect(base.containers[0]?.settings.user?.at).toEqual({
      line: 2,
      column: 9,
      endColumn: 13,
      file: "shop/docker-compose.override.yml",
    });
    expect(base.containers[0]?.settings.readOnlyRoot?.at).toEqual({ line: 2, column: 9, endColumn: 18 });
  });

  test("a file of another name has no override", () => {
    expect(read({ "production.yml": web("image: a"), "compose.override.yml": web("image: b") })).toEqual({
      web: { image: { value: "a" } },
    });
  });

  test("where the override cannot be read, what it might say is not known", () => {
    const { containers, problems } = readFiles({
      "compose.yaml": web("user: '1'"),
      "compose.override.yml": "services: [",
    });
    expect(problems).toMatchObject([{ source: "compose.override.yml", code: "E_COMPOSE_INVALID" }]);
    expect(containers[0]?.unknown).toContain("readOnlyRoot");
    expect(containers[0]?.unknown).not.toContain("user");
  });

  test("volumes at the top are merged", () => {
    const files = {
      "compose.yaml": web("volumes: [d:/d]", "volumes: {d: {driver_opts: {type: tmpfs}}}\n"),
      "compose.override.yaml": "volumes: {d: {driver_opts: {o: size=1m}}}\n",
    };
    expect(read(files)["web"]).toMatchObject({ mounts: [{ sizeBytes: 2 ** 20 }] });
  });
});

describe("extends", () => {
  test("chains through files, each file's paths as seen from it", () => {
    const files = {
      "a/compose.yaml": "services:\n  web: {extends: {service: mid, file: ../b/mid.yml}, user: '3'}\n",
      "b/mid.yml":
        "services:\n  mid: {extends: base, user: '2', volumes: ['./data:/d']}\n  base: {privileged: true, user: '1'}\n",
    };
    const container = webOf(files);
    expect(valuesOf(container)).toEqual({
      user: { value: "3" },
      privileged: { value: true },
      mounts: [{ type: "bind", source: "b/data", target: "/d", readOnly: false }],
    });
    expect(container.settings.privileged?.at).toEqual({ line: 3, column: 10, endColumn: 20, file: "b/mid.yml" });
    expect(container.at).toEqual({ line: 2, column: 3, endColumn: 6 });
    expect(container.place).toEqual({ document: 0, path: ["services", "web"] });
  });

  test.for<[what: string, extend: string, message: RegExp]>([
    ["a circle", "web", /circle/],
    ["a circle of two", "loop", /circle/],
    ["what is not there", "nothing", /not in this file/],
    ["a file that is not there", "{service: x, file: no.yml}", /'no.yml' cannot be read/],
    ["a file that is broken", "{service: x, file: broken.yml}", /not valid YAML/],
    ["a service that another file lacks", "{service: x, file: other.yml}", /not in 'other.yml'/],
    ["a name that is not known", "'${NAME}'", /variable without a value/],
    ["no name", "{file: other.yml}", /no name/],
  ])("%s is a problem, and leaves the rest unknown", ([, extend, message]) => {
    const { containers, problems } = readFiles({
      "compose.yaml": `services:\n  web: {read_only: true, extends: ${extend}}\n  loop: {extends: web}\n  fine: {image: x}\n`,
      "broken.yml": "services: [",
      "other.yml": "services: {y: {image: y}}",
    });
    expect(problems.map((problem) => problem.message).join()).toMatch(message);
    const [first, , fine] = containers;
    expect(first?.settings.readOnlyRoot?.value).toBe(true);
    expect(first?.unknown).toContain("privileged");
    expect(first?.unknown).not.toContain("readOnlyRoot");
    expect(fine?.unknown).toBeUndefined();
  });
});

describe("include", () => {
  test("short and long, with variables of its own folder", () => {
    const files = {
      "compose.yaml": `include:
  - a/compose.yaml
  - {path: [b/one.yml, b/two.yml], env_file: b.env}
services: {web: {image: x, volumes: ["shared:/d"]}}
`,
      ".env": "TAG=parent\n",
      "a/compose.yaml":
        "services: {a: {image: 'a:${TAG}', user: '${ID}'}}\nvolumes: {shared: {driver_opts: {o: size=1k}}}\n",
      "a/.env": "TAG=own\nID=7\n",
      "b/one.yml": "services: {b: {image: 'b:${TAG}', user: '1'}}\n",
      "b/two.yml": "services: {b: {user: '${ID}'}}\n",
      "b.env": "ID=8\n",
    };
    const { containers, problems } = readFiles(files);
    expect(problems).toEqual([]);
    expect(
      containers.map(({ source, workload, settings }) => [
        source.name,
        workload,
        settings.image?.value,
        settings.user?.value,
      ]),
    ).toEqual([
      ["compose.yaml", "web", "x", undefined],
      ["a/compose.yaml", "a", "a:parent", "7"],
      ["b/one.yml", "b", "b:parent", "8"],
    ]);
    expect(containers[0]?.settings.mounts).toMatchObject([{ sizeBytes: 1024 }]);
  });

  test("circles, and files that are not there", () => {
    const { containers, problems } = readFiles({
      "compose.yaml": "include: [a.yml, no.yml, 'oci://x/y']\nservices: {web: {image: x}}\n",
      "a.yml": "include: [compose.yaml]\nservices: {a: {image: a}}\n",
    });
    expect(containers.map(({ workload }) => workload)).toEqual(["web", "a"]);
    expect(problems.map(({ source, message, at }) => [source, message, at?.line, at?.column])).toEqual([
      ["a.yml", "The file includes 'compose.yaml' in a circle.", 1, 11],
      ["compose.yaml", "The file 'no.yml' cannot be read.", 1, 18],
      ["compose.yaml", "The file 'oci://x/y' cannot be read.", 1, 26],
    ]);
  });
});

describe("anchors and merge keys", () => {
  test("places are where the setting is written", () => {
    const container = webOf(`x-base: &base
  read_only: true
  user: "1"
x-more: &more {privileged: true, user: "2"}
services:
  web:
    <<: [*base, *more]
    image: x
`);
    expect(valuesOf(container)).toEqual({
      image: { value: "x" },
      readOnlyRoot: { value: true },
      user: { value: "1" },
      privileged: { value: true },
    });
    expect(container.settings.readOnlyRoot?.at).toEqual({ line: 2, column: 3, endColumn: 12 });
    expect(container.settings.privileged?.at?.line).toBe(4);
  });

  test("an anchor that is given again, and maps that contain themselves", () => {
    expect(valuesOf(webOf("x-a: &a {user: '1'}\nx-b: &a {user: '2'}\nservices: {web: *a}\n"))).toEqual({
      user: { value: "2" },
    });
    expect(valuesOf(webOf("services: {web: &a {user: '1', x-more: *a}}\n"))).toEqual({ user: { value: "1" } });
    const files = {
      "compose.yaml": "services: {web: &a {x-m: *a}}",
      "compose.override.yml": "services: {web: &a {x-m: *a, user: '1'}}",
    };
    expect(valuesOf(webOf(files))).toEqual({ user: { value: "1" } });
  });
});

test("a file of the first form", () => {
  const container = webOf({ "docker-compose.yml": "web:\n  image: x\n  net: host\n  log_driver: none\nx: {y: z}\n" });
  expect(valuesOf(container)).toEqual({
    image: { value: "x" },
    network: { value: "host" },
    logDriver: { value: "none" },
  });
  expect(container.place).toEqual({ document: 0, path: ["web"] });
});

test("services of every profile, none of what another tool provides, and not what is no service", () => {
  const { containers, problems } = readFiles({
    "compose.yaml":
      "services:\n  a: {image: x, profiles: [debug]}\n  b: {provider: {type: x}}\n  c: 5\n  d: {image: x, scale: 0}\n",
  });
  expect(containers.map(({ workload }) => workload)).toEqual(["a", "d"]);
  expect(problems).toMatchObject([{ message: "The service 'c' is not a map of keys.", at: { line: 4, column: 3 } }]);
});

test("a setting that is no size or number is a problem at its place, and not there", () => {
  const { containers, problems } = readFiles({
    "compose.yaml": "services:\n  web: {image: x, mem_limit: much, cpus: few}\n",
  });
  expect(containers.map(valuesOf)).toEqual([{ image: { value: "x" } }]);
  expect(problems.map(({ code, at }) => [code, at])).toEqual([
    ["E_COMPOSE_INVALID", { line: 2, column: 19, endColumn: 28 }],
    ["E_COMPOSE_INVALID", { line: 2, column: 36, endColumn: 40 }],
  ]);
});

describe("stacks of a swarm", () => {
  const STACK = `services:
  web:
    image: app:\${TAG:-1}
    user: \${ID}
    privileged: true
    security_opt: [seccomp:unconfined]
    restart: always
    read_only: true
    cap_add: [NET_ADMIN]
    deploy: {mode: global, restart_policy: {condition: any}, resources: {limits: {memory: 1g}}}
`;
  test("what a swarm ignores is not set, and named; neither override nor .env is read", () => {
    const container = webOf({
      "compose.yaml": STACK,
      ".env": "TAG=2\nID=3\n",
      "compose.override.yaml": web("user: '5'"),
    });
    expect(container.source.kind).toBe("swarm");
    expect(valuesOf(container)).toEqual({
      image: { value: "app:1" },
      readOnlyRoot: { value: true },
      capAdd: { value: ["NET_ADMIN"] },
      memoryBytes: { value: 2 ** 30 },
      restart: { value: { policy: "always" } },
      ignored: [{ value: "privileged" }, { value: "security_opt" }, { value: "restart" }],
    });
    expect(container.unknown).toEqual(["user"]);
    expect(container.settings.ignored?.[0]?.at).toEqual({ line: 5, column: 5, endColumn: 15 });
  });

  test.for<[service: string, kind: string]>([
    ["deploy: {placement: {constraints: [a]}}", "swarm"],
    ["deploy: {update_config: {order: start-first}}", "swarm"],
    ["deploy: {replicas: 2, resources: {limits: {cpus: '1'}}}", "compose"],
    ["deploy: {placement: {constraints: [a]}}, mem_limit: 1g", "compose"],
    ["deploy: {mode: global}, profiles: [a]", "compose"],
  ])("%s: %s", ([service, kind]) => {
    expect(webOf(web(service)).source.kind).toBe(kind);
  });
});
