import type {
  BindEntry,
  DenyEntry,
  EnvEntry,
  ImageEntry,
  LogEntry,
  ScratchEntry,
  SeededEntry,
  Strategy,
  StrategyEntry,
  TmpfsEntry,
  VolumeEntry,
} from "../../src/model/strategy.ts";
import type { Workload } from "../../src/model/workload.ts";
import { plainWorkload } from "./workload.ts";

export function workload(settings: Partial<Workload> = {}): Workload {
  return plainWorkload("app:1", { name: "app", ...settings });
}

export function strategy(entries: readonly StrategyEntry[], settings: Partial<Strategy> = {}): Strategy {
  const run = settings.workload ?? workload({ name: settings.name ?? "app" });
  return {
    name: run.name,
    fits: { repositories: [`docker.io/library/${run.name}`] },
    workload: run,
    entries,
    profile: { file: `${run.name}.profile.ndjson.zst`, sha256: "0".repeat(64) },
    incomplete: [],
    test: { kind: "command", command: "true" },
    verifiedOn: [`sha256:${"1".repeat(64)}`],
    ...settings,
  };
}

const FORGOTTEN = { sizeBytes: 2 ** 20, mode: 0o755, uid: 0, gid: 0, exec: false };

export function tmpfs(path: string, settings: Partial<TmpfsEntry> = {}): TmpfsEntry {
  return { kind: "tmpfs", path, why: "Scratch.", ...FORGOTTEN, ...settings };
}

export function seeded(path: string, settings: Partial<SeededEntry> = {}): SeededEntry {
  return { kind: "seeded", path, why: "State beside shipped files.", ...FORGOTTEN, ...settings };
}

export function scratch(path: string, settings: Partial<ScratchEntry> = {}): ScratchEntry {
  return { kind: "scratch", path, why: "Too large for memory.", ...FORGOTTEN, ...settings };
}

export function volume(path: string, settings: Partial<VolumeEntry> = {}): VolumeEntry {
  const owner = { uid: 0, gid: 0, mode: 0o755 };
  const own = { kind: "volume", path, why: "State.", reason: "readBack", seeded: false } as const;
  return { ...own, ...owner, exec: false, ...settings };
}

export function bind(path: string, settings: Partial<BindEntry> = {}): BindEntry {
  return { kind: "bind", path, why: "Given.", source: "/srv/app", readOnly: false, ...settings };
}

export function deny(path: string, settings: Partial<DenyEntry> = {}): DenyEntry {
  return { kind: "deny", path, why: "Harmless.", operations: ["open"], ...settings };
}

export function env(name: string, value: string, settings: Partial<EnvEntry> = {}): EnvEntry {
  return { kind: "env", name, value, paths: ["/app/__pycache__"], why: "Saves a write.", ...settings };
}

export function log(path: string, settings: Partial<LogEntry> = {}): LogEntry {
  return { kind: "log", path, stream: "stdout", why: "Appended to, never read.", ...settings };
}

export function image(path: string, settings: Partial<ImageEntry> = {}): ImageEntry {
  return { kind: "image", path, why: "Lasting.", operations: ["open"], fix: [`RUN touch ${path}`], ...settings };
}

/** Strategies as they are learned from real software, shortened; each has golden exports in test/fixtures/export. */
export const SAMPLES: Readonly<Record<string, Strategy>> = {
  nginx: strategy(
    [
      deny("/etc/nginx/conf.d/default.conf", { why: "The entrypoint tries to add IPv6 and goes on without." }),
      tmpfs("/run", { why: "nginx (root) keeps its pid file there while it runs." }),
      tmpfs("/var/lib/nginx", {
        why: "nginx buffers request bodies and proxied answers there.",
        sizeBytes: 2 ** 26,
        uid: 33,
        gid: 33,
        mode: 0o700,
      }),
      tmpfs("/var/log/nginx", { why: "nginx appends its logs there; nothing reads them back.", gid: 4 }),
    ],
    {
      workload: workload({
        name: "nginx",
        image: "nginx:1.22",
        ports: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }],
      }),
    },
  ),
  logs: strategy(
    [
      tmpfs("/run"),
      seeded("/var/log/nginx", {
        why: "nginx writes access.log and error.log: log files; it starts with links for access.log, error.log.",
        gid: 4,
      }),
    ],
    {
      logs: [log("/var/log/nginx/access.log"), log("/var/log/nginx/error.log", { stream: "stderr" })],
      workload: workload({ name: "logs", image: "nginx:1.22" }),
    },
  ),
  redis: strategy(
    [
      volume("/var/lib/redis", {
        why: "redis-server saves dump.rdb there and reads it back after a restart.",
        seeded: true,
        uid: 101,
        gid: 101,
        mode: 0o750,
      }),
    ],
    {
      incomplete: ["nothing talked to port 6379/tcp"],
      workload: workload({
        name: "redis",
        image: "redis:7",
        user: "redis",
        command: ["redis-server", "--save", "60 1"],
      }),
    },
  ),
  everything: strategy(
    [
      bind("/etc/app", { source: "/srv/o'brien", readOnly: true }),
      deny("/home/*"),
      tmpfs("/tmp", {
        why: "It unpacks its libraries\nand runs them.",
        mode: 0o1777,
        exec: true,
        sizeBytes: 1_500_000,
      }),
      volume("/cache", { source: "cache", reason: "given" }),
      volume("/data", { source: "pgdata", reason: "given" }),
      volume("/shared", { driver: "nfs", options: { o: "addr=10.0.0.1,rw", device: ":/$export" } }),
    ],
    {
      verifiedOn: [],
      workload: workload({
        name: "everything",
        image: "registry.example:5000/team/app@sha256:" + "a".repeat(64),
        entrypoint: ["/bin/sh", "-c"],
        command: ["echo \"$HOME\" 'quoted' && exec sleep 1000"],
        env: ["A=1", "PRICE=5$ each", "MULTI=a\nb", "PASSWORD", "ON=no"],
        user: "1000:1000",
        workingDir: "/srv/my app",
        hostname: "web",
        mounts: [
          { type: "bind", source: "/srv/o'brien", target: "/etc/app", readOnly: true, options: "rslave" },
          { type: "volume", source: "cache", target: "/cache", readOnly: true },
        ],
        ports: [
          { hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80, protocol: "tcp" },
          { hostIp: "::1", containerPort: 53, protocol: "udp" },
          { containerPort: 443, protocol: "tcp" },
        ],
        network: "backend",
        userns: "host",
        labels: { "com.example.role": "web", on: "$5" },
        capAdd: ["NET_BIND_SERVICE"],
        capDrop: ["ALL"],
        securityOpt: ["no-new-privileges"],
        groupAdd: ["44"],
        sysctls: { "net.core.somaxconn": "1024" },
        ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
        extraHosts: ["db:10.0.0.1", "v6:::1"],
        dns: ["10.0.0.53"],
        memoryBytes: 2 ** 28,
        nanoCpus: 300_000_000,
        pidsLimit: 200,
        shmSizeBytes: 2 ** 26,
        init: true,
        tty: true,
        openStdin: true,
        runtime: "crun",
        stopSignal: "SIGQUIT",
        stopTimeoutSeconds: 30,
        restart: "no",
        platform: "linux/amd64",
      }),
    },
  ),
};
