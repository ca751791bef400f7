import type { PathRecord, Profile } from "../model/profile.ts";
import { missesStart } from "../model/unseen.ts";
import { type Ground, shippedDirectory } from "./ground.ts";
import type { Need } from "./needs.ts";
import { nearest } from "./paths.ts";

/** What is made there comes and goes, and leaves no trace in a container's layer. */
const TRACELESS: readonly string[] = ["/tmp", "/var/tmp"];

/** Needs that nobody saw: programs make temporary files when they start, and of a start that was not observed only lasting files are known. */
export function guessedNeeds(
  ground: Ground,
  { header }: Profile,
  given: ReadonlyMap<string, unknown>,
): readonly Need[] {
  if (!missesStart(header.incomplete)) return [];
  return TRACELESS.filter(
    (path) => shippedDirectory(ground.tree, path) !== undefined && nearest(path, given) === undefined,
  ).map((path) => ({ record: nobodysRecord(path), directory: path, keep: undefined, isGuessed: true }));
}

function nobodysRecord(path: string): PathRecord {
  return {
    path,
    mount: "/",
    mountType: "unknown",
    type: "dir",
    done: [],
    failed: [],
    by: [],
    uids: [],
    created: false,
    createsItself: false,
    survived: false,
    readBack: false,
    renewed: false,
    executed: false,
    sizeClassBytes: 0,
    movesTo: [],
  };
}
