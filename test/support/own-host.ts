import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { bundle } from "../../scripts/bundle.ts";
import { snapshot } from "../../src/guard/install/testing.ts";

const MODULES = join(import.meta.dirname, "../../node_modules");
/** Directories whose content is this host's own; what is below changes nothing outside. */
const OWN = ["etc", "usr", "opt", "var"];
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Ran {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A host of a test's own: mounts, processes and network that nobody else has, with packages as if they were installed and Petrify in
 * /opt/petrify as it is shipped. It ends with this process, and with it all that ran there.
 */
export class OwnHost implements AsyncDisposable {
  readonly #holder: ChildProcess;
  readonly #folder: string;
  readonly #pid: number;
  /** Parent of the cgroups of its containers. */
  readonly cgroup: string;

  private constructor(holder: ChildProcess, folder: string, pid: number) {
    this.#holder = holder;
    this.#folder = folder;
    this.#pid = pid;
    // By another name than those that `petrify doctor --clean` knows for an engine's.
    this.cgroup = basename(folder).replace("petrify-", "");
  }

  static async start(packageRoots: readonly string[]): Promise<OwnHost> {
    const folder = mkdtempSync(join(tmpdir(), "petrify-own-host-"));
    await bundle(join(folder, "dist"));
    mkdirSync(join(folder, "state"));
    const holder = spawn(
      "unshare",
      ["-m", "-p", "-n", "-f", "--mount-proc", "--kill-child", "sh", "-c", SET_UP, "sh"],
      {
        cwd: "/",
        stdio: ["pipe", "pipe", "inherit"],
        env: {
          PATH,
          FOLDER: folder,
          MODULES,
          ARCH: process.arch,
          ROOTS: packageRoots.join(" "),
          OWN: OWN.join(" "),
        },
      },
    );
    const first = await Promise.race([once(holder.stdout, "data"), once(holder, "exit")]);
    if (!String(first[0]).startsWith("ready")) throw new Error(`no host: ${String(first)}`);
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
    return new OwnHost(holder, folder, Number(children));
  }

  /** The same path as this process reaches it; only through directories that are no links. */
  at(path: string): string {
    return `/proc/${this.#pid}/root${path}`;
  }

  run(words: readonly string[], timeoutMs = 60_000): Ran {
    return spawnSync("nsenter", this.#enter(words), { encoding: "utf8", cwd: "/", env: { PATH }, timeout: timeoutMs });
  }

  /** Its output; throws when it fails. */
  ok(...words: readonly string[]): string {
    const { status, stdout, stderr } = this.run(words);
    if (status !== 0) throw new Error(`${words.join(" ")}: ${status} ${stdout}${stderr}`);
    return stdout;
  }

  petrify(...args: readonly string[]): Ran {
    return this.run(["petrify", ...args]);
  }

  /** Runs until it is stopped, or the host ends. `output` is a file of the host. */
  start(words: readonly string[], output: string): Service {
    const script = 'log=$1; shift; echo $$; exec "$@" > "$log" 2>&1 < /dev/null';
    const child = spawn("nsenter", this.#enter(["sh", "-c", script, "sh", output, ...words]), {
      cwd: "/",
      env: { PATH },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = once(child.stdout, "data").then(([data]) => String(data).trim());
    const ended = once(child, "exit");
    return {
      stop: async (signal = "TERM") => {
        this.run(["sh", "-c", `kill -${signal} ${await pid}`]);
        await ended;
      },
    };
  }

  /** Everything in these folders: kind, mode, owner and content by path. */
  tree(...folders: readonly string[]): Readonly<Record<string, string>> {
    return Object.assign({}, ...folders.map((folder) => prefixed(folder, snapshot(this.at(folder)))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, "exit");
    this.#holder.stdin?.end();
    await ended;
    for (const controller of readdirSync("/sys/fs/cgroup"))
      removeCgroups(join("/sys/fs/cgroup", controller, this.cgroup));
    removeCgroups(join("/sys/fs/cgroup", this.cgroup));
    rmSync(this.#folder, { recursive: true });
  }

  #enter(words: readonly string[]): readonly string[] {
    return ["-t", String(this.#pid), "-m", "-p", "-n", "--", ...words];
  }
}

export interface Service {
  /** Resolves when it has ended. */
  stop(signal?: "TERM" | "KILL"): Promise<void>;
}

function prefixed(folder: string, found: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(found).map(([path, text]) => [folder + path, text]));
}

function removeCgroups(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) removeCgroups(join(path, entry.name));
    rmdirSync(path);
  } catch {
    // There is none in this hierarchy.
  }
}

/** What is in /etc and the others stays visible; what is written goes to memory. The holder ends when its standard input does. */
const SET_UP = `set -eu
ip link set lo up
mount -t tmpfs -o mode=0755 tmpfs "$FOLDER/state"
for name in $OWN; do
  mkdir -p "$FOLDER/state/$name" "$FOLDER/state/work-$name"
  lower=
  for root in $ROOTS; do if [ -d "$root/$name" ]; then lower="$lower$root/$name:"; fi; done
  mount -t overlay overlay -o "lowerdir=$lower/$name,upperdir=$FOLDER/state/$name,workdir=$FOLDER/state/work-$name" "/$name"
done
for root in $ROOTS; do
  if [ -d "$root/lib/systemd" ]; then cp -r "$root/lib/systemd" /usr/lib/; fi
  if [ -d "$root/bin" ]; then cp -r "$root/bin/." /usr/bin/; fi
done
for directory in /usr/local /var/lib /var/cache /var/log; do mount -t tmpfs -o mode=0755 tmpfs "$directory"; done
mkdir /usr/local/bin
mkdir -p /opt/petrify/node_modules/@koromix /opt/petrify/node/bin
cp -r "$FOLDER/dist" "$MODULES/../bin" /opt/petrify/
mkdir /opt/petrify/node_modules/koffi "/opt/petrify/node_modules/@koromix/koffi-linux-$ARCH"
mount --bind "$MODULES/koffi" /opt/petrify/node_modules/koffi
mount --bind "$MODULES/@koromix/koffi-linux-$ARCH" "/opt/petrify/node_modules/@koromix/koffi-linux-$ARCH"
: > /opt/petrify/node/bin/node
mount --bind "$MODULES/node-linux-$ARCH/bin/node" /opt/petrify/node/bin/node
printf '{"name": "petrify", "type": "module"}' > /opt/petrify/package.json
ln -s /opt/petrify/bin/petrify /usr/local/bin/petrify
if grep -q ' /sys/fs/cgroup/unified cgroup2 ' /proc/self/mounts; then umount /sys/fs/cgroup/unified; fi
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/lock /run/test
echo ready
exec cat
`;
