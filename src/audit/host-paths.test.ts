import { expect, test } from "vitest";
import { isEngineSocket, isHostSecret, isHostSystem, isRawDevice } from "./host-paths.ts";

test.each([
  [
    "an engine's socket",
    isEngineSocket,
    "/run/docker.sock /var/run/docker.sock /run/user/1000/docker.sock /tmp/containerd.sock /run/k3s/containerd/containerd.sock /run /var/run /run/podman \\\\.\\pipe\\docker_engine",
  ],
  [
    "the host's system",
    isHostSystem,
    "/ /etc /etc/cron.d/x /etc/shadow /usr/bin/env /lib/modules /sys/fs/cgroup /var/lib/docker/overlay2 /dev /etc/petrify/policy.yaml /var/cache/petrify-guard /usr/local/libexec/petrify",
  ],
  ["the host's secret", isHostSecret, "/ /etc /root /root/.ssh/id_rsa /home /var/lib/kubelet/pods /etc/kubernetes"],
  [
    "a raw device",
    isRawDevice,
    "/dev /dev/ /dev/sda /dev/sda1 /dev/vdb /dev/xvda1 /dev/nvme0n1 /dev/mmcblk0p2 /dev/dm-0 /dev/mapper/vg-root /dev/disk/by-id/x /dev/loop0 /dev/mem",
  ],
])("%s", (_what, is, paths) => {
  expect(paths.split(" ").filter((path) => !is(path))).toEqual([]);
});

test.each([
  [
    "an engine's socket",
    isEngineSocket,
    "/run/postgresql /srv/docker.sock.d /srv/docker /docker_engine.txt /var/run/app.sock",
  ],
  [
    "the host's system",
    isHostSystem,
    "/srv /home/app /etc/localtime /etc/nginx /var/lib/docker/volumes/x/_data /usr/share/zoneinfo /dev/shm /binaries /opt/app /mnt",
  ],
  ["the host's secret", isHostSecret, "/etc/localtime /home/app /srv /var/lib/docker/volumes/x/_data /rooted"],
  [
    "a raw device",
    isRawDevice,
    "/dev/null /dev/dri /dev/ttyUSB0 /dev/fuse /dev/kvm /dev/net/tun /dev/snd /dev/video0 /dev/shm",
  ],
])("not %s", (_what, is, paths) => {
  expect(paths.split(" ").filter(is)).toEqual([]);
});
