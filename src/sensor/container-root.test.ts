import { expect, test } from "vitest";
import { ContainerRoot } from "./container-root.ts";

// No process of the container lives, so nothing can be looked at: what is known comes from events alone.

test("a directory that an event told of is known, with all above it, when nobody can look any more", () => {
  const root = new ContainerRoot("c");
  root.holds("/tmp/up-1/deep");
  expect(["/tmp", "/tmp/up-1", "/tmp/up-1/deep", "/tmp/other"].map((path) => root.lookUp(path).kind)).toEqual([
    "plain", "plain", "plain", "unknown",
  ]); // prettier-ignore
});

test("what is removed or made anew is forgotten, with all below it", () => {
  const root = new ContainerRoot("c");
  root.holds("/a/b/c");
  root.changed("/a/b", "/elsewhere");
  expect(root.lookUp("/a")).toEqual({ kind: "plain" });
  expect(root.lookUp("/a/b")).toEqual({ kind: "link", target: "/elsewhere" });
  expect(root.lookUp("/a/b/c")).toEqual({ kind: "unknown" });
  root.holds("/a/b/c");
  expect(root.lookUp("/a/b")).toEqual({ kind: "plain" });
});

test("a directory takes what is known below it along when it is renamed", () => {
  const root = new ContainerRoot("c");
  root.holds("/wal.tmp/deep");
  root.changed("/wal.tmp/deep/link", "/target");
  root.holds("/old/x");
  root.moved("/wal.tmp", "/old", false);
  expect(root.lookUp("/old/deep")).toEqual({ kind: "plain" });
  expect(root.lookUp("/old/deep/link")).toEqual({ kind: "link", target: "/target" });
  expect(["/wal.tmp", "/wal.tmp/deep", "/old/x"].map((path) => root.lookUp(path).kind)).toEqual([
    "unknown", "unknown", "unknown",
  ]); // prettier-ignore
});

test("two that change places keep what is known of both", () => {
  const root = new ContainerRoot("c");
  root.holds("/a/inside");
  root.changed("/b", "/target");
  root.moved("/a", "/b", true);
  expect(root.lookUp("/a")).toEqual({ kind: "link", target: "/target" });
  expect(root.lookUp("/b/inside")).toEqual({ kind: "plain" });
});
