import { spawnSync } from "node:child_process";

export interface OverlaidOptions {
  /** Environment of the script, besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * What a shell script prints that sees unpacked packages as if they were installed; throws what it says when it fails.
 *
 * It has mounts, processes and a network of its own: with it ends all that it started. /run and /var/lib are empty, and what it
 * writes to /etc is its own too.
 */
export function overlaidScript(roots: readonly string[], script: string, { env = {} }: OverlaidOptions = {}): string {
  const directories = (name: string): string => [...roots.map((root) => `${root}/${name}`), `/${name}`].join(":");
  const setUp = `set -e
ip link set lo up
mount -t tmpfs tmpfs /run && mkdir -p /run/work /run/etc /run/home /run/script
for root in ${roots.join(" ")}; do mkdir -p "$root/etc" "$root/usr"; done
mount -t overlay overlay -o lowerdir=${directories("usr")} /usr
mount -t overlay overlay -o lowerdir=${directories("etc")},upperdir=/run/etc,workdir=/run/work /etc
mount -t tmpfs tmpfs /var/lib
cd /run/script
`;
  const { status, stdout, stderr, error } = spawnSync(
    "unshare",
    ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", setUp + script],
    {
      cwd: "/",
      encoding: "utf8",
      timeout: 100_000,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/run/home", LC_ALL: "C.UTF-8", ...env },
    },
  );
  if (status !== 0) throw new Error(`script: ${error?.message ?? ""}${stdout}${stderr}`);
  return stdout;
}
