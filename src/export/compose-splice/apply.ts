import { isAlias, isMap, isScalar, isSeq } from "yaml";
import { type ComposeMount, withReason } from "../compose-service.ts";
import type { YamlMap } from "../../strategy/yaml-text.ts";
import type { SpliceChange } from "./change.ts";
import { addItems, addPairs, ownPair, setValue } from "./edit.ts";
import { listOf } from "./existing-mounts.ts";
import { findService } from "./service.ts";
import { type ComposeSource, invalid, readCompose } from "./source.ts";

/** Writes a change into the text, one edit after the other. Throws E_COMPOSE_INVALID. */
export function applyChange(before: ComposeSource, change: SpliceChange): ComposeSource {
  const edits: readonly ((source: ComposeSource) => string)[] = [
    (source) => (change.setReadOnly ? setReadOnly(source, change.service) : source.text),
    (source) => extendList(source, change.service, "tmpfs", change.tmpfs),
    (source) => extendList(source, change.service, "volumes", change.volumes),
    (source) => addTopLevelVolumes(source, change.topLevelVolumes),
  ];
  return edits.reduce((source, edit) => {
    const text = edit(source);
    return text === source.text ? source : readCompose(text);
  }, before);
}

function setReadOnly(source: ComposeSource, name: string): string {
  const { map } = findService(source, name);
  const pair = ownPair(map, "read_only");
  if (pair === undefined) return addPairs(source, map, { read_only: true });
  refuseMergeTag(name, "read_only", pair.value);
  return setValue(source, pair, true);
}

function extendList(
  source: ComposeSource,
  name: string,
  key: "tmpfs" | "volumes",
  mounts: readonly ComposeMount[],
): string {
  if (mounts.length === 0) return source.text;
  const { map, settings } = findService(source, name);
  const added = mounts.map(withReason);
  const all = [...listOf(settings[key]), ...added];
  const pair = ownPair(map, key);
  // A key of its own hides one that comes by `<<`: what came from there is written out with it.
  if (pair === undefined) return addPairs(source, map, { [key]: all });
  refuseMergeTag(name, key, pair.value);
  if (isSeq(pair.value)) return addItems(source, pair.value, added);
  if (isScalar(pair.value) || isAlias(pair.value)) return setValue(source, pair, all);
  throw invalid(`The service '${name}' has '${key}' in a form that cannot be extended.`, "Write it as a list.");
}

function addTopLevelVolumes(source: ComposeSource, volumes: YamlMap): string {
  if (Object.keys(volumes).length === 0) return source.text;
  const pair = ownPair(source.root, "volumes");
  if (pair === undefined) return addPairs(source, source.root, { volumes });
  if (isMap(pair.value)) return addPairs(source, pair.value, volumes);
  if (isScalar(pair.value) && pair.value.value === null) return setValue(source, pair, volumes);
  throw invalid(
    "The top-level 'volumes' of the Compose file are not written as a map.",
    "Write them out, and run this again.",
  );
}

/** `!reset` and `!override` say how this file merges with others (compose-spec 13-merge), which cannot be seen from here. */
function refuseMergeTag(name: string, key: string, value: unknown): void {
  const tag = isScalar(value) || isSeq(value) ? value.tag : undefined;
  if (tag === "!reset" || tag === "!override")
    throw invalid(
      `The service '${name}' has '${key}' tagged ${tag}, and what that leaves depends on other files.`,
      "Change the file in which it is set instead.",
    );
}
