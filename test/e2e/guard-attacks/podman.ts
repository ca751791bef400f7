import { API, type Attack, call, raw } from "./attack.ts";

export const PODMAN_IMAGE = "localhost/attacked:1";
/** Its VOLUMEs lie over its programs. */
export const PODMAN_IMAGE_OVER_CODE = "localhost/attacked:volumes";
export const LIBPOD = "/v4.3.1/libpod";
/** Where `podman run -v` would put something of the host. */
const HOST = "/host";

type Spec = Readonly<Record<string, unknown>>;

/** A create of the test's image that would be writable, with these settings; a text goes as it is. */
function spec(settings: Spec | string): Buffer {
  const body =
    typeof settings === "string"
      ? settings
      : JSON.stringify({ image: PODMAN_IMAGE, netns: { nsmode: "none" }, ...settings });
  return call("POST", `${LIBPOD}/containers/create`, body);
}

const READ_ONLY = spec({ read_only_filesystem: true });
const START = call("POST", `${LIBPOD}/containers/{id}/start`);
const text = (settings: string): Buffer => spec(`{"image":"${PODMAN_IMAGE}","netns":{"nsmode":"none"}${settings}}`);
const play = (yaml: string, query = "network=none"): Buffer =>
  raw(
    `POST ${LIBPOD}/play/kube?${query} HTTP/1.1`,
    "Host: podman",
    "Connection: close",
    "Content-Type: application/yaml",
    `Content-Length: ${Buffer.byteLength(yaml)}`,
    "",
    yaml,
  );
const REFUSED = /^HTTP\/1\.1 4\d\d [^]*"(?:message|cause)":".{30,}/;
const says = (words: string): RegExp => new RegExp(`^HTTP/1\\.1 4\\d\\d [^]*${words}`, "i");
const mount = (settings: Spec): Spec => ({ mounts: [settings] });
const bind = (source: string, destination = HOST, options: readonly string[] = ["rbind", "rw"]): Spec =>
  mount({ type: "bind", source, destination, options });
const volume = (Name: string, Dest: string, Options: readonly string[] = []): Spec => ({
  volumes: [{ Name, Dest, Options }],
});
const hostVolume = (Name: string, Options: Spec): Buffer =>
  call("POST", `${LIBPOD}/volumes/create`, JSON.stringify({ Name, Driver: "local", Options }));

/** Settings of a SpecGenerator that would lead past a read-only root. */
const SETTINGS: readonly (readonly [name: string, settings: Spec | string, why: RegExp])[] = [
  ["privileged", { privileged: true }, says("privileged")],
  ["privileged and read-only", { privileged: true, read_only_filesystem: true }, says("privileged")],
  ["privileged in another case", { PRIVILEGED: true }, says("privileged")],
  ["the capability to mount", { cap_add: ["SYS_ADMIN"] }, says("SYS_ADMIN")],
  ["the same in lower case", { cap_add: ["cap_sys_admin"] }, says("SYS_ADMIN")],
  ["all capabilities", { cap_add: ["all"] }, says("ALL")],
  ["a folder of the host as its root", { image: "", rootfs: "/" }, says("rootfs")],
  ["a folder of the host as its root, laid over", { rootfs: "/:O", rootfs_overlay: true }, says("rootfs")],
  ["the host's root", bind("/"), says("host")],
  ["the host's root, read-only, by another spelling", bind("/./tmp/..", HOST, ["ro"]), REFUSED],
  ["the host's root by a process", bind("/proc/1/root"), REFUSED],
  ["the host's root as a mount of no type", mount({ source: "/", destination: HOST, options: ["rbind"] }), REFUSED],
  [
    "the host's root as a tmpfs that is a bind",
    mount({ type: "tmpfs", source: "/", destination: HOST, options: ["rbind"] }),
    REFUSED,
  ],
  ["the host's disk as a mount", mount({ type: "ext4", source: "/dev/sda", destination: HOST }), REFUSED],
  [
    "a layer on the host's root",
    mount({
      type: "overlay",
      source: "overlay",
      destination: HOST,
      options: ["lowerdir=/,upperdir=/tmp,workdir=/tmp"],
    }),
    REFUSED,
  ],
  ["a shared mount", bind("/srv", "/srv", ["rbind", "rshared"]), says("shared")],
  ["another owner of the host's files", bind("/srv", "/srv", ["rbind", "U"]), REFUSED],
  ["a volume over programs", volume("attack", "/usr/bin"), says("/usr/bin")],
  ["an anonymous volume over programs", volume("", "/bin"), says("/bin")],
  ["a volume over programs by another spelling", volume("attack", "/srv/../bin//."), says("/bin")],
  [
    "a volume that is the host's root",
    volume("", "/data", ["volume-opt=type=none", "volume-opt=o=bind", "volume-opt=device=/"]),
    REFUSED,
  ],
  ["a layer over the host's root", { overlay_volumes: [{ source: "/", destination: HOST }] }, REFUSED],
  ["a layer over programs", { overlay_volumes: [{ source: "attack", destination: "/bin", options: ["rw"] }] }, REFUSED],
  [
    "an image that can be written, over programs",
    { image_volumes: [{ Source: PODMAN_IMAGE, Destination: "/bin", ReadWrite: true }] },
    says("/bin"),
  ],
  ["the mounts of a container that nobody knows", { volumes_from: ["nobody"] }, REFUSED],
  ["all of /proc", { unmask: ["ALL"] }, says("/proc")],
  ["one path of /proc", { unmask: ["/proc/sys"] }, says("/proc")],
  ["hooks by an annotation", { annotations: { "run.oci.hooks.stdin": "x" } }, says("annotation")],
  ["a library by an annotation", { annotations: { "run.oci.handler": "wasm" } }, says("annotation")],
  ["a mount by an annotation", { annotations: { "run.oci.mount_context_type": "x" } }, says("annotation")],
  ["another runtime", { oci_runtime: "runc" }, says("runtime")],
  ["a runtime of one's own", { oci_runtime: "/bin/sh" }, says("runtime")],
  ["a device of the host", { devices: [{ path: "/dev/sda" }] }, says("/dev/sda")],
  ["a device by the list of the host's", { host_device_list: [{ path: "/dev/mem:/dev/x:rwm" }] }, says("/dev/mem")],
  ["all devices", { device_cgroup_rule: [{ allow: true, type: "a", access: "rwm" }] }, says("device")],
  ["devices by limits", { resource_limits: { devices: [{ allow: true, type: "a", access: "rwm" }] } }, says("device")],
  ["the devices of another", { devices_from: ["nobody"] }, says("devices_from")],
  ["the host's processes by a path", { pidns: { nsmode: "path", value: "/proc/1/ns/pid" } }, /^HTTP\/1\.1 [45]/],
  ["an engine's socket as init", { init: true, init_path: "/run/docker.sock" }, says("engine")],
  ["a file of the host as its log", { log_configuration: { driver: "k8s-file", path: "/etc/cron.d/x" } }, REFUSED],
  ["a file of the host that holds a process id", { conmon_pid_file: "/etc/cron.d/x" }, REFUSED],
  ["an engine's socket as hosts", { base_hosts_file: "/run/podman/podman.sock" }, says("engine")],
  ["a secret over a program", { secrets: [{ Source: "attack", Target: "/bin/sh" }] }, says("/bin/sh")],
  ["a root that is shared with the host", { rootfs_propagation: "rshared" }, says("rootfs_propagation")],
  ["a folder for the log of its health", { healthLogDestination: "/etc" }, REFUSED],
  ["the options of its /proc", { procfs_opts: ["subset=all,rw"] }, says("procfs_opts")],
  ["a field that nobody knows", { writable_root: true }, says("writable_root")],
  ["read-only twice", `{"image":"${PODMAN_IMAGE}","read_only_filesystem":true,"read_only_filesystem":false}`, REFUSED],
  [
    "read-only again in another case",
    `{"image":"${PODMAN_IMAGE}","read_only_filesystem":true,"Read_Only_FileSystem":false}`,
    REFUSED,
  ],
  [
    "read-only again with a long s",
    `{"image":"${PODMAN_IMAGE}","read_only_filesystem":true,"read_only_file\u017fystem":false}`,
    REFUSED,
  ],
  ["read-only as text", { read_only_filesystem: "true" }, REFUSED],
  ["two texts", `{"image":"${PODMAN_IMAGE}"}{}`, REFUSED],
  ["an image whose VOLUMEs lie over its programs", { image: PODMAN_IMAGE_OVER_CODE }, says("/bin")],
];

const AWAIT_END = call("POST", `${LIBPOD}/containers/{id}/wait?condition=exited&condition=stopped`);
const LINK = "ln -s / /data/link; ln -s /etc/planted /data/planted; sleep 600";
/** Places that look like the volume at /data. */
const COPIES: readonly (readonly [name: string, query: string])[] = [
  ["into a second path", "path=/data&path=/"],
  ["into a path in another case", "path=/data&Path=/"],
  ["beside a mount by dots", "path=/data/../"],
  ["beside a mount by dots in percent code", "path=%2Fdata%2F%2E%2E%2Fetc"],
  ["beside a mount by a link in it", "path=/data/link"],
];
/** A tar of one empty file: `planted`. */
const PLANTED = tarOfOneFile("planted");

function tarOfOneFile(name: string): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write("0000644", 100);
  for (const at of [108, 116]) head.write("0000000", at);
  for (const at of [124, 136]) head.write("00000000000", at);
  head.write("        0", 148);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0`, 148);
  return Buffer.concat([head, Buffer.alloc(1024)]);
}

/** Containers of libpod's API, and what can be done to one that is there. */
export const LIBPOD_CONTAINERS: readonly Attack[] = [
  ...SETTINGS.map(([name, settings, refusal]): Attack => ({ name, sends: [spec(settings)], refusal })),
  { name: "nothing said of read-only", sends: [spec({}), START] },
  { name: "read-only refused", sends: [spec({ read_only_filesystem: false }), START] },
  { name: "read-only refused in another case", sends: [text(',"Read_Only_FileSystem":false'), START] },
  { name: "read-only as null", sends: [text(',"read_only_filesystem":null'), START] },
  { name: "the image's volumes as tmpfs", sends: [spec({ image_volume_mode: "tmpfs" }), START] },
  { name: "a chroot of its own", sends: [spec({ chroot_directories: ["/"] }), START] },
  {
    name: "an old API",
    sends: [call("POST", "/v3.0.0/libpod/containers/create", `{"image":"${PODMAN_IMAGE}"}`), START],
  },
  {
    name: "no version",
    sends: [call("POST", "/libpod/containers/create", `{"image":"${PODMAN_IMAGE}"}`)],
    refusal: /^HTTP\/1\.1 404 /,
  },
  {
    name: "a percent code",
    sends: [call("POST", `${LIBPOD}/containers/cr%65ate`, `{"image":"${PODMAN_IMAGE}"}`), START],
  },
  {
    name: "libpod in percent code",
    sends: [call("POST", "/v4.3.1/lib%70od/containers/create", `{"image":"${PODMAN_IMAGE}"}`), START],
  },
  {
    name: "Docker's create",
    sends: [
      call(
        "POST",
        `${API}/containers/create`,
        JSON.stringify({ Image: PODMAN_IMAGE, HostConfig: { NetworkMode: "none" } }),
      ),
      call("POST", `${API}/containers/{id}/start`),
    ],
  },
  {
    name: "Docker's create, privileged",
    sends: [
      call(
        "POST",
        `${API}/containers/create`,
        JSON.stringify({ Image: PODMAN_IMAGE, HostConfig: { Privileged: true } }),
      ),
    ],
    refusal: says("privileged"),
  },
  {
    name: "Docker's create with the host's root",
    sends: [
      call(
        "POST",
        `${API}/containers/create`,
        JSON.stringify({ Image: PODMAN_IMAGE, HostConfig: { Binds: ["/:/host"] } }),
      ),
    ],
    refusal: says("host"),
  },
  {
    name: "Docker's create with a layer over the host's root",
    sends: [
      call(
        "POST",
        `${API}/containers/create`,
        JSON.stringify({ Image: PODMAN_IMAGE, HostConfig: { Binds: ["/:/host:O"] } }),
      ),
    ],
    refusal: REFUSED,
  },
  {
    name: "a volume that was made the host's before",
    sends: [hostVolume("attack-host", { type: "none", o: "bind", device: "/" }), spec(volume("attack-host", "/data"))],
    refusal: REFUSED,
  },
  {
    name: "a volume that was made a layer of the host before",
    sends: [
      hostVolume("attack-layer", {
        type: "overlay",
        o: "lowerdir=/,upperdir=/tmp,workdir=/var/tmp",
        device: "overlay",
      }),
      spec(volume("attack-layer", "/data")),
    ],
    refusal: REFUSED,
  },
  {
    name: "a volume that was made the host's before, by a layer",
    sends: [
      hostVolume("attack-host", { type: "none", o: "bind", device: "/" }),
      spec({ overlay_volumes: [{ source: "attack-host", destination: "/data" }] }),
    ],
    refusal: REFUSED,
  },
  {
    name: "a volume that was made the host's before, by another's mounts",
    sends: [
      hostVolume("attack-host", { type: "none", o: "bind", device: "/" }),
      READ_ONLY,
      spec({ read_only_filesystem: true, volumes_from: ["{id}:rw"], ...volume("attack-host", "/data") }),
    ],
    refusal: REFUSED,
  },
  {
    name: "a privileged exec",
    sends: [READ_ONLY, START, call("POST", `${LIBPOD}/containers/{id}/exec`, '{"Cmd":["true"],"Privileged":true}')],
    refusal: says("privileged"),
  },
  {
    name: "a privileged exec in another case",
    sends: [READ_ONLY, START, call("POST", `${LIBPOD}/containers/{id}/exec`, '{"Cmd":["true"],"privileged":true}')],
    refusal: says("privileged"),
  },
  {
    name: "a remount from inside",
    sends: [
      READ_ONLY,
      START,
      call(
        "POST",
        `${LIBPOD}/containers/{id}/exec`,
        JSON.stringify({ AttachStdout: true, AttachStderr: true, User: "0", Cmd: ["mount", "-o", "remount,rw", "/"] }),
      ),
      call("POST", `${LIBPOD}/exec/{exec}/start`, "{}"),
    ],
  },
  {
    name: "a file put into a container",
    sends: [READ_ONLY, call("PUT", `${LIBPOD}/containers/{id}/archive?path=/`, Buffer.alloc(1024))],
    refusal: REFUSED,
  },
  ...COPIES.flatMap(([name, query]) =>
    [true, false].map((isRunning): Attack => ({
      name: `a file put ${name}, while it ${isRunning ? "runs" : "is stopped"}`,
      sends: [
        spec({ read_only_filesystem: true, command: ["/bin/sh", "-c", LINK], ...volume("attack-data", "/data") }),
        START,
        ...(isRunning ? [] : [call("POST", `${LIBPOD}/containers/{id}/kill`), AWAIT_END]),
        call("PUT", `${LIBPOD}/containers/{id}/archive?${query}`, PLANTED),
      ],
      refusal: /^HTTP\/1\.1 [45]\d\d [^]*"(?:message|cause)":".{30,}/,
    })),
  ),
  {
    name: "a file put into a mount",
    sends: [
      spec({ read_only_filesystem: true, ...volume("attack-data", "/data") }),
      START,
      call("PUT", `${LIBPOD}/containers/{id}/archive?path=/data`, PLANTED),
    ],
  },
  {
    name: "a commit of a container by a parameter in another case",
    sends: [READ_ONLY, call("POST", `${LIBPOD}/commit?container=nobody&Container={id}&repo=localhost/forged`)],
    refusal: says("parameter"),
  },
  {
    name: "its root on the host",
    sends: [READ_ONLY, call("POST", `${LIBPOD}/containers/{id}/mount`), START],
  },
  {
    name: "devices by an update",
    sends: [
      READ_ONLY,
      START,
      call("POST", `${LIBPOD}/containers/{id}/update`, '{"devices":[{"allow":true,"type":"a","access":"rwm"}]}'),
    ],
    refusal: REFUSED,
  },
  {
    name: "names of the cgroup's own by an update",
    sends: [READ_ONLY, START, call("POST", `${LIBPOD}/containers/{id}/update`, '{"unified":{"memory.max":"max"}}')],
    refusal: REFUSED,
  },
  {
    name: "a container from an archive",
    sends: [call("POST", `${LIBPOD}/containers/x/restore?import=true&name=x`, Buffer.alloc(1024))],
    refusal: REFUSED,
  },
  {
    name: "a container from an archive, said in another case",
    sends: [call("POST", `${LIBPOD}/containers/x/restore?Import=true&name=x`, Buffer.alloc(1024))],
    refusal: REFUSED,
  },
  {
    name: "a container from an archive in place of one that is there",
    sends: [READ_ONLY, call("POST", `${LIBPOD}/containers/{id}/restore?import=1`, Buffer.alloc(1024))],
    refusal: REFUSED,
  },
  {
    name: "a checkpoint and what becomes of it",
    sends: [READ_ONLY, START, call("POST", `${LIBPOD}/containers/{id}/checkpoint?leaveRunning=true`), START],
  },
  {
    name: "an imported image with a VOLUME over programs",
    sends: [
      READ_ONLY,
      call("POST", `${LIBPOD}/commit?container={id}&repo=localhost/forged&tag=1&changes=VOLUME%20/bin`),
      spec({ image: "localhost/forged:1" }),
    ],
    refusal: REFUSED,
  },
  {
    name: "an image under the name of another",
    sends: [
      call("POST", `${LIBPOD}/images/${encodeURIComponent(PODMAN_IMAGE)}/tag?repo=localhost/exempt&tag=1`),
      spec({ image: "localhost/exempt:1" }),
      START,
    ],
  },
  {
    name: "a clone by name",
    sends: [READ_ONLY, call("POST", `${LIBPOD}/containers/{id}/clone`, "{}")],
    refusal: /^HTTP\/1\.1 40[34] /,
  },
  { name: "Quadlet units", sends: [call("POST", "/v5.6.0/libpod/quadlets", "[Container]")], refusal: says("Quadlet") },
  { name: "a copy to another host", sends: [call("POST", `${LIBPOD}/images/scp/x?destination=y::`)], refusal: REFUSED },
  { name: "a cluster", sends: [call("POST", `${LIBPOD}/kube/apply`, "kind: Pod")], refusal: REFUSED },
];

export const kubePod = (settings: string, more = "", kind = "containers"): string => `
apiVersion: v1
kind: Pod
metadata: {name: attack}
spec:
  ${more}
  ${kind}:
  - name: app
    image: ${PODMAN_IMAGE}
    ${settings}
`;
const inPod = (settings: Spec): Buffer => spec({ pod: "attack", netns: {}, ...settings });
const POD_BODY = { name: "attack", netns: { nsmode: "none" } };
const pod = (settings: Spec): Buffer =>
  call("POST", `${LIBPOD}/pods/create`, JSON.stringify({ ...POD_BODY, ...settings }));
const START_POD = call("POST", `${LIBPOD}/pods/attack/start`);
const SHELL = 'command: ["/bin/sh", "-c", "sleep 600"]';

/** Pods, made by one call or another. */
export const PODS: readonly Attack[] = [
  { name: "a container in a pod", sends: [pod({}), inPod({}), START_POD] },
  {
    name: "a privileged container in a pod",
    sends: [pod({}), inPod({ privileged: true })],
    refusal: says("privileged"),
  },
  { name: "a pod with the host's root", sends: [pod(bind("/"))], refusal: REFUSED },
  { name: "a pod with a volume over programs", sends: [pod(volume("attack", "/bin"))], refusal: says("/bin") },
  { name: "a pod with a device", sends: [pod({ pod_devices: ["/dev/sda"] })], refusal: says("/dev/sda") },
  { name: "a pod without masked paths", sends: [pod({ security_opt: ["unmask=ALL"] })], refusal: REFUSED },
  { name: "a pod whose processes are shared", sends: [pod({ shared_namespaces: ["pid"] })], refusal: REFUSED },
  {
    name: "a pod whose first container runs something",
    sends: [pod({ infra_command: ["/bin/sh"] })],
    refusal: REFUSED,
  },
  { name: "a pod of another image", sends: [pod({ infra_image: PODMAN_IMAGE })], refusal: REFUSED },
  {
    name: "a container that sees the processes of its pod",
    sends: [pod({}), inPod({ pidns: { nsmode: "pod" } })],
    refusal: says("pidns"),
  },
  {
    name: "a privileged played pod",
    sends: [play(kubePod("securityContext: {privileged: true}"))],
    refusal: says("privileged"),
  },
  {
    name: "a privileged played pod in another case",
    sends: [play(kubePod("SecurityContext: {Privileged: true}"))],
    refusal: says("privileged"),
  },
  {
    name: "a played pod with the host's root",
    sends: [play(kubePod("volumeMounts: [{name: h, mountPath: /host}]", "volumes: [{name: h, hostPath: {path: /}}]"))],
    refusal: REFUSED,
  },
  {
    name: "a played pod with the host's disk",
    sends: [
      play(
        kubePod(
          "volumeMounts: [{name: h, mountPath: /host}]",
          "volumes: [{name: h, hostPath: {path: /dev/sda, type: BlockDevice}}]",
        ),
      ),
    ],
    refusal: REFUSED,
  },
  {
    name: "a played pod with a volume over programs",
    sends: [play(kubePod("volumeMounts: [{name: h, mountPath: /bin}]", "volumes: [{name: h, emptyDir: {}}]"))],
    refusal: says("/bin"),
  },
  {
    name: "a privileged init container",
    sends: [
      play(
        kubePod(SHELL, `initContainers: [{name: i, image: "${PODMAN_IMAGE}", securityContext: {privileged: true}}]`),
      ),
    ],
    refusal: says("privileged"),
  },
  {
    name: "a played pod whose processes are shared",
    sends: [play(kubePod(SHELL, "shareProcessNamespace: true"))],
    refusal: says("shareProcessNamespace"),
  },
  {
    name: "a claim that is the host's root",
    sends: [
      play(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: c\n  annotations: {volume.podman.io/device: /, volume.podman.io/type: none, volume.podman.io/mount-options: bind}\nspec: {accessModes: [ReadWriteOnce]}\n",
      ),
    ],
    refusal: REFUSED,
  },
  { name: "a played image that is built", sends: [play(kubePod(SHELL), "network=none&build=true")], refusal: REFUSED },
  {
    name: "a played pod with hooks by an annotation",
    sends: [play(kubePod(SHELL).replace("{name: attack}", "{name: attack, annotations: {run.oci.handler: wasm}}"))],
    refusal: says("annotation"),
  },
  {
    name: "a played pod with an annotation of the query",
    sends: [play(kubePod(SHELL), `annotations=${encodeURIComponent('{"run.oci.handler":"wasm"}')}`)],
    refusal: REFUSED,
  },
  { name: "an alias", sends: [play(kubePod("securityContext: &a {privileged: true}\n    x: *a"))], refusal: REFUSED },
  {
    name: "a kind that nobody knows",
    sends: [play("apiVersion: v1\nkind: Quod\nmetadata: {name: x}\n")],
    refusal: REFUSED,
  },
];

/** What is let through only where clients are trusted: of a manifest nobody knows yet which image its infra container gets. */
export const PLAYED: readonly Attack[] = [
  { name: "a played pod", sends: [play(kubePod(SHELL))] },
  {
    name: "a played pod, writable in so many words",
    sends: [play(kubePod(`${SHELL}\n    securityContext: {readOnlyRootFilesystem: false}`))],
  },
  {
    name: "an init container that writes",
    sends: [
      play(
        kubePod(
          SHELL,
          `initContainers: [{name: i, image: "${PODMAN_IMAGE}", command: [/bin/sh, -c, "echo > /x; sleep 600"]}]`,
        ),
        "network=none&start=false",
      ),
    ],
  },
  {
    name: "played pods in two documents",
    sends: [play(`${kubePod(SHELL)}---\n${kubePod(SHELL).replace("attack}", "another}")}`)],
  },
];
