import { readFileSync } from "node:fs";
import { type SnapshotMount, snapshotMounts, snapshotParent, type SnapshotStore } from "../containerd/snapshots.ts";

/** Where an engine's image store may be; older engines (Docker 26) do not tell their containerd's address. */
export type ToldStore = Omit<SnapshotStore, "address"> & { readonly address: string | undefined };

/** A container, whose id is the key of its snapshot; `pid` is 0 when it does not run. */
interface Snapshotted {
  readonly id: string;
  readonly pid: number;
}

/** Where containerd listens as a service of its own, and as a child of dockerd. */
const USUAL_ADDRESSES = ["/run/containerd/containerd.sock", "/run/docker/containerd/containerd.sock"];

/** Layer directories of a container, topmost first; undefined when no containerd tells them, or they are not the whole truth. */
export async function snapshotLayers(container: Snapshotted, told: ToldStore): Promise<readonly string[] | undefined> {
  return (await find(container, told))?.directories;
}

/** The same of a container's image, without what the engine lays between the two (names of hosts, mount points). */
export async function snapshotImageLayers(
  container: Snapshotted,
  told: ToldStore,
): Promise<readonly string[] | undefined> {
  const found = await find(container, told);
  if (found === undefined) return undefined;
  const parent = await snapshotParent(found.store, container.id).catch(() => undefined);
  const below = found.directories.slice(parent === `${container.id}-init` ? 2 : 1);
  return below.length === 0 ? undefined : below;
}

async function find(
  { id, pid }: Snapshotted,
  told: ToldStore,
): Promise<{ readonly store: SnapshotStore; readonly directories: readonly string[] } | undefined> {
  for (const address of addressesFor({ id, pid }, told)) {
    const store = { ...told, address };
    // One that is not the engine's does not know the id, which is random.
    const mounts = await snapshotMounts(store, id).catch(() => undefined);
    if (mounts === undefined) continue;
    SEEN.set(told, address);
    const directories = mergesPlainly() ? overlayDirectories(mounts) : undefined;
    return directories === undefined ? undefined : { store, directories };
  }
  return undefined;
}

/** Of an engine that does not tell it, what one container has shown: it holds for those that do not run, too. */
const SEEN = new WeakMap<ToldStore, string>();

function addressesFor(container: Snapshotted, told: ToldStore): readonly string[] {
  const known = told.address ?? SEEN.get(told);
  return known === undefined ? [...shimAddress(container), ...USUAL_ADDRESSES] : [known];
}

/** The containerd that a running container's shim, the parent of its first process, was started by. */
function shimAddress({ id, pid }: Snapshotted): readonly string[] {
  const parent = /^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
  const words = parent === undefined || pid === 0 ? [] : read(`/proc/${parent}/cmdline`).split("\0");
  const after = (flag: string): string | undefined => words[words.indexOf(flag) + 1];
  const address = after("-address");
  return words.includes("-address") && after("-id") === id && address !== undefined ? [address] : [];
}

/** Options with which what lies in a layer directory is not what the container sees (Documentation/filesystems/overlayfs.rst). */
const REDIRECTING: ReadonlySet<string> = new Set(["redirect_dir=on", "metacopy=on", "userxattr"]);

/** The directories of an overlay, topmost first; undefined for everything else. Exported for its test. */
export function overlayDirectories(mounts: readonly SnapshotMount[]): readonly string[] | undefined {
  const [mount, ...more] = mounts;
  if (mount?.type !== "overlay" || more.length > 0 || mount.options.some((option) => REDIRECTING.has(option)))
    return undefined;
  const value = (name: string): string | undefined =>
    mount.options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  const [upper, lower] = [value("upperdir"), value("lowerdir")];
  if (upper === undefined || lower === undefined) return undefined;
  const directories = [upper, ...lower.split(":")];
  return directories.every((path) => path.startsWith("/") && !path.includes("\\")) ? directories : undefined;
}

/** The kernel's defaults, which mounts do not repeat. */
function mergesPlainly(): boolean {
  return ["redirect_dir", "metacopy"].every((name) => read(`/sys/module/overlay/parameters/${name}`).startsWith("N"));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
