import { join } from "node:path";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";
import { overlaidScript } from "./overlaid.ts";
import { busyboxPath } from "./private-engine.ts";

/** Debian's Podman, unpacked and not installed. */
const PACKAGES = [
  "podman",
  "crun",
  "conmon",
  "catatonit",
  "golang-github-containers-common",
  "golang-github-containers-image",
];

// Limits may not be raised on every machine where tests run.
const CONTAINERS_CONF = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

const SET_UP = `# crun refuses a host where the second version of cgroups has controllers beside the first.
umount /sys/fs/cgroup/unified 2> /dev/null || true
printf '%s' "$CONTAINERS_CONF_TEXT" > /etc/containers/containers.conf
end() {
  set +e
  podman pod rm --all --force --time 0
  podman rm --all --force --time 0
  find /sys/fs/cgroup -depth -path '*/libpod_parent*' -type d -exec rmdir {} +
}
trap 'end > /dev/null 2>&1' EXIT
mkdir -p image/bin image/etc/app image/run image/tmp image/own image/data image/cache
cp "$BUSYBOX" image/bin/busybox
for name in $(image/bin/busybox --list); do [ -e "image/bin/$name" ] || ln -s busybox "image/bin/$name"; done
printf 'root:x:0:0::/:/bin/sh\\nwww:x:33:33::/:/bin/sh\\n' > image/etc/passwd
echo shipped > image/etc/app/conf
chown 33:4 image/etc/app/conf image/own
chmod 750 image/own
tar -C image -c . | podman import --change 'ENV PATH=/bin' - localhost/app:1 > /dev/null 2>&1
`;

/** Where Debian's Podman is unpacked. */
export async function podmanRoot(): Promise<string> {
  return (await unpackPackages(PACKAGES, join(defaultCacheDir(), "packages"))).root;
}

/**
 * What a script prints that has Debian's `podman`, and the image `localhost/app:1` of busybox: /etc/app holds a file of 33:4, and
 * /own is 0750 33:4. Nothing of it is left when it ends.
 */
export async function podmanScript(script: string): Promise<string> {
  const env = { BUSYBOX: await busyboxPath(), CONTAINERS_CONF_TEXT: CONTAINERS_CONF };
  return overlaidScript([await podmanRoot()], SET_UP + script, { env });
}
