import { type FileTree, resolveInTree } from "../../model/image.ts";

const SEARCHED = ["/bin", "/usr/bin", "/sbin", "/usr/sbin"];
const PROGRAMS = ["sh", "mkdir", "chown", "chmod", "ln"];
const EXECUTABLE = 0o111;

/** A name or number that a USER instruction takes for what it is. */
const USER = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?)?$/;

/** Whether an image with this user has what a RUN of a few directories and links needs, and can get its user back after it. */
export function canRun(tree: FileTree, user: string): boolean {
  return (
    USER.test(user) &&
    isProgram(tree, "/bin/sh") &&
    PROGRAMS.every((name) => SEARCHED.some((folder) => isProgram(tree, `${folder}/${name}`)))
  );
}

function isProgram(tree: FileTree, path: string): boolean {
  const entry = tree.entry(resolveInTree(tree, path, true));
  return entry?.type === "file" && (entry.mode & EXECUTABLE) !== 0;
}
