import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolvePath, type LinkState, type PathRequest } from "./resolve.ts";

/** A file system of symlinks and directories; what is not named is absent. */
function world(entries: Readonly<Record<string, string | null>>): (path: string) => LinkState {
  return (path) => {
    const target = entries[path];
    if (target === undefined) return { kind: "absent" };
    return target === null ? { kind: "plain" } : { kind: "link", target };
  };
}

const WORLD = world({
  "/a": null,
  "/a/b": null,
  "/a/c": null,
  "/a/b/up": "../c",
  "/var": null,
  "/var/run": "/run",
  "/run": null,
  "/run/x": null,
  "/abs": "/a/b",
  "/rel": "a//b/",
  "/self": "self",
  "/ping": "/pong",
  "/pong": "ping",
  "/above": "../../../../etc",
  "/etc": null,
  "/empty-parts": "./a/./b/.",
  "/jail": null,
  "/jail/l": "/real",
  "/jail/real": null,
  "/jail/out": "../../../../../etc",
  "/etc/l": "/etc",
});
const REQUEST: PathRequest = { text: "", base: "/", root: "/", followLast: false, succeeded: false };

type Case = readonly [text: string, expected: string, options?: Partial<PathRequest>];

describe("a text means", () => {
  const cases: readonly Case[] = [
    ["/a/b/x", "/a/b/x"],
    ["x", "/a/x", { base: "/a" }],
    ["", "/a/b", { base: "/a/b" }],
    ["//a///b//", "/a/b"],
    ["./../b/./x", "/b/x", { base: "/a" }],
    ["../../../../x", "/x"],
    ["/..", "/"],
    ["/var/run/app.pid", "/run/app.pid"],
    ["/var/run", "/var/run"],
    ["/var/run", "/run", { followLast: true }],
    ["/var/run/", "/run"],
    ["/abs/../x", "/a/x"],
    ["/rel/x", "/a/b/x"],
    ["/a/b/up/x", "/a/c/x"],
    ["/empty-parts/x", "/a/b/x"],
    ["/above/x", "/etc/x"],
    ["/none/../x", "/x"],
    ["/none/deep/x", "/none/deep/x"],
    // A chroot'ed process: absolute texts and links start at its root, and `..` stays within.
    ["/x", "/jail/x", { root: "/jail" }],
    ["/l/x", "/jail/real/x", { root: "/jail" }],
    ["/../../x", "/jail/x", { root: "/jail" }],
    ["/out/x", "/jail/etc/x", { root: "/jail" }],
    // One that kept a directory outside gets out, as in the kernel.
    ["../x", "/x", { root: "/jail", base: "/a" }],
    ["l/x", "/jail/etc/x", { root: "/jail", base: "/etc" }],
  ];
  test.each(cases.map(([text, path, options]) => ({ text, path, request: { ...REQUEST, text, ...options } })))(
    "$text -> $path",
    ({ path, request }) => {
      expect(resolvePath(request, WORLD)).toEqual({ path, certain: true });
    },
  );
});

test.each(["/self/x", "/ping/x"])("a ring of links ends: %s", (text) => {
  expect(resolvePath({ ...REQUEST, text }, WORLD).path).toMatch(/^\/[a-z]+/);
});

test("a link that doubles itself is given up after 40 links, however often it is named", () => {
  let asked = 0;
  const bomb = (): LinkState => {
    asked++;
    return { kind: "link", target: "x/x/x/x/x/x/x/x" };
  };
  resolvePath({ ...REQUEST, text: "/x" + "/x".repeat(2000) }, bomb);
  expect(asked).toBe(41);
});

describe("is not certain", () => {
  test("when nobody could be asked", () => {
    expect(resolvePath({ ...REQUEST, text: "/a/x" }, () => ({ kind: "unknown" }))).toEqual({
      path: "/a/x",
      certain: false,
    });
  });
  test("but needs nobody for a name in a directory that the kernel walked", () => {
    expect(resolvePath({ ...REQUEST, text: "x", base: "/a" }, () => ({ kind: "unknown" })).certain).toBe(true);
  });
  test("when a call succeeded below what is gone by now", () => {
    expect(resolvePath({ ...REQUEST, text: "/gone/x", succeeded: true }, WORLD).certain).toBe(false);
  });
});

test("the result is absolute and normal, below the root for absolute texts, and nothing behind a link is looked at", () => {
  const part = fc.constantFrom("a", "b", "..", ".", "", "l", "m");
  const target = fc.array(part, { maxLength: 4 }).map((parts) => parts.join("/"));
  const link = fc.option(fc.tuple(fc.constantFrom("", "/"), target), { nil: null });
  const property = fc.property(
    fc.array(part, { maxLength: 8 }),
    fc.dictionary(fc.constantFrom("/a", "/l", "/a/l", "/j/l", "/j/m", "/a/b/m"), link),
    fc.constantFrom("/", "/j"),
    (parts, links, root) => {
      const looked: string[] = [];
      const result = resolvePath({ ...REQUEST, text: `/${parts.join("/")}`, root, followLast: true }, (path) => {
        looked.push(path);
        const found = links[path];
        return found ? { kind: "link", target: found.join("") } : { kind: "plain" };
      });
      expect(result.path).toMatch(/^\/$|^(\/(?!\.{1,2}(\/|$))[^/]+)+$/);
      expect(`${result.path}/`.startsWith(root === "/" ? "/" : "/j/")).toBe(true);
      for (const path of looked)
        for (const [known, found] of Object.entries(links))
          expect(found !== null && path.startsWith(`${known}/`)).toBe(false);
    },
  );
  fc.assert(property);
});
