import type { ImageRecipe } from "../../../demo/images/recipe.ts";
import type { Operation } from "../../../src/model/event.ts";

/** An image that behaves badly in one way, and what a profile of it must say. */
export interface Oddity {
  readonly recipe: ImageRecipe;
  /** tmpfs that the user gives: target -> options. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly expected: {
    /** The exit code it ends with by itself; absent when it runs until it is stopped. */
    readonly exitCode?: number;
    /** Operations that succeed at a path. `*` in a path stands for any name. */
    readonly done: readonly { readonly path: string; readonly operation: Operation }[];
    readonly failed?: readonly { readonly path: string; readonly operation: Operation; readonly errno: string }[];
    /** Paths that must not be in the profile: names through which something was reached, not what was written. */
    readonly absent?: readonly string[];
    /** More than the sensor must keep up with: losing events is allowed when the profile says so. */
    readonly mayLose?: true;
  };
}

/** Each script is the container's first process, under busybox' shell. */
function script(name: string, text: string, files: ImageRecipe["files"] = {}): ImageRecipe {
  return {
    name: `odd-${name}`,
    base: "busybox",
    packages: [],
    files: { ...files, "/bin/odd": { text: `#!/bin/sh\n${text}\n`, mode: 0o755 } },
    run: () => ({ command: ["/bin/odd"] }),
    deviations: [],
  };
}

export const EXITS_AT_ONCE: Oddity = {
  recipe: script("exits", "exit 0"),
  expected: { exitCode: 0, done: [] },
};

export const CRASHES: Oddity = {
  // In a child: the kernel does not let the first process of a pid namespace signal itself to death (pid_namespaces(7)).
  recipe: script("crashes", "mkdir /var/half; echo half >/var/half/done\n/bin/sh -c 'kill -SEGV $$'\nexit $?"),
  expected: {
    exitCode: 139,
    done: [
      { path: "/var/half", operation: "mkdir" },
      { path: "/var/half/done", operation: "open" },
    ],
  },
};

export const MANY_FILES: Oddity = {
  recipe: script("many-files", "mkdir /many; i=0\nwhile [ $i -lt 100000 ]; do : >/many/$i.dat; i=$((i+1)); done"),
  expected: {
    exitCode: 0,
    done: [
      { path: "/many", operation: "mkdir" },
      { path: "/many/*", operation: "open" },
    ],
  },
};

export const FILLS_ITS_DISK: Oddity = {
  recipe: script("fills-disk", "dd if=/dev/zero of=/full/file bs=64k\nexit 3"),
  tmpfs: { "/full": "size=1m" },
  expected: {
    exitCode: 3,
    done: [{ path: "/full/file", operation: "write" }],
    failed: [{ path: "/full/file", operation: "write", errno: "ENOSPC" }],
  },
};

export const ROUNDABOUT_PATHS: Oddity = {
  recipe: script(
    "paths",
    `mkdir -p /srv/real/deep /srv/other
ln -sfn /srv/real /srv/link
cd /var/run && echo 1 >./app.pid
cd /srv/link/deep && echo relative >../../other/../real/up
echo through >/srv/link/through
mv ../through ../moved
ln -sf ../real/up /srv/other/dangling && echo again >/srv/other/dangling`,
  ),
  expected: {
    exitCode: 0,
    done: [
      { path: "/srv/link", operation: "symlink" },
      { path: "/run/app.pid", operation: "open" },
      { path: "/srv/real/up", operation: "open" },
      { path: "/srv/real/through", operation: "open" },
      { path: "/srv/real/through", operation: "rename" },
    ],
    absent: ["/var/run/app.pid", "/srv/link/through", "/srv/other/real"],
  },
};

export const SHORT_PROCESSES: Oddity = {
  // A path with a slash makes the shell start a process; a bare name could run inside it.
  recipe: script("forks", "mkdir /forks; i=0\nwhile [ $i -lt 1000 ]; do /bin/touch /forks/$i.lock; i=$((i+1)); done"),
  expected: { exitCode: 0, done: [{ path: "/forks/*", operation: "open" }] },
};

export const FLOODS: Oddity = {
  recipe: script(
    "floods",
    `mkdir -p /flood
for worker in 1 2 3 4; do
  ( i=0; while [ $i -lt 50000 ]; do : >/flood/$worker.$((i % 1000)); i=$((i+1)); done ) &
done
dd if=/dev/zero of=/var/bytes bs=1 count=300000 2>/dev/null
wait; exit 0`,
  ),
  expected: {
    exitCode: 0,
    done: [
      { path: "/flood/*", operation: "open" },
      { path: "/var/bytes", operation: "write" },
    ],
    mayLose: true,
  },
};

export const KEEPS_STATE: Oddity = {
  recipe: script(
    "state",
    `[ -e /srv/state/visits ] && read visits </srv/state/visits
echo $((visits+1)) >/srv/state/visits.new && mv /srv/state/visits.new /srv/state/visits
trap 'exit 0' TERM
while :; do sleep 1 & wait $!; done`,
    { "/srv/state": { directory: true, mode: 0o755 } },
  ),
  expected: {
    done: [{ path: "/srv/state/visits.new", operation: "rename" }],
  },
};
