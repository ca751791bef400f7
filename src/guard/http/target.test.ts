import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiTarget } from "../api-call.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { parseTarget, writeTarget } from "./target.ts";

describe("targets of real clients", () => {
  test.each<[string, string, { version?: string; libpod?: boolean; parts: string[]; query?: [string, string][] }]>([
    ["/_ping", "/_ping", { parts: ["_ping"] }],
    ["/", "/", { parts: [] }],
    [
      "/v1.41/containers/json?all=1",
      "/v1.41/containers/json?all=1",
      { version: "1.41", parts: ["containers", "json"], query: [["all", "1"]] },
    ],
    // The docker CLI leaves slashes and colons of an image as they are; docker-py quotes all but these two.
    [
      "/v1.51/images/registry.example:5000/a/b:1.2/json",
      "/v1.51/images/registry.example:5000/a/b:1.2/json",
      { version: "1.51", parts: ["images", "registry.example:5000", "a", "b:1.2", "json"] },
    ],
    // Podman's bindings and dockerode encode a name as a whole.
    [
      "/v4.3.1/libpod/images/registry.example%2Fa%3A1/json",
      "/v4.3.1/libpod/images/registry.example/a:1/json",
      { version: "4.3.1", libpod: true, parts: ["images", "registry.example", "a:1", "json"] },
    ],
    ["/images/a%2Fb/json", "/images/a/b/json", { parts: ["images", "a", "b", "json"] }],
    ["/images/a@sha256:00/get", "/images/a@sha256:00/get", { parts: ["images", "a@sha256:00", "get"] }],
    ["/libpod/_ping", "/libpod/_ping", { libpod: true, parts: ["_ping"] }],
    ["/containers/cr%65ate", "/containers/create", { parts: ["containers", "create"] }],
    ["/networks/mein%20netz%c3%bc", "/networks/mein%20netz%C3%BC", { parts: ["networks", "mein netzü"] }],
    [
      "/v1.24/containers/json?filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D",
      "/v1.24/containers/json?filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D",
      { version: "1.24", parts: ["containers", "json"], query: [["filters", '{"label":["a=b"]}']] },
    ],
    [
      "/build?t=a+b&&q&x=",
      "/build?t=a%20b&q=&x=",
      {
        parts: ["build"],
        query: [
          ["t", "a b"],
          ["q", ""],
          ["x", ""],
        ],
      },
    ],
    [
      "/build?a=1&a=2&A=3",
      "/build?a=1&a=2&A=3",
      {
        parts: ["build"],
        query: [
          ["a", "1"],
          ["a", "2"],
          ["A", "3"],
        ],
      },
    ],
    ["/version?", "/version", { parts: ["version"] }],
  ])("%s", (raw, written, expected) => {
    const target = parseTarget(raw);
    expect(target).toEqual({ libpod: false, query: [], ...expected });
    expect(writeTarget(target)).toBe(written);
  });
});

describe("targets that two readers could take for different things are refused", () => {
  test.each([
    "//containers/json",
    "/containers//json",
    "/containers/json/",
    "/containers/./json",
    "/containers/x/../create",
    "/containers/%2e%2e/create",
    "/containers/.%2e/create",
    "/containers%2Fcreate",
    "/containers%2fcreate",
    "/v1.41%2Fcontainers/create",
    "/images/..%2Fcontainers%2Fcreate",
    "/images/a%2F/json",
    "/containers\\create",
    "/containers%5Ccreate",
    "/containers;x/create",
    "/containers%3Bx/create",
    "/containers/create%3Fname=x",
    "/containers/create#x",
    "/containers/cr%25%36%35ate%",
    "/containers/%",
    "/containers/%4",
    "/containers/%zz",
    "/containers/%00",
    "/containers/%0d%0aX:%20y",
    "/containers/%ff",
    "/containers/%c0%af",
    "/containers/%e2%80%ae",
    "/containers/%7f",
    "/contain\u00e9rs",
    "/v1/containers/create",
    "/v1.041/containers/create",
    "/v01.41/containers/create",
    "/v1.41.0/containers/create",
    "/v1.41./containers/create",
    "/v.41/containers/create",
    "/V1.41/containers/create",
    "/v1.41-dev/containers/create",
    "/v4.3.1/containers/create",
    "/v%31.41/containers/create?a=%",
    "/build?a=1;b=2",
    "/build?a=%zz",
    "/build?a=%00",
    "/build?%ff=1",
  ])("%s", (target) => {
    expect(() => parseTarget(target)).toThrow(HttpRefusal);
  });
});

test("the one spelling is read as the same target, and written the same", () => {
  const text = fc.stringMatching(/^[ -~ü€]{1,8}$/);
  const raw = fc
    .tuple(fc.array(text, { maxLength: 4 }), fc.array(fc.tuple(text, text), { maxLength: 3 }))
    .map(
      ([parts, query]) =>
        `/${parts.map(encodeURIComponent).join("/")}?${query.map((pair) => pair.map(encodeURIComponent).join("=")).join("&")}`,
    );
  fc.assert(
    fc.property(raw, (target) => {
      const parsed = parsedOrRefused(target);
      if (parsed === undefined) return;
      const written = writeTarget(parsed);
      expect(parseTarget(written)).toEqual(parsed);
      expect(writeTarget(parseTarget(written))).toBe(written);
      // As another reader of URLs has it: WHATWG's, which cleans dots and backslashes.
      expect(new URL(written, "http://docker").pathname).toBe(written.split("?")[0]);
      expect([...new URL(written, "http://docker").searchParams]).toEqual(parsed.query);
    }),
    { numRuns: 2_000 },
  );
});

function parsedOrRefused(target: string): ApiTarget | undefined {
  try {
    return parseTarget(target);
  } catch (error) {
    if (error instanceof HttpRefusal) return undefined;
    throw error;
  }
}
