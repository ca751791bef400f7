import { API, call, type Attack } from "./attack.ts";
import {
  LIBPOD,
  PODMAN_IMAGE,
  READ_ONLY,
  REFUSED,
  START,
  hostVolume,
  says,
  spec,
  text,
  volume,
} from "./podman-calls.ts";
import { SETTINGS } from "./podman-settings.ts";

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
    refusal: /^HTTP\/1\.1 403 [^]*links/i,
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
