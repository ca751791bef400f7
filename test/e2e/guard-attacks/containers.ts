import { API, type Attack, call, create, createWith, IMAGE, IMAGE_OVER_CODE, ORDINARY, START } from "./attack.ts";

const REFUSED = /^HTTP\/1\.1 403 /;
const says = (words: string): RegExp => new RegExp(`^HTTP/1\\.1 403 [^]*${words}`, "i");
const bind = (source: string, target = "/host", more: object = {}): object => ({
  Mounts: [{ Type: "bind", Source: source, Target: target, ...more }],
});
const volume = (target: string, more: object = {}): object => ({
  Mounts: [{ Type: "volume", Target: target, ...more }],
});
const toHost = { Name: "local", Options: { type: "none", o: "bind", device: "/" } };

/** Host configurations that would lead past a read-only root. */
const SETTINGS: readonly (readonly [name: string, hostConfig: object, why: RegExp])[] = [
  ["privileged", { Privileged: true }, says("privileged")],
  ["privileged and read-only", { Privileged: true, ReadonlyRootfs: true }, says("privileged")],
  ["the capability to mount", { CapAdd: ["SYS_ADMIN"] }, says("SYS_ADMIN")],
  ["the same in lower case", { CapAdd: ["cap_sys_admin"] }, says("SYS_ADMIN")],
  ["all capabilities", { CapAdd: ["all"] }, says("ALL")],
  ["the capability to load modules", { CapAdd: ["SYS_MODULE"] }, says("SYS_MODULE")],
  [
    "the host's disk",
    { Devices: [{ PathOnHost: "/dev/sda", PathInContainer: "/dev/x", CgroupPermissions: "rwm" }] },
    says("/dev/sda"),
  ],
  [
    "the host's disk by another spelling",
    { Devices: [{ PathOnHost: "/dev/../dev//sda", PathInContainer: "/dev/x", CgroupPermissions: "rwm" }] },
    REFUSED,
  ],
  ["all devices", { DeviceCgroupRules: ["a *:* rwm"] }, says("device")],
  ["all disks", { DeviceCgroupRules: ["b 8:* rwm"] }, says("device")],
  ["a bind of the host's root", { Binds: ["/:/host"] }, says("/host|the host")],
  ["a bind of the host's root as a mount", bind("/"), REFUSED],
  ["a bind of the host's root by another spelling", { Binds: ["/./tmp/..:/host"] }, REFUSED],
  ["a bind of the host's root by a process", { Binds: ["/proc/1/root:/host"] }, REFUSED],
  ["a bind of /etc", { Binds: ["/etc:/host:rw"] }, REFUSED],
  ["a bind of an engine's socket", { Binds: ["/var/run/docker.sock:/s:ro"] }, says("socket|engine")],
  ["a bind of the folder of an engine's socket", { Binds: ["/run:/s:ro"] }, REFUSED],
  ["a bind of the engine's state", { Binds: ["/var/lib/docker:/s"] }, REFUSED],
  ["a bind of a volume's folder", { Binds: ["/var/lib/docker/volumes/x/_data:/s"] }, REFUSED],
  ["a bind that is shared", bind("/srv", "/srv", { BindOptions: { Propagation: "rshared" } }), says("shared")],
  ["a bind that is shared, in short", { Binds: ["/srv:/srv:shared"] }, says("shared")],
  ["a volume over programs", { Binds: ["petrify-attack:/usr/bin"] }, says("/usr/bin")],
  ["a volume over all of /usr", volume("/usr"), says("/usr")],
  ["a volume over programs by another spelling", volume("/bin/../bin//."), says("/bin")],
  ["a volume on the root", volume("/"), /^HTTP\/1\.1 4\d\d /],
  [
    "a volume that is the host",
    volume("/data", { Source: "petrify-attack-host", VolumeOptions: { DriverConfig: toHost } }),
    REFUSED,
  ],
  ["a tmpfs over programs", { Tmpfs: { "/bin": "exec" } }, says("/bin")],
  ["a tmpfs over libraries as a mount", { Mounts: [{ Type: "tmpfs", Target: "/lib" }] }, says("/lib")],
  ["a bind over programs", { Binds: ["/srv:/usr/sbin"] }, says("/usr/sbin")],
  ["mounts of a container that nobody knows", { VolumesFrom: ["nobody"] }, /^HTTP\/1\.1 4\d\d /],
  ["no masked paths", { MaskedPaths: [] }, says("masked")],
  ["no read-only paths", { ReadonlyPaths: [] }, says("read-only paths|readonlyPaths|/proc")],
  ["fewer masked paths", { MaskedPaths: ["/proc/kcore"] }, says("masked|/proc")],
  ["system paths unconfined", { SecurityOpt: ["systempaths=unconfined"], MaskedPaths: [], ReadonlyPaths: [] }, REFUSED],
  ["a tmpfs that changes the mount of /sys", { Tmpfs: { "/sys/": "remount,rw" } }, /^HTTP\/1\.1 400 [^]*remount/],
  [
    "a tmpfs that makes a read-only bind writable",
    { Binds: ["/usr:/host:ro"], Tmpfs: { "/host/": "rw,remount" } },
    /^HTTP\/1\.1 400 [^]*remount/,
  ],
  ["a tmpfs that is a bind", { Tmpfs: { "/x": "rbind" } }, /^HTTP\/1\.1 400 [^]*rbind/],
  ["a bind that is read-only, and not below", { Binds: ["/sys:/host:ro"] }, says("/sys")],
  ["control groups read-only", bind("/sys/fs/cgroup", "/host", { ReadOnly: true }), says("/sys/fs/cgroup")],
  ["the system's bus", { Binds: ["/run/dbus/system_bus_socket:/s:ro"] }, says("/run/dbus")],
  ["specifications of devices", { Binds: ["/etc/cdi:/host"] }, says("/etc/cdi")],
  [
    "a disk by a node that a container made in a volume",
    { Devices: [{ PathOnHost: "/var/lib/docker/volumes/v/_data/disk", PathInContainer: "/dev/x" }] },
    says("disk"),
  ],
  ["the same by a relative path", { Devices: [{ PathOnHost: "srv/disk", PathInContainer: "/dev/x" }] }, says("disk")],
  ["the host's processes", { PidMode: "host" }, says("processes")],
  ["the processes of another", { PidMode: "container:agent" }, says("another container")],
  [
    "more volumes than anybody has",
    { Binds: Array.from({ length: 20_000 }, (_, index) => `v${index}:/a/${index}`) },
    /^HTTP\/1\.1 400 [^]*mounts/,
  ],
  ["another runtime", { Runtime: "io.containerd.runc.v1" }, says("runtime")],
  ["a runtime that is there", { Runtime: "runc" }, says("runtime")],
];

/** Everything that a container can be asked to have, and what can be done to one that is there. */
export const CONTAINERS: readonly Attack[] = [
  ...SETTINGS.map(([name, hostConfig, refusal]): Attack => ({
    name,
    sends: [createWith(hostConfig as Readonly<Record<string, unknown>>)],
    refusal,
  })),
  {
    name: "an image whose VOLUMEs lie over its programs",
    sends: [create({ Image: IMAGE_OVER_CODE })],
    refusal: says("/bin"),
  },
  {
    name: "a VOLUME over programs in the request",
    sends: [create({ Image: IMAGE, Volumes: { "/bin": {} } })],
    refusal: says("/bin"),
  },
  {
    name: "a volume that was made the host's before",
    sends: [
      call(
        "POST",
        `${API}/volumes/create`,
        JSON.stringify({ Name: "petrify-attack-host", Driver: "local", DriverOpts: toHost.Options }),
      ),
      createWith({ Binds: ["petrify-attack-host:/data"] }),
    ],
    refusal: REFUSED,
  },
  {
    name: "a forged label",
    sends: [create({ Image: IMAGE, Labels: { "petrify.exempt": "true", "petrify.dev/exempt": "true" } })],
  },
  { name: "the name of somebody exempt", sends: [ORDINARY, START] },
  {
    name: "read-only undone at the start",
    sends: [ORDINARY, call("POST", "/v1.23/containers/{id}/start", '{"ReadonlyRootfs":false}')],
    refusal: /^HTTP\/1\.1 4\d\d [^]*body/i,
  },
  {
    name: "the same in one chunk",
    sends: [
      ORDINARY,
      call("POST", "/v1.23/containers/{id}/start", undefined, ["Transfer-Encoding: chunked", "", "2\r\n{}\r\n0\r\n"]),
    ],
    refusal: /^HTTP\/1\.1 4\d\d /,
  },
  {
    name: "read-only undone by an update",
    sends: [ORDINARY, call("POST", `${API}/containers/{id}/update`, '{"ReadonlyRootfs":false,"Memory":0}')],
  },
  {
    name: "devices by an update",
    sends: [ORDINARY, call("POST", `${API}/containers/{id}/update`, '{"DeviceCgroupRules":["a *:* rwm"]}')],
    refusal: REFUSED,
  },
  { name: "another name", sends: [ORDINARY, call("POST", `${API}/containers/{id}/rename?name=exempt`), START] },
  {
    name: "a privileged exec",
    sends: [
      ORDINARY,
      START,
      call("POST", `${API}/containers/{id}/exec`, JSON.stringify({ Cmd: ["true"], Privileged: true })),
    ],
    refusal: says("privileged"),
  },
  {
    name: "a privileged exec in lower case",
    sends: [
      ORDINARY,
      START,
      call("POST", `${API}/containers/{id}/exec`, JSON.stringify({ Cmd: ["true"], privileged: true })),
    ],
    refusal: says("privileged"),
  },
  {
    name: "a remount from inside",
    sends: [
      ORDINARY,
      START,
      call(
        "POST",
        `${API}/containers/{id}/exec`,
        JSON.stringify({ AttachStdout: true, AttachStderr: true, User: "0", Cmd: ["mount", "-o", "remount,rw", "/"] }),
      ),
      call("POST", `${API}/exec/{exec}/start`, "{}"),
    ],
  },
  {
    name: "a file put into a container",
    sends: [ORDINARY, call("PUT", `${API}/containers/{id}/archive?path=/`, Buffer.alloc(1024), [])],
    refusal: /^HTTP\/1\.1 (?:4|5)\d\d /,
  },
  {
    name: "a file put into a volume, where a link may take a directory's place",
    sends: [
      createWith({ ReadonlyRootfs: true, Binds: ["petrify-attack-links:/data"] }),
      call("PUT", `${API}/containers/{id}/archive?path=/data/d`, Buffer.alloc(1024), []),
    ],
    refusal: says("links"),
  },
  {
    name: "a commit with other settings",
    sends: [
      ORDINARY,
      call(
        "POST",
        `${API}/commit?container={id}&repo=petrify-attacked&tag=2`,
        JSON.stringify({ Volumes: { "/bin": {} } }),
      ),
      create({ Image: "petrify-attacked:2" }),
    ],
    refusal: REFUSED,
  },
  {
    name: "an image under the name of another",
    sends: [
      call("POST", `${API}/images/${IMAGE}/tag?repo=exempt&tag=1`),
      create({ Image: "exempt:1", HostConfig: { ReadonlyRootfs: true } }),
      START,
    ],
  },
];

/** Ways to containers beside the create of one. */
export const ROUTES: readonly Attack[] = [
  { name: "a plugin", sends: [call("POST", `${API}/plugins/pull?remote=x`, "[]")], refusal: says("plugin") },
  {
    name: "a plugin of one's own",
    sends: [call("POST", `${API}/plugins/create?name=x`, Buffer.alloc(1024))],
    refusal: says("plugin"),
  },
  {
    name: "a plugin that is there",
    sends: [call("POST", `${API}/plugins/x/enable?timeout=0`)],
    refusal: says("plugin"),
  },
  {
    name: "another's swarm",
    sends: [call("POST", `${API}/swarm/join`, '{"RemoteAddrs":["127.0.0.1:1"],"JoinToken":"x"}')],
    refusal: says("swarm"),
  },
  {
    name: "a service",
    sends: [
      call(
        "POST",
        `${API}/services/create`,
        JSON.stringify({ Name: "x", TaskTemplate: { ContainerSpec: { Image: IMAGE } } }),
      ),
    ],
    refusal: /^HTTP\/1\.1 [45]\d\d /,
  },
  {
    name: "a service of plugins",
    sends: [
      call(
        "POST",
        `${API}/services/create`,
        JSON.stringify({ Name: "x", TaskTemplate: { Runtime: "plugin", PluginSpec: { name: "x", remote: "x" } } }),
      ),
    ],
    refusal: /^HTTP\/1\.1 400 [^]*plugin/,
  },
  {
    name: "libpod's create",
    sends: [call("POST", "/v4.3.1/libpod/containers/create", JSON.stringify({ image: IMAGE }))],
    refusal: /^HTTP\/1\.1 4\d\d /,
  },
  {
    name: "libpod's create without a version",
    sends: [call("POST", "/libpod/containers/create", JSON.stringify({ image: IMAGE }))],
    refusal: /^HTTP\/1\.1 4\d\d /,
  },
  { name: "a pod", sends: [call("POST", "/v4.3.1/libpod/pods/create", "{}")], refusal: /^HTTP\/1\.1 4\d\d / },
  {
    name: "a kube file",
    sends: [call("POST", "/v4.3.1/libpod/play/kube", "kind: Pod")],
    refusal: /^HTTP\/1\.1 4\d\d /,
  },
  { name: "a route that nobody knows", sends: [call("POST", `${API}/containers/make`, "{}")], refusal: REFUSED },
  {
    name: "a method that nobody knows",
    sends: [call("CREATE", `${API}/containers/create`, "{}")],
    refusal: /^HTTP\/1\.1 4\d\d /,
  },
];
