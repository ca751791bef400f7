import type { FileTree } from "../../model/image.ts";
import { childOf } from "../paths.ts";

/**
 * Files that a program loads and runs without an executable bit. An attacker who can write beside them runs code,
 * so their directories stay read-only unless the application keeps its state there.
 */
const CODE_NAME = /\.(?:so(?:\.[\d.]+)?|py|pyc|js|mjs|cjs|node|php|phtml|jar|war|class|rb|pl|pm|lua|wasm|dll|ex|beam)$/;

/** Whether a file of this name is loaded and run by a program. */
export function isCodeName(name: string): boolean {
  return CODE_NAME.test(name);
}

/** Whether the image ships something executable straight in `directory`. */
export function holdsCode(tree: FileTree, directory: string): boolean {
  return tree.children(directory).some((name) => {
    const entry = tree.entry(childOf(directory, name));
    return entry?.type === "file" && ((entry.mode & 0o111) !== 0 || CODE_NAME.test(name));
  });
}

/** Whether the image ships something executable in `directory` or anywhere below it. */
export function holdsCodeBelow(tree: FileTree, directory: string): boolean {
  return (
    holdsCode(tree, directory) ||
    tree.children(directory).some((name) => {
      const path = childOf(directory, name);
      return tree.entry(path)?.type === "dir" && holdsCodeBelow(tree, path);
    })
  );
}
