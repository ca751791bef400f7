import type { MountRef, Operation, WriteEvent } from "../../model/event.ts";
import type { Ledger, Place } from "./ledger.ts";
import { hashedLevels } from "./hashed-folders.ts";
import { generaliseName, isUnnamed, privatePattern, WILDCARD } from "./names.ts";
import { canHoldData, isKernelInterface, isNoise, USES } from "./rules.ts";

/** Notes what a successful call did to its path. */
type Effect = (ledger: Ledger, place: Place, event: WriteEvent) => void;

/** `rename` and `link` have two ends: see moves.ts. */
const EFFECTS: Readonly<Record<Exclude<Operation, "rename" | "link">, Effect>> = {
  open,
  mkdir: make,
  symlink: make,
  mknod: make,
  bind: make,
  rmdir: remove,
  unlink: remove,
  chmod: change,
  chown: change,
  utimes: change,
  xattr: change,
  truncate,
  fallocate: write,
  write,
  access: () => {},
  read: readBack,
  exec: execute,
  mapexec: execute,
};

/** Folds a successful call with one path. */
export function applySuccess(
  ledger: Ledger,
  event: WriteEvent,
  operation: keyof typeof EFFECTS,
  mount: MountRef | undefined,
): void {
  if (USES.has(operation) && !isRunFromStore(operation, mount)) {
    const known = ledger.tree.find(event.path)?.state;
    if (known === undefined || known.done.size === 0) return;
  }
  if (operation !== "write") ledger.noteName(event.path);
  const named = operation === "write" ? underCurrentName(ledger, event) : event;
  const place = ledger.touch(named.path, named, mount);
  place.state.done.add(operation);
  EFFECTS[operation](ledger, place, named);
}

/** Whether code that was there before is run from a volume or a bind. The root's is the image's, and a tmpfs has none but what the run made. */
function isRunFromStore(operation: Operation, mount: MountRef | undefined): boolean {
  if (operation === "read" || mount === undefined) return false;
  return mount.target !== "/" && mount.fsType !== "tmpfs" && !mount.readOnly;
}

/** The kernel tells the total of a file late, under the name by which it was opened: it had that size under each name since. */
function underCurrentName(ledger: Ledger, event: WriteEvent): WriteEvent {
  let { path } = event;
  for (let next = ledger.movedTo(path); next !== undefined; next = ledger.movedTo(path)) {
    ledger.tree.find(path)?.state?.enlarge(event.sizeBytes ?? 0);
    path = next;
  }
  return path === event.path ? event : { ...event, path };
}

/** Folds a failed call. */
export function applyFailure(ledger: Ledger, event: WriteEvent, mount: MountRef | undefined): void {
  // The new name is what a link could not make; a rename fails for its source or for both ends.
  const isNewName = event.operation === "link" && event.path2 !== undefined;
  const path = isNewName ? (event.path2 ?? event.path) : nameOfFailure(ledger, event);
  const failedOn = isNewName ? (event.mount2 ?? ledger.mountOf(path)) : mount;
  if (event.result === 0 || isKernelInterface(path, failedOn)) return;
  if (isNoise(event, ledger.image?.entry(path) !== undefined)) return;
  const { state } = ledger.touch(path, event, failedOn);
  state.fail(event.operation, event.result);
  if (event.operation === "open" && event.wantsCreate === true) state.wantedCreate = true;
}

/** Clean-ups try numbered names until one is missing (`ib_logfile0` to `101`): together they are one, lest they crowd out the files that are there. */
function nameOfFailure(ledger: Ledger, { path, result }: WriteEvent): string {
  if (result !== "ENOENT" || ledger.image?.entry(path) !== undefined || ledger.tree.find(path) !== undefined)
    return path;
  const names = path.split("/");
  const last = names.length - 1;
  const firstHashed = last - hashedLevels(names);
  const isChance = (at: number): boolean =>
    at >= firstHashed && ledger.image?.entry(names.slice(0, at + 1).join("/")) === undefined;
  return names.map((name, at) => (at === last ? missedName(name) : isChance(at) ? WILDCARD : name)).join("/");
}

/** As a whole first: an id taken apart by its digits is no longer known as one. */
function missedName(name: string): string {
  return generaliseName(name).replace(/\d+/g, WILDCARD);
}

function open(ledger: Ledger, named: Place, event: WriteEvent): void {
  const place = event.created === true ? knownAsPrivate(ledger, named, event) : named;
  if (event.wantsCreate === true) place.state.wantedCreate = true;
  if (event.created === true) {
    make(ledger, place, event);
  } else {
    ledger.foundExisting(place, event.path, event.wantsCreate !== true);
    if (event.truncated === true) ledger.putContent(place, event.path);
    // Databases open what they wrote for both; logs are only appended to.
    else if (event.reads === true) readBack(ledger, place, event);
  }
  measure(ledger, place, event);
}

/** A new file that only its owner may read can have a drawn name: then it stands for all of its kind. */
function knownAsPrivate(ledger: Ledger, place: Place, { path, mode, reads }: WriteEvent): Place {
  if (mode === undefined || (mode & 0o777) !== 0o600) return place;
  const pattern = privatePattern(path.slice(path.lastIndexOf("/") + 1), reads === true);
  if (pattern === undefined) return place;
  ledger.tree.rename(place.node, pattern);
  return ledger.placeOf(place.node.resolve());
}

function make(ledger: Ledger, place: Place, event: WriteEvent): void {
  place.state.made = true;
  place.state.wantedCreate = true;
  // Nobody tells when the last descriptor of a file without a name is closed: the next one takes its place. Counted together they
  // would be as many as the file system happened to have free inodes for, another number in each run.
  if (hasNoName(event)) for (const earlier of place.state.live?.keys() ?? []) ledger.contents.drop(place.node, earlier);
  ledger.putContent(place, event.path);
}

function hasNoName({ path }: WriteEvent): boolean {
  return isUnnamed(path.slice(path.lastIndexOf("/") + 1));
}

function remove(ledger: Ledger, place: Place, event: WriteEvent): void {
  ledger.discard(place, event.path);
  if (ledger.contents.drop(place.node, event.path) === undefined) ledger.foundExisting(place, event.path, false);
  place.state.gone = true;
}

function change(ledger: Ledger, place: Place, event: WriteEvent): void {
  ledger.foundExisting(place, event.path, true);
}

function truncate(ledger: Ledger, place: Place, event: WriteEvent): void {
  ledger.foundExisting(place, event.path, true);
  write(ledger, place, event);
}

function write(ledger: Ledger, place: Place, event: WriteEvent): void {
  const isKnown = ledger.contents.get(place.node, event.path) !== undefined;
  // Everything alive of what the run made is known: otherwise this is the kernel's late total of a file that is gone.
  if (!isKnown && !place.state.made) ledger.putContent(place, event.path);
  measure(ledger, place, event);
}

function measure(ledger: Ledger, { node, state }: Place, event: WriteEvent): void {
  const { path, sizeBytes, bytes } = event;
  const content = ledger.contents.get(node, path);
  if (bytes !== undefined) {
    const before = content?.writtenBytes ?? state.bytes;
    // A smaller total belongs to a new inode of the same name.
    if (bytes >= before) state.bytes += bytes - before;
    else if (content !== undefined) state.bytes += bytes;
    if (content !== undefined) content.writtenBytes = bytes;
    state.maxWrittenBytes = Math.max(state.maxWrittenBytes, bytes);
  }
  state.enlarge(sizeBytes ?? 0);
  const size = sizeBytes ?? (state.maxSizeBytes === 0 ? bytes : undefined);
  // The late total of a file without a name that was taken for closed.
  if (size !== undefined && (content !== undefined || !hasNoName(event))) ledger.contents.resize(node, path, size);
}

/** Content of an earlier phase, not replaced since, is used: whoever made it counts on it. */
function readBack(ledger: Ledger, { node, state }: Place, event: WriteEvent): void {
  const since = ledger.contents.get(node, event.path)?.phase ?? state.untrackedSince;
  if (since < ledger.phase && canHoldData(event.path, state.type ?? "file")) state.readBack = true;
}

function execute(_ledger: Ledger, place: Place): void {
  place.state.executed = true;
}
