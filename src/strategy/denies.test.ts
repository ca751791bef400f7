import { describe, expect, test } from "vitest";
import type { Operation } from "../model/event.ts";
import type { DenyEntry } from "../model/strategy.ts";
import { denies } from "./denies.ts";

const deny = (path: string, ...operations: readonly Operation[]): DenyEntry => ({
  kind: "deny",
  path,
  operations,
  why: "x",
});

describe("denied", () => {
  test.each<[DenyEntry, Operation, string]>([
    [deny("/etc/x", "open"), "open", "/etc/x"],
    [deny("/etc/sed*", "open"), "open", "/etc/sedAbC"],
    [deny("/etc/sed*", "open"), "open", "/etc/sed*"],
    [deny("/a/*", "open"), "open", "/a/b"],
    [deny("/a/*.py*.c", "open"), "open", "/a/x.pyc.py.c"],
    [deny("/a/*/b", "open"), "open", "/a/x/b"],
    [deny("/a/__pycache__", "mkdir"), "mkdir", "/a/__pycache__"],
    [deny("/a/__pycache__", "mkdir"), "open", "/a/__pycache__/x/y.pyc"],
  ])("%o: %s %s", (entry, operation, path) => {
    expect(denies(entry, operation, path)).toBe(true);
  });
});

describe("not denied", () => {
  test.each<[DenyEntry, Operation, string]>([
    [deny("/etc/x", "open"), "unlink", "/etc/x"],
    [deny("/etc/x", "open"), "open", "/etc/xy"],
    [deny("/etc/x", "open"), "open", "/etc/x/y"],
    [deny("/etc/x", "open"), "open", "/etc"],
    [deny("/a/*", "open"), "open", "/a/b/c"],
    [deny("/a/*", "open"), "open", "/a"],
    [deny("/a/x*x", "open"), "open", "/a/x"],
    [deny("/a/*b*b", "open"), "open", "/a/ab"],
    [deny("/a/b.c", "open"), "open", "/a/bxc"],
    [deny("/a/(x|y)", "open"), "open", "/a/x"],
    [deny("/a/__pycache__", "mkdir"), "chmod", "/a/__pycache__"],
    [deny("/a/__pycache__", "mkdir"), "open", "/a/__pycache__x"],
  ])("%o: %s %s", (entry, operation, path) => {
    expect(denies(entry, operation, path)).toBe(false);
  });
});
