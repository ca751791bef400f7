import { type Node, num, obj } from "./node.ts";
import type { Random } from "./random.ts";

/** Helpers that the engine has for every case. */
export const HELPER = "fuzz-helper";
export const IMAGE = "petrify-fuzz:latest";

type Make = (random: Random) => Node;

const PATHS = [
  "/srv",
  "/tmp",
  "/srv/a",
  "/srv/../srv/b",
  "/srv//c/",
  "/etc/./x",
  "/bin/..",
  "/",
  "/..",
  "srv",
  String.raw`\srv`,
  "/s:v",
  "",
];
const SANE_PATHS = ["/srv", "/tmp", "/srv/a", "/srv/../srv/b", "/srv//c/", "/etc/./x", "/d", "/e/", "/f"];
const path: Make = (random) => random.pick(random.chance(0.9) ? SANE_PATHS : PATHS);
const SOURCES = ["/srv", "/etc", "/tmp/../etc", "/var/", "/", "v1", "v2", "v_3.x", "", "./x", "V", "/nope-here"];
const MODES = "|ro|rw|z|Z|ro,z|rshared|rslave|ro,rprivate|nocopy|ro,nocopy|cached|rw,ro|RO|x|,|ro,|consistent,z".split(
  "|",
);
const SANE_MODES = ["ro", "rw", "ro,z", "rprivate", "ro,rslave", "shared", "delegated"];
const BOOLS = [true, false];
const bool: Make = (random) => random.pick(BOOLS);
const OPTIONS =
  "|size=1m|exec|noexec|rw,exec,size=64k|exec,noexec|ro|ro,rw|mode=1777|uid=1,gid=2|nosuid|EXEC|exec |defaults,exec".split(
    "|",
  );
const CAPS = "SYS_ADMIN,CAP_SYS_ADMIN,net_raw,cap_chown,Net_Admin,ALL,all,MKNOD,\u017Fys_ptrace,AUDIT_WRITE,kill".split(
  ",",
);
const SECURITY =
  "no-new-privileges,no-new-privileges=true,no-new-privileges:false,no-new-privileges=0,no-new-privileges=T,apparmor=unconfined,apparmor:unconfined,seccomp=unconfined,seccomp:unconfined,label=disable,label:type:x,label=level:s0:c1,disable".split(
    ",",
  );
const ODD_SECURITY = ["no-new-privileges=yes", "systempaths=unconfined", "x", "", "no-new-privileges="];
const MASKS = [["/proc/kcore"], [], ["/proc/kcore", "/sys/firmware"], ["/etc", "/bin"], [""]];
const COUNTS = ["0", "1", "-1", "67108864", "536870912", "9007199254740993", "9223372036854775807"];

function strings(values: readonly string[], most = 3): Make {
  return (random) => random.some(values, most);
}
function map(keys: readonly string[], value: Make, most = 3): Make {
  return (random) => obj(Object.fromEntries(random.some(keys, most).map((key) => [key, value(random)])));
}
function word(...values: readonly string[]): Make {
  return (random) => random.pick(values);
}
function count(...values: readonly string[]): Make {
  return (random) => num(random.pick(values.length === 0 ? COUNTS : values));
}
/** A list, or one string. */
function slice(values: readonly string[]): Make {
  return (random) => (random.chance(0.3) ? random.pick(values) : random.some(values));
}
const text: Make = word("a", "", "b c", "\u00E4\u{1F600}", 'q"\\', "\u2028", "k\u212A\u017F");

const bind: Make = (random) => {
  const source = random.pick(SOURCES);
  const mode = random.pick(random.chance(0.8) ? SANE_MODES : MODES);
  const target = path(random) as string;
  return random.pick([`${source}:${target}`, `${source}:${target}:${mode}`, `${source}:${target}:${mode}`, target]);
};

const mount: Make = (random) => {
  const type = random.pick(["bind", "volume", "volume", "tmpfs", "tmpfs", "", "npipe", "image", "Bind"]);
  const source = { bind: word("/srv", "/etc/", "/tmp/../etc", "/"), volume: word("v1", "v2", "", "v9") }[type];
  const driver = obj({
    Name: random.pick(["", "local", "local"]),
    Options: random.pick([obj({}), null, obj({ type: "tmpfs", device: "tmpfs", o: "size=1m" })]),
  });
  return obj({
    Type: type,
    Source: source?.(random),
    Target: path(random),
    ReadOnly: random.chance(0.3) ? bool(random) : undefined,
    Consistency: random.chance(0.1) ? "cached" : undefined,
    BindOptions:
      type === "bind" && random.chance(0.4)
        ? obj({ Propagation: random.pick(["", "rslave", "rshared", "private", "x"]), NonRecursive: bool(random) })
        : undefined,
    VolumeOptions:
      type === "volume" && random.chance(0.4)
        ? obj({ NoCopy: bool(random), Labels: obj({ a: "b" }), DriverConfig: random.chance(0.6) ? driver : null })
        : undefined,
    TmpfsOptions:
      type === "tmpfs" && random.chance(0.4)
        ? obj({ SizeBytes: num(65536), Mode: num(random.pick(["0", "511", "1023"])) })
        : undefined,
  });
};

const device: Make = (random) =>
  obj({
    PathOnHost: random.pick(["/dev/null", "/dev/sda", "/dev/fuse"]),
    PathInContainer: random.pick(["/dev/null", "/dev/x", ""]),
    CgroupPermissions: random.pick(["rwm", "r", "", "m"]),
  });

const ulimit: Make = (random) =>
  obj({ Name: random.pick(["nofile", "core"]), Soft: num(10), Hard: num(random.pick(["20", "10"])) });

/** What a Config may hold, by field. */
export const CONFIG_FIELDS: Readonly<Record<string, Make>> = {
  Hostname: word("h", "", "web.example"),
  Domainname: word("d", ""),
  User: word("", "root", "1000:1000", "nobody"),
  AttachStdin: bool,
  AttachStdout: bool,
  ExposedPorts: map(["80/tcp", "53/udp", "8080"], () => obj({})),
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: strings(["A=1", "A=2", "B=", "C", "PATH=/x", "HOME=/h", "U=\u00FC"]),
  Cmd: slice(["sh", "-c", "true", ""]),
  Entrypoint: slice(["/bin/sh", "-e", ""]),
  Healthcheck: (random) =>
    obj({
      Test: random.pick([["NONE"], ["CMD", "true"], []]),
      Interval: num(random.pick(["0", "1000000000"])),
      Retries: num(1),
    }),
  ArgsEscaped: bool,
  Volumes: map([...SANE_PATHS, ...SANE_PATHS, "/", "rel"], (random) => (random.chance(0.8) ? obj({}) : null)),
  WorkingDir: word("", "/srv", "/srv/../tmp", "/srv//x/", "rel"),
  NetworkDisabled: bool,
  MacAddress: word("", "02:42:ac:11:00:02"),
  OnBuild: strings(["RUN x"]),
  Labels: map(["a", "A", "\u017F", "petrify.exempt", ""], text),
  StopSignal: word("", "SIGTERM", "9", "SIGNOPE"),
  StopTimeout: count("0", "1", "-1"),
  Shell: slice(["/bin/sh"]),
};

/** What a HostConfig may hold, by field. Those that are judged come more often. */
export const HOST_FIELDS: Readonly<Record<string, Make>> = {
  Binds: (random) => Array.from({ length: 1 + random.below(2) }, () => bind(random)),
  Mounts: (random) => Array.from({ length: 1 + random.below(2) }, () => mount(random)),
  Tmpfs: map([...SANE_PATHS, ...SANE_PATHS, "/", "rel"], word(...OPTIONS)),
  VolumesFrom: strings([HELPER, `${HELPER}:ro`, `${HELPER}:rw`, "nobody"], 1),
  VolumeDriver: word("", "local", "local"),
  CapAdd: slice([...CAPS, ...CAPS, "NOPE"]),
  CapDrop: slice(CAPS),
  SecurityOpt: (random) => random.some(random.chance(0.9) ? SECURITY : ODD_SECURITY),
  Devices: (random) => Array.from({ length: random.below(3) }, () => device(random)),
  DeviceCgroupRules: strings(["b 8:* rwm", "c *:* rwm", "x"]),
  DeviceRequests: (random) => [
    obj({ Driver: random.pick(["", "nvidia"]), Count: num(-1), DeviceIDs: null, Capabilities: [["gpu"]] }),
  ],
  ReadonlyRootfs: bool,
  Privileged: bool,
  PidMode: word("", "host", `container:${HELPER}`, "Host"),
  NetworkMode: word("", "host", "none", "bridge", "default", "host "),
  IpcMode: word("", "host", "private", "shareable", "none", `container:${HELPER}`),
  UTSMode: word("", "host"),
  UsernsMode: word("", "host"),
  CgroupnsMode: word("", "host", "private"),
  Runtime: word("", "runc", "crun", "nope"),
  LogConfig: (random) =>
    obj({
      Type: random.pick(["", "json-file", "none", "local", "syslog"]),
      Config: random.pick([null, obj({}), obj({ "max-size": "1m" })]),
    }),
  PidsLimit: count(),
  Memory: count("0", "67108864", "536870912", "9007199254740993"),
  MemorySwap: count("0", "-1", "1073741824"),
  MemoryReservation: count("0", "6291456"),
  CpuShares: count("0", "2", "512"),
  CpusetCpus: word("", "0"),
  NanoCpus: count("0", "100000000"),
  MaskedPaths: (random) => random.pick(MASKS),
  ReadonlyPaths: (random) => random.pick(MASKS),
  AutoRemove: bool,
  RestartPolicy: (random) => obj({ Name: random.pick(["", "no", "always", "on-failure"]), MaximumRetryCount: num(0) }),
  ConsoleSize: () => [num(1), num(2)],
  ShmSize: count("0", "67108864"),
  Ulimits: (random) => Array.from({ length: random.below(2) }, () => ulimit(random)),
  Sysctls: map(["net.ipv4.ip_forward"], word("1")),
  Init: bool,
  GroupAdd: strings(["1", "wheel"]),
  Dns: strings(["192.0.2.1"]),
  DnsSearch: strings(["example.com"]),
  ExtraHosts: strings(["a:192.0.2.1"]),
  OomScoreAdj: count("0", "500"),
  Isolation: word("", "default"),
  PublishAllPorts: bool,
  PortBindings: map(["80/tcp"], () => [obj({ HostIp: "127.0.0.1", HostPort: "0" })]),
  ContainerIDFile: word("", "x"),
  CgroupParent: word("", "/x"),
  BlkioWeight: count("0"),
  OomKillDisable: bool,
};

export const NETWORKING: Make = (random) =>
  obj({
    EndpointsConfig: random.pick([
      obj({}),
      null,
      obj({ bridge: obj({ Aliases: ["a"], IPAMConfig: null }) }),
      obj({ bridge: null }),
    ]),
  });
