import { describe, expect, it } from "vitest";
import type { Change } from "../../../policy/decision.ts";
import { readLibpodCreate } from "./create.ts";

const HEAD = { query: [], maxBytes: 1 << 20 };

function read(body: unknown) {
  return readLibpodCreate(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), HEAD);
}
function container(fields: object) {
  const [one] = read({ image: "busybox", ...fields }).containers;
  if (one === undefined) throw new Error("no container");
  return one;
}
function changed(fields: object, ...changes: readonly Change[]): unknown {
  return JSON.parse(
    read({ image: "busybox", ...fields })
      .body([changes])
      .toString(),
  );
}

describe("what a SpecGenerator asks for", () => {
  it("has the words of no engine", () => {
    const asked = container({
      name: "web",
      labels: { app: "web" },
      entrypoint: ["/bin/sh"],
      command: ["-c", "true"],
      env: { A: "1", B: "x=y" },
      user: "1:2",
      work_dir: "/srv",
      read_only_filesystem: true,
      privileged: true,
      volumes_from: ["other:ro"],
      cap_add: ["CAP_SYS_ADMIN", "net_raw"],
      cap_drop: ["all"],
      seccomp_profile_path: "unconfined",
      apparmor_profile: "unconfined",
      selinux_opts: ["disable"],
      no_new_privileges: true,
      resource_limits: { pids: { limit: 20 }, memory: { limit: 1_000_000 } },
      log_configuration: { driver: "none" },
      oci_runtime: "runc",
      pidns: { nsmode: "host" },
      netns: { nsmode: "path", value: "/proc/1/ns/net" },
      ipcns: { nsmode: "container", value: "other" },
      userns: { nsmode: "host" },
    });
    expect(asked).toEqual({
      name: "web",
      labels: { app: "web" },
      imageReference: "busybox",
      entrypoint: ["/bin/sh"],
      command: ["-c", "true"],
      env: ["A=1", "B=x=y"],
      user: "1:2",
      workingDir: "/srv",
      readOnlyRoot: true,
      privileged: true,
      mounts: [],
      volumesFrom: ["other:ro"],
      capAdd: ["SYS_ADMIN", "NET_RAW"],
      capDrop: ["ALL"],
      devices: [],
      deviceRules: [],
      securityOptions: ["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
      noNewPrivileges: true,
      pidsLimit: 20,
      memoryBytes: 1_000_000,
      logDriver: "none",
      runtime: "runc",
      hostNamespaces: ["pid", "network"],
      joinedNamespaces: [{ namespace: "ipc", container: "other" }],
      unknownFields: [],
    });
  });

  it.each([
    [
      { mounts: [{ destination: "/a/", type: "bind", source: "/etc", options: ["rbind", "ro", "rslave"] }] },
      { type: "bind", source: "/etc", target: "/a", readOnly: true, propagation: "rslave" },
    ],
    [
      { mounts: [{ destination: "/a/../b", type: "bind", source: "/etc" }] },
      { type: "bind", source: "/etc", target: "/b", readOnly: false },
    ],
    [
      { mounts: [{ destination: "/t", type: "tmpfs", options: ["size=1m"] }] },
      { type: "tmpfs", target: "/t", readOnly: false, exec: true },
    ],
    [
      { mounts: [{ destination: "/t", type: "tmpfs", options: ["noexec"] }] },
      { type: "tmpfs", target: "/t", readOnly: false, exec: false },
    ],
    [{ volumes: [{ Dest: "/v" }] }, { type: "volume", target: "/v", readOnly: false }],
    [
      { volumes: [{ Name: "data", Dest: "/v", Options: ["ro", "U"] }] },
      { type: "volume", source: "data", target: "/v", readOnly: true },
    ],
    [
      { volumes: [{ Dest: "/v", Options: ["volume-opt=type=none", "volume-opt=o=bind", "volume-opt=device=/etc"] }] },
      { type: "volume", target: "/v", readOnly: false, driverOptions: { type: "none", o: "bind", device: "/etc" } },
    ],
    [
      { overlay_volumes: [{ destination: "/o", source: "/usr" }] },
      { type: "bind", source: "/usr", target: "/o", readOnly: false },
    ],
    [
      { image_volumes: [{ Source: "tools", Destination: "/i", ReadWrite: true }] },
      { type: "image", source: "tools", target: "/i", readOnly: false },
    ],
    [
      { artifact_volumes: [{ source: "tools", destination: "/i" }] },
      { type: "image", source: "tools", target: "/i", readOnly: true },
    ],
    [
      { init: true, init_path: "/run/docker.sock" },
      { type: "bind", source: "/run/docker.sock", target: "/dev/init", readOnly: true },
    ],
    [{ base_hosts_file: "/etc/shadow" }, { type: "bind", source: "/etc/shadow", target: "/etc/hosts", readOnly: true }],
    [{ secrets: [{ Source: "s", Target: "/bin/sh" }] }, { type: "other", target: "/bin/sh", readOnly: false }],
  ])("mounts: %j", (fields, mount) => {
    expect(container(fields)).toMatchObject({ mounts: [mount], unknownFields: [] });
  });

  it("names the mounts that Podman makes by itself", () => {
    expect(container({ read_write_tmpfs: true }).mounts.map(({ target }) => target)).toEqual([
      "/run",
      "/tmp",
      "/var/tmp",
    ]);
    expect(container({ systemd: "always" }).mounts.map(({ target }) => target)).toContain("/run/lock");
  });

  it("counts on no masked path when any is given free", () => {
    const asked = container({ unmask: ["/proc/s*"] });
    expect([asked.maskedPaths, asked.readOnlyPaths]).toEqual([[], []]);
    expect(container({ unmask: [] }).maskedPaths).toBeUndefined();
    expect(container({ mask: ["/proc/x"] }).maskedPaths).toBeUndefined();
  });

  it.each([
    [{ devices: [{ path: "/dev/sda" }] }, { hostPath: "/dev/sda", containerPath: "/dev/sda", permissions: "rwm" }],
    [{ devices: [{ path: "/dev/sda:/dev/x:r" }] }, { hostPath: "/dev/sda", containerPath: "/dev/x", permissions: "r" }],
    [{ devices: [{ path: "/dev/sda:rw" }] }, { hostPath: "/dev/sda", containerPath: "/dev/sda", permissions: "rw" }],
    [
      { host_device_list: [{ path: "/dev/mem" }] },
      { hostPath: "/dev/mem", containerPath: "/dev/mem", permissions: "rwm" },
    ],
  ])("devices: %j", (fields, device) => {
    expect(container(fields).devices).toEqual([device]);
  });

  it("takes rules of devices from both places", () => {
    const rule = { allow: true, type: "b", major: 8, access: "rwm" };
    expect(container({ device_cgroup_rule: [{ ...rule, allow: false }] }).deviceRules).toEqual(["b 8:* rwm"]);
    expect(container({ resource_limits: { devices: [rule, { ...rule, allow: false }] } }).deviceRules).toEqual([
      "b 8:* rwm",
    ]);
  });
});

describe("what it does not understand is named", () => {
  it.each([
    [
      { mounts: [{ destination: "/x", type: "overlay", options: ["lowerdir=/,upperdir=/etc,workdir=/w"] }] },
      "mounts[0].type=overlay",
    ],
    [{ mounts: [{ destination: "/x", type: "ext4", source: "/dev/sda1" }] }, "mounts[0].type=ext4"],
    [{ mounts: [{ destination: "/x", type: "proc", source: "proc" }] }, "mounts[0].type=proc"],
    [{ mounts: [{ destination: "/dev", type: "tmpfs", source: "/etc", options: ["rbind"] }] }, "mounts[0].type=tmpfs"],
    [{ mounts: [{ destination: "/x", type: "bind", source: "/etc", options: ["U"] }] }, "mounts[0].options=U"],
    [{ volumes: [{ Name: "v", Dest: "/x", Options: ["O", "upperdir=/etc"] }] }, "volumes[0].Options=upperdir=/etc"],
    [
      { overlay_volumes: [{ destination: "/x", source: "/usr", options: ["upperdir=/etc"] }] },
      "overlay_volumes[0].options=upperdir=/etc",
    ],
    [{ conmon_pid_file: "/etc/cron.d/x" }, "conmon_pid_file"],
    [{ log_configuration: { path: "/etc/cron.d/x" } }, "log_configuration.path"],
    [{ healthLogDestination: "/etc/cron.d" }, "healthLogDestination"],
    [{ pod: "p", pidns: { nsmode: "pod" } }, "pidns=pod"],
    [{ devices_from: ["other"] }, "devices_from"],
    [{ gpus: ["all"] }, "gpus"],
    [{ unified: { "memory.max": "max" } }, "unified"],
    [{ resource_limits: { unified: { "memory.max": "max" } } }, "resource_limits.unified"],
    [{ rootfs_propagation: "rshared" }, "rootfs_propagation"],
    [{ seccomp_policy: "image" }, "seccomp_policy=image"],
    [{ procfs_opts: ["bind"] }, "procfs_opts=bind"],
    [{ annotations: { "run.oci.seccomp.plugins": "/tmp/x.so" } }, "annotations[run.oci.seccomp.plugins]"],
    [{ annotations: { "io.kubernetes.cri-o.SandboxID": "x" } }, "annotations[io.kubernetes.cri-o.SandboxID]"],
    [{ annotations: { "run.oci.handler": "wasm" } }, "annotations[run.oci.handler]"],
    [
      { annotations: { "io.podman.annotations.cid-file": "/etc/passwd" } },
      "annotations[io.podman.annotations.cid-file]",
    ],
    [{ annotations: { "org.criu.config": "/tmp/c" } }, "annotations[org.criu.config]"],
    [{ hooks_dir: ["/tmp"] }, "hooks_dir"],
  ])("%j", (fields, unknown) => {
    expect(container(fields).unknownFields).toContain(unknown);
  });

  it("and what only shows is not", () => {
    const annotations = {
      "io.podman.annotations.seccomp": "x",
      "io.kubernetes.cri-o.TTY": "false",
      "com.example.team": "web",
    };
    expect(container({ annotations, healthLogDestination: "local", procfs_opts: ["hidepid=2"] }).unknownFields).toEqual(
      [],
    );
  });
});

describe("what cannot be judged is refused", () => {
  it.each([
    [{ rootfs: "/srv/root", image: "" }, "rootfs"],
    [{ rootfs: "/srv/root", image: "busybox", rootfs_overlay: true }, "rootfs"],
    [{}, "image must name an image"],
    [{ raw_image_name: "busybox" }, "image must name an image"],
    [{ image: "b", mounts: [{ destination: "/", type: "bind", source: "/srv" }] }, "the container's root"],
    [{ image: "b", mounts: [{ destination: "/a/..", type: "tmpfs" }] }, "the container's root"],
    [{ image: "b", volumes: [{ Dest: "//" }] }, "the container's root"],
    [{ image: "b", mounts: [{ destination: "a", type: "tmpfs" }] }, "must name an absolute path"],
    [{ image: "b", mounts: [{ destination: "/a", type: "bind", source: "etc" }] }, "must be an absolute path"],
    [{ image: "b", volumes: [{ Name: "../etc", Dest: "/x" }] }, "must be the name of a volume"],
    [{ image: "b", volumes: [null] }, "must be an object"],
    [{ image: "b", volumes: [{ Dest: "/x", Options: ["volume-opt"] }] }, "without a key"],
    [{ image: "b", devices: [{ path: "a:b:c:d" }] }, "must name a device"],
    ['{"image":"b","read_only_filesystem":true,"Read_Only_Filesystem":false}', "twice"],
    ['{"image":"b","read_only_filesystem":true,"read_only_file\u017Fystem":false}', "twice"],
    ['{"image":"b","image":"c"}', "twice"],
    ['{"image":"b"}{"image":"c"}', "goes on after its end"],
    ['{"image":"b","read_only_filesystem":"true"}', "must be true or false"],
  ])("%j", (body, problem) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ code: "E_REQUEST_BODY", message: expect.stringContaining(problem) }),
    );
  });
});

describe("the body that is sent instead", () => {
  it("has each field under its own name", () => {
    const body =
      '{"IMAGE":"b","Read_Only_File\u017Fystem":true,"networks":{"x":{}},"volumes":[{"name":"v","dest":"/v"}]}';
    expect(JSON.parse(read(body).body([]).toString())).toEqual({
      image: "b",
      read_only_filesystem: true,
      Networks: { x: {} },
      volumes: [{ Name: "v", Dest: "/v" }],
    });
  });

  const image = "busybox";
  it.each<[string, object, Change, object]>([
    ["read-only", {}, { kind: "readOnlyRoot" }, { image, read_only_filesystem: true, read_write_tmpfs: false }],
    [
      "read-only with the client's tmpfs",
      { read_write_tmpfs: true },
      { kind: "readOnlyRoot" },
      { image, read_only_filesystem: true, read_write_tmpfs: true },
    ],
    [
      "read-only against a null",
      { read_only_filesystem: null },
      { kind: "readOnlyRoot" },
      { image, read_only_filesystem: true, read_write_tmpfs: false },
    ],
    [
      "tmpfs",
      {},
      { kind: "tmpfs", path: "/run", sizeBytes: 65_536, mode: 0o755, uid: 0, gid: 0, exec: false },
      {
        image,
        mounts: [
          {
            destination: "/run",
            type: "tmpfs",
            source: "tmpfs",
            options: ["rw", "nosuid", "nodev", "noexec", "notmpcopyup", "size=65536", "mode=0755"],
          },
        ],
      },
    ],
    [
      "tmpfs of another owner",
      {},
      { kind: "tmpfs", path: "/run", sizeBytes: 65_536, mode: 0o755, uid: 5, gid: 6, exec: true },
      {
        image,
        volumes: [
          {
            Name: "",
            Dest: "/run",
            Options: [
              "nosuid",
              "nodev",
              "exec",
              "nocopy",
              "volume-opt=type=tmpfs",
              "volume-opt=device=tmpfs",
              "volume-opt=o=nr_blocks=16,mode=0755,uid=5,gid=6",
            ],
          },
        ],
      },
    ],
    [
      "volume",
      { volumes: [{ Dest: "/a" }] },
      { kind: "volume", path: "/b", name: "v" },
      { image, volumes: [{ Dest: "/a" }, { Name: "v", Dest: "/b", Options: [] }] },
    ],
    ["env", { env: { A: "1" } }, { kind: "env", name: "B", value: "2" }, { image, env: { A: "1", B: "2" } }],
    ["no-new-privileges", {}, { kind: "noNewPrivileges" }, { image, no_new_privileges: true }],
    [
      "pids",
      { resource_limits: { memory: { limit: 5 } } },
      { kind: "pidsLimit", limit: 7 },
      { image, resource_limits: { memory: { limit: 5 }, pids: { limit: 7 } } },
    ],
    [
      "memory",
      { resource_limits: { memory: { swap: 5 } } },
      { kind: "memory", bytes: 7 },
      { image, resource_limits: { memory: { swap: 5, limit: 7 } } },
    ],
    [
      "capabilities",
      { cap_drop: ["KILL"] },
      { kind: "dropCapabilities", names: ["NET_RAW"] },
      { image, cap_drop: ["KILL", "NET_RAW"] },
    ],
    [
      "log driver",
      {},
      { kind: "logDriver", driver: "k8s-file", options: { "max-size": "1m", tag: "t" } },
      { image, log_configuration: { driver: "k8s-file", size: 1_048_576, options: { tag: "t" } } },
    ],
  ])("%s", (_, fields, change, expected) => {
    expect(changed(fields, change)).toEqual(expected);
  });

  it.each<Change>([
    { kind: "readOnlyPaths", paths: ["/etc"] },
    { kind: "volume", path: "/x", driver: "nfs" },
  ])("has no place for %j", (change) => {
    expect(() => changed({}, change)).toThrow(expect.objectContaining({ code: "E_REQUEST_CHANGE" }));
  });
});
