import type { TreeAnswer } from "../model/image.ts";
import type { ProfileReference, Strategy } from "../model/strategy.ts";
import { deriveStrategy } from "../strategy/derive.ts";
import type { Learned } from "./learned.ts";
import { AskedTree } from "./tree-slice.ts";

export interface Derivation {
  readonly strategy: Strategy;
  /** What it asked of the image's content. */
  readonly asked: readonly TreeAnswer[];
}

/** A profile's hash is not known before the profile holds what was asked. */
export const NO_REFERENCE: ProfileReference = { file: "", sha256: "" };

/** The strategy that follows from what was learned. */
export function derivation(learned: Learned, profile: ProfileReference = NO_REFERENCE): Derivation {
  const tree = new AskedTree(learned.tree);
  const strategy = deriveStrategy({ ...learned, tree, profileReference: profile });
  return { strategy, asked: tree.answers() };
}
