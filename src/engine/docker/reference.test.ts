import { expect, test } from "vitest";
import { parseReference, registryOf } from "./reference.ts";

const HEX = "0123456789abcdef".repeat(4);

test.each([
  ["nginx", "nginx", undefined, undefined, "docker.io"],
  ["nginx:1.27-alpine", "nginx", "1.27-alpine", undefined, "docker.io"],
  ["team/app", "team/app", undefined, undefined, "docker.io"],
  ["localhost/app", "localhost/app", undefined, undefined, "localhost"],
  ["localhost:5000/app", "localhost:5000/app", undefined, undefined, "localhost:5000"],
  ["registry.example/a/b:1", "registry.example/a/b", "1", undefined, "registry.example"],
  ["[::1]:5000/app", "[::1]:5000/app", undefined, undefined, "[::1]:5000"],
  [`app@sha256:${HEX}`, "app", undefined, `sha256:${HEX}`, "docker.io"],
  [`app:1@sha256:${HEX}`, "app", "1", `sha256:${HEX}`, "docker.io"],
])("%s", (text, name, tag, digest, registry) => {
  const reference = parseReference(text);
  expect(reference).toEqual({ name, tag, digest, isId: false });
  expect(registryOf(reference)).toBe(registry);
});

test("an id is one, with and without its algorithm", () => {
  for (const id of [HEX, `sha256:${HEX}`]) expect(parseReference(id)).toMatchObject({ name: id, isId: true });
});

test.each([
  "",
  "Nginx",
  "nginx:",
  "nginx:a:b",
  ":tag",
  "a//b",
  "/a",
  "a/",
  "a..b",
  "../x",
  "a/../b",
  "a?b",
  "a#b",
  "a%2fb",
  "a b",
  "a\n",
  "-a",
  "a@sha256:12",
  "a@b",
  "a".repeat(256),
])("%j is none", (text) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "E_IMAGE_REFERENCE" }));
});
