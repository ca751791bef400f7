/** Whether a link at `path` points to something above the root, as only a trap does. */
export function leadsOut(path: string, target: string): boolean {
  let depth = target.startsWith("/") ? 0 : path.split("/").length - 2;
  for (const part of target.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}
