import { describe, expect, test } from "vitest";
import { NO_SETTINGS } from "../../model/workload.ts";
import { asAsked, type ComposeService, configSchema, mountsOf, portsOf, projectName } from "./config.ts";
import { isolated } from "./isolate.ts";
import { assertSelfContained } from "./outsiders.ts";

const CONFIG = configSchema.parse({
  services: { web: { image: "web:1" } },
  volumes: { data: null, named: { name: "own" }, other: { external: true } },
});
const mounts = (volumes: unknown[]): unknown => mountsOf({ volumes }, CONFIG, "shop");

describe("mounts of a service", () => {
  test.for<[what: string, volume: unknown, expected: object[]]>([
    ["a named volume", "data:/d", [{ type: "volume", source: "shop_data", target: "/d", readOnly: false }]],
    ["one with a name of its own", "named:/d:rw", [{ type: "volume", source: "own", target: "/d", readOnly: false }]],
    ["one of somebody else's", "other:/d:ro", [{ type: "volume", source: "other", target: "/d", readOnly: true }]],
    ["an anonymous volume", "/d", [{ type: "volume", target: "/d", readOnly: false }]],
    ["a bind", "/host/x:/d:ro,z", [{ type: "bind", source: "/host/x", target: "/d", readOnly: true }]],
    [
      "the long form",
      { type: "bind", source: "/host", target: "/d", read_only: true, bind: { create_host_path: true } },
      [{ type: "bind", source: "/host", target: "/d", readOnly: true }],
    ],
    ["a tmpfs", { type: "tmpfs", target: "/d" }, []],
  ])("%s", ([, volume, expected]) => {
    expect(mounts([volume])).toEqual(expected);
  });
});

test.for<[port: unknown, expected: object[]]>([
  ["8080:80", [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }]],
  ["127.0.0.1:8080:80/udp", [{ hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80, protocol: "udp" }]],
  ["80", [{ containerPort: 80, protocol: "tcp" }]],
  [443, [{ containerPort: 443, protocol: "tcp" }]],
  [{ target: 80, published: "8080", mode: "ingress" }, [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }]],
  ["3000-3005:3000-3005", []],
])("port %j", ([port, expected]) => {
  expect(portsOf({ ports: [port] })).toEqual(expected);
});

test("a project is named after its folder, as Compose does it", () => {
  expect(projectName(CONFIG, "/srv/My Shop/docker-compose.yaml")).toBe("myshop");
  expect(projectName({ ...CONFIG, name: "given" }, "/srv/shop/x.yaml")).toBe("given");
});

test("what the isolation took away is given back", () => {
  const service = { restart: "always", ports: ["80:80"], volumes: ["data:/d"] } as ComposeService;
  const copy = {
    ...NO_SETTINGS,
    image: "web:1",
    mounts: [
      { type: "volume", source: "petrifyabc_data", target: "/d", readOnly: false },
      { type: "tmpfs", target: "/t", readOnly: false },
    ] as const,
  };
  expect(asAsked(copy, service, mountsOf(service, CONFIG, "shop"))).toEqual({
    ...copy,
    restart: "always",
    ports: [{ hostPort: 80, containerPort: 80, protocol: "tcp" }],
    mounts: [{ type: "volume", source: "shop_data", target: "/d", readOnly: false }, copy.mounts[1]],
  });
});

function copiedBind(service: string, target: string): string | undefined {
  return target === "/d" ? undefined : `/copy/${service}${target}`;
}

function builtImage(service: string): string {
  return `shop_${service}`;
}

test("a copy has nothing that anybody else has, and keeps the rest", () => {
  const config = configSchema.parse({
    version: "2.4",
    name: "shop",
    services: {
      web: {
        image: "web:1",
        container_name: "front",
        ports: ["80:80"],
        restart: "always",
        labels: { "traefik.enable": "true" },
        network_mode: "host",
        environment: { A: "1" },
        depends_on: ["db"],
      },
      db: {
        build: { context: "/srv" },
        volumes: ["data:/d", "/host:/b:z", { type: "bind", source: "/host", target: "/c" }],
        networks: { back: { ipv4_address: "10.0.0.2", aliases: ["store"] }, front: null },
      },
      side: { image: "side:1", network_mode: "service:web", profiles: ["debug"] },
      seldom: { image: "seldom:1", profiles: ["tools"] },
    },
    volumes: { data: { external: true, name: "production" } },
    networks: { back: { ipam: { config: [{ subnet: "10.0.0.0/24" }] } }, front: { external: true } },
  });
  const labels = { "petrify.session": "s" };
  expect(isolated(config, { labels, bindSource: copiedBind, builtImage, named: ["side"] })).toEqual({
    version: "2.4",
    services: {
      web: { image: "web:1", labels, environment: { A: "1" }, depends_on: ["db"] },
      db: {
        image: "shop_db",
        labels,
        volumes: ["data:/d", "/copy/db/b:/b:z", { type: "bind", source: "/copy/db/c", target: "/c" }],
        networks: { back: { aliases: ["store"] }, front: null },
      },
      side: { image: "side:1", labels, network_mode: "service:web" },
      seldom: { image: "seldom:1", labels, profiles: ["tools"] },
    },
    volumes: { data: { labels } },
    networks: { back: { labels }, front: { labels }, default: { labels } },
  });
});

function refusalOf(service: object): string {
  const config = configSchema.parse({ services: { web: { image: "web:1" }, side: { image: "side:1", ...service } } });
  try {
    assertSelfContained(config, "shop.yaml");
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}

test.for<[what: string, service: object, refusal: string]>([
  [
    "the network of a container",
    { network_mode: "container:production" },
    "shop.yaml, service side: network_mode names",
  ],
  ["the processes of a container", { pid: "container:production" }, "pid names a container outside of the project"],
  ["the memory of a container", { ipc: "container:production" }, "ipc names"],
  ["the volumes of a container", { volumes_from: ["web", "container:production:ro"] }, "volumes_from names"],
  ["the volumes of something unknown", { volumes_from: ["constructor"] }, "volumes_from names"],
  ["what its own services have", { network_mode: "service:web", volumes_from: ["web:ro", "service:web:rw"] }, "none"],
])("a copy that would share %s", ([, service, refusal]) => {
  expect(refusalOf(service)).toContain(refusal);
});

test.for([
  [{ type: "bind", source: "/host", target: "/d", read_only: "no" }],
  [{ type: "volume", target: 1 }],
  [{ source: "/host", target: "/d" }],
  [null],
])("a volume that is not understood is refused: %j", ([volume]) => {
  expect(() => configSchema.parse({ services: { web: { image: "web:1", volumes: [volume] } } })).toThrow(
    "a volume of an unknown form",
  );
});
