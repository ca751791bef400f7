import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { PetrifyError } from "../model/errors.ts";
import { NO_SETTINGS, type Workload } from "../model/workload.ts";
import { type CommandPlace, type RunRequest, parseRunFlags } from "./run-flags.ts";
import type { CommandHost } from "./run-flags/host.ts";

const files: Readonly<Record<string, string>> = {
  "app.env": '\uFEFF# comment\n\n  A=1\r\nB= spaced # kept\nQUOTED="x"\nFROM_HOST\nUNSET\nEMPTY=\n',
  "bad.env": "GOOD=1\nNOT GOOD=2\n",
};
const host: CommandHost = {
  cwd: "/home/dev/app",
  env: { FROM_HOST: "h", MULTI: "a=b\nc" },
  readTextFile: (path) => {
    const text = files[path];
    if (text === undefined) throw new PetrifyError("E_IO", `${path} cannot be read.`);
    return text;
  },
};

function parse(line: string | readonly string[], place: CommandPlace = "after image"): RunRequest {
  return parseRunFlags(typeof line === "string" ? line.split(" ") : line, place, host);
}

const DEFAULTS: Workload = { name: "nginx", image: "nginx", ...NO_SETTINGS };

test("an image alone carries nothing but defaults", () => {
  expect(parse("nginx")).toEqual({
    workload: DEFAULTS,
    detach: false,
    remove: false,
    publishAll: false,
    notes: [],
  });
});

describe("each flag becomes its part of the workload", () => {
  const tcp = "tcp" as const;
  test.each<[string, Partial<Workload>]>([
    ["-e A=1 nginx", { env: ["A=1"] }],
    ["-eA=1 nginx", { env: ["A=1"] }],
    ["-e=A=1 nginx", { env: ["A=1"] }],
    ["--env A=1 --env=B=2 nginx", { env: ["A=1", "B=2"] }],
    ["-e A=1 -e B=2 -e A=3 nginx", { env: ["A=3", "B=2"] }],
    ["-e FROM_HOST nginx", { env: ["FROM_HOST=h"] }],
    ["-e MULTI nginx", { env: ["MULTI=a=b\nc"] }],
    ["-e UNSET nginx", { env: ["UNSET"] }],
    ["-e A= nginx", { env: ["A="] }],
    [
      "-e A=wins --env-file app.env nginx",
      { env: ["A=wins", "B= spaced # kept", 'QUOTED="x"', "FROM_HOST=h", "EMPTY="] },
    ],
    ["-u 1000:1000 nginx", { user: "1000:1000" }],
    ["-w /srv nginx", { workingDir: "/srv" }],
    ["--entrypoint /bin/sh nginx", { entrypoint: ["/bin/sh"] }],
    ["--entrypoint= nginx", { entrypoint: [""] }],
    ["-v /data nginx", { mounts: [{ type: "volume", target: "/data", readOnly: false }] }],
    ["-v name:/data nginx", { mounts: [{ type: "volume", source: "name", target: "/data", readOnly: false }] }],
    [
      "-v /host/:/data/:ro,Z nginx",
      { mounts: [{ type: "bind", source: "/host/", target: "/data", readOnly: true, options: "Z" }] },
    ],
    [
      "-v ./conf:/etc/app nginx",
      { mounts: [{ type: "bind", source: "/home/dev/app/conf", target: "/etc/app", readOnly: false }] },
    ],
    [
      "-v ../conf:/etc/app:cached nginx",
      { mounts: [{ type: "bind", source: "/home/dev/conf", target: "/etc/app", readOnly: false }] },
    ],
    ["--mount dst=/data nginx", { mounts: [{ type: "volume", target: "/data", readOnly: false }] }],
    [
      "--mount type=bind,src=.,target=/app,readonly,bind-propagation=rslave nginx",
      { mounts: [{ type: "bind", source: "/home/dev/app", target: "/app", readOnly: true, options: "rslave" }] },
    ],
    [
      '--mount type=bind,"source=/a,b",target=/app,ro=false nginx',
      { mounts: [{ type: "bind", source: "/a,b", target: "/app", readOnly: false }] },
    ],
    [
      '--mount type=volume,src=db,target=/d,volume-driver=local,volume-opt=type=nfs,"volume-opt=o=addr=a,rw" nginx',
      {
        mounts: [
          {
            type: "volume",
            source: "db",
            target: "/d",
            readOnly: false,
            driver: "local",
            driverOptions: { type: "nfs", o: "addr=a,rw" },
          },
        ],
      },
    ],
    [
      "--mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770 nginx",
      { mounts: [{ type: "tmpfs", target: "/t", readOnly: false, options: "size=1048576,mode=1770" }] },
    ],
    ["--tmpfs /run nginx", { mounts: [{ type: "tmpfs", target: "/run", readOnly: false }] }],
    [
      "--tmpfs /run:size=64m,exec nginx",
      { mounts: [{ type: "tmpfs", target: "/run", readOnly: false, options: "size=64m,exec" }] },
    ],
    ["-p 80 nginx", { ports: [{ containerPort: 80, protocol: tcp }] }],
    ["-p8080:80 nginx", { ports: [{ hostPort: 8080, containerPort: 80, protocol: tcp }] }],
    ["-p 0:80 nginx", { ports: [{ containerPort: 80, protocol: tcp }] }],
    ["-p 127.0.0.1::80 nginx", { ports: [{ hostIp: "127.0.0.1", containerPort: 80, protocol: tcp }] }],
    ["-p [::1]:53:53/UDP nginx", { ports: [{ hostIp: "::1", hostPort: 53, containerPort: 53, protocol: "udp" }] }],
    [
      "-p 8080-8081:80-81 nginx",
      {
        ports: [
          { hostPort: 8080, containerPort: 80, protocol: tcp },
          { hostPort: 8081, containerPort: 81, protocol: tcp },
        ],
      },
    ],
    ["--network=none nginx", { network: "none" }],
    ["--net host nginx", { network: "host" }],
    ["-h web nginx", { hostname: "web" }],
    ["--add-host db:10.0.0.1 --add-host v6=[::1] nginx", { extraHosts: ["db:10.0.0.1", "v6:::1"] }],
    ["--dns 1.1.1.1 nginx", { dns: ["1.1.1.1"] }],
    ["-l a=b=c -l empty -l __proto__=x nginx", { labels: { a: "b=c", empty: "", ["__proto__"]: "x" } }],
    ["--cap-add NET_ADMIN --cap-drop=ALL nginx", { capAdd: ["NET_ADMIN"], capDrop: ["ALL"] }],
    [
      "--security-opt no-new-privileges --security-opt seccomp=./s.json --security-opt seccomp=t.json nginx",
      { securityOpt: ["no-new-privileges", "seccomp=/home/dev/app/s.json", "seccomp=/home/dev/app/t.json"] },
    ],
    ["--privileged nginx", { privileged: true }],
    ["--group-add 44 nginx", { groupAdd: ["44"] }],
    ["--sysctl net.ipv4.ip_forward=1 nginx", { sysctls: { "net.ipv4.ip_forward": "1" } }],
    [
      "--ulimit nofile=1024:2048 --ulimit core=-1 nginx",
      {
        ulimits: [
          { name: "nofile", soft: 1024, hard: 2048 },
          { name: "core", soft: -1, hard: -1 },
        ],
      },
    ],
    ["-m 64m nginx", { memoryBytes: 64 * 2 ** 20 }],
    ["--cpus 0.3 nginx", { nanoCpus: 300_000_000 }],
    ["--cpus .5 nginx", { nanoCpus: 500_000_000 }],
    ["--cpus 1.000000001 nginx", { nanoCpus: 1_000_000_001 }],
    ["--pids-limit -1 nginx", { pidsLimit: -1 }],
    ["--shm-size 1g nginx", { shmSizeBytes: 2 ** 30 }],
    ["--init nginx", { init: true }],
    ["--init --init=false nginx", { init: false }],
    ["-it nginx", { tty: true, openStdin: true }],
    ["-t=0 -i nginx", { tty: false, openStdin: true }],
    ["-itp 8:8 nginx", { tty: true, openStdin: true, ports: [{ hostPort: 8, containerPort: 8, protocol: tcp }] }],
    ["--restart on-failure:3 nginx", { restart: "on-failure:3" }],
    ["--runtime crun nginx", { runtime: "crun" }],
    ["--platform linux/arm64 nginx", { platform: "linux/arm64" }],
    ["--stop-signal SIGQUIT --stop-timeout 5 nginx", { stopSignal: "SIGQUIT", stopTimeoutSeconds: 5 }],
  ])("%s", (line, expected) => {
    expect(parse(line).workload).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe("the command stands where each verb has it", () => {
  test("run: everything after the image belongs to the container", () => {
    const { workload, remove } = parse("--rm nginx nginx --rm -g x -- y");
    expect({ command: workload.command, remove }).toEqual({
      command: ["nginx", "--rm", "-g", "x", "--", "y"],
      remove: true,
    });
  });
  test("run: -- before the image ends the flags", () => {
    expect(parse("-t -- nginx -t").workload).toEqual({ ...DEFAULTS, tty: true, command: ["-t"] });
  });
  test("learn: flags on both sides of the image, the command after --", () => {
    const { workload } = parse("-t nginx -i -- nginx -p 1", "after dashes");
    expect(workload).toEqual({ ...DEFAULTS, tty: true, openStdin: true, command: ["nginx", "-p", "1"] });
  });
  test("learn: a command without -- is refused, because its flags would be read as Petrify's", () => {
    expect(() => parse("redis redis-server -p 7000", "after dashes")).toThrow(/redis-server.*one argument too many/);
  });
});

test("flags that are not the workload's", () => {
  expect(parse("-dP --rm --read-only --name My.App nginx")).toMatchObject({
    containerName: "My.App",
    detach: true,
    remove: true,
    publishAll: true,
    notes: [expect.stringContaining("--read-only")],
    workload: { name: "my.app" },
  });
});

test.each([
  ["nginx", "nginx"],
  ["nginx:1.27", "nginx"],
  ["registry.example:5000/team/App_Server:1@sha256:" + "0".repeat(64), "app_server"],
  ["localhost:5000/x", "x"],
  ["sha256:" + "ab".repeat(32), "image-abababababab"],
  ["ab".repeat(32), "image-abababababab"],
  ["../..", "workload"],
  ["a/../../etc/passwd\n", "passwd"],
  ["x".repeat(300), "x".repeat(100)],
])("image %j gives the name %s", (image, name) => {
  expect(parse([image]).workload.name).toBe(name);
});

describe("what is wrong is refused, and the sentence names it", () => {
  test.each<[string | readonly string[], RegExp]>([
    ["--no-such nginx", /--no-such/],
    ["--no-such=1 nginx", /--no-such\./],
    ["-itX nginx", /-X/],
    ["--constructor nginx", /no flag --constructor/],
    ["--device /dev/kvm nginx", /docker run's --device is not supported/],
    ["-c 5 nginx", /docker run's -c is not supported/],
    ["--gpus all nginx", /--gpus/],
    ["--health-cmd true nginx", /--health-cmd/],
    ["--userns private nginx", /--userns=private is not supported/],
    ["-e", /-e needs a value/],
    ["--env", /--env needs a value/],
    ["-t", /image is missing/],
    [[""], /image's name is empty/],
    ["--rm=maybe nginx", /--rm is a switch/],
    ["--read-only=false nginx", /contradicts/],
    ["--rm --restart always nginx", /--rm and --restart/],
    ["--restart sometimes nginx", /sometimes/],
    ["-e =1 nginx", /KEY=VALUE/],
    ["--env-file bad.env nginx", /Line 2 of bad\.env/],
    ["--env-file none.env nginx", /none\.env/],
    ["-w srv nginx", /absolute path/],
    ["-v ~/data:/data nginx", /'~\/data' is neither/],
    ["-v /data:ro nginx", /options need a source/],
    ["-v a:/b:ro:rw nginx", /SOURCE/],
    ["-v :/b nginx", /SOURCE/],
    ["-v name:/data:nocopy nginx", /nocopy/],
    ["-v name:data nginx", /not an absolute path/],
    ["-v name:/data/../.. nginx", /over \/ itself/],
    ["-v a1:/x --tmpfs /x/ nginx", /Two mounts have the target \/x/],
    ["--mount type=bind,target=/x nginx", /source=/],
    ["--mount type=bind,source=name,target=/x nginx", /no host path/],
    ["--mount type=volume,source=/x,target=/x nginx", /not a volume name/],
    ["--mount type=tmpfs,source=name,target=/x nginx", /no source/],
    ["--mount type=npipe,target=/x nginx", /npipe/],
    ["--mount type=bind,source=/a,target=/x,volume-driver=nfs nginx", /volume-driver.*bind/],
    ["--mount type=volume,target=/x,volume-opt=size nginx", /volume-opt needs KEY=VALUE/],
    ['--mount type=volume,target=/x,"volume-opt=o=addr=a,password=hunter2" nginx', /volume-opt 'o' holds a secret/],
    ["--mount type=volume,target=/x,volume-nocopy nginx", /'volume-nocopy' cannot be used/],
    ["--mount type=volume,target nginx", /'target' needs a value/],
    ['--mount type=bind,"source=/a,target=/x nginx', /stray quotation mark/],
    ["--mount type=volume nginx", /target= is missing/],
    ["-p 80:80:80 nginx", /not an IP address|not a port/],
    ["-p 1-3:80 nginx", /ranges differ/],
    ["-p 70000 nginx", /not a port/],
    ["-p 9-1 nginx", /not a port/],
    ["-p 300.1.1.1:80:80 nginx", /300\.1\.1\.1/],
    ["-p 80/sctp nginx", /sctp/],
    ["--add-host db nginx", /NAME:IP/],
    ["--add-host db:nope nginx", /NAME:IP/],
    ["--dns resolver nginx", /IP address/],
    ["--sysctl kernel.x nginx", /KEY=VALUE/],
    ["--ulimit files=1 nginx", /no 'files'/],
    ["--ulimit nofile=9:1 nginx", /soft limit/],
    ["--ulimit nofile=-1:1 nginx", /soft limit/],
    ["-m lots nginx", /not a size/],
    ["--cpus 1e3 nginx", /--cpus/],
    ["--pids-limit 1.5 nginx", /--pids-limit/],
    ["--name ../../etc nginx", /container name/],
    ["--security-opt systempaths=unconfined nginx", /systempaths/],
  ])("%j", (line, message) => {
    const error = thrownBy(() => parse(line));
    expect(error.message).toMatch(message);
    expect(error.code).toMatch(/^E_(USAGE|IO)$/);
  });
});

test("any arguments give a request or a PetrifyError, and never touch a prototype", () => {
  const argument = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "-",
      "--",
      "-e",
      "-v",
      "--mount",
      "-p",
      "-l",
      "__proto__=x",
      "-itd",
      "nginx",
      "--x=",
      "=",
      "-=",
      "--=",
    ),
  );
  fc.assert(
    fc.property(
      fc.array(argument, { maxLength: 6 }),
      fc.constantFrom<CommandPlace>("after image", "after dashes"),
      (args, place) => {
        try {
          parse(args, place);
        } catch (error) {
          if (!(error instanceof PetrifyError)) throw error;
        }
        expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
      },
    ),
  );
});

function thrownBy(run: () => unknown): PetrifyError {
  try {
    run();
  } catch (error) {
    if (error instanceof PetrifyError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
