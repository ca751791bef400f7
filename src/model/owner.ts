export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner as a container sees it, whose root is `root` on this host: a user namespace gives it one range of ids from there on
 * (`dockerd --userns-remap`). Ids below are those of a container that shares the host's users (`--userns=host`), and stay.
 */
export function ownerInContainer({ uid, gid }: Owner, root: Owner | undefined): Owner {
  if (root === undefined) return { uid, gid };
  return { uid: uid < root.uid ? uid : uid - root.uid, gid: gid < root.gid ? gid : gid - root.gid };
}
