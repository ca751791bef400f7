import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { anyText } from "../../test/support/arbitrary.ts";
import { Commented, type YamlMap, mapLines } from "./yaml-text.ts";

test("block style, comments above what they are about, null as nothing", () => {
  const map: YamlMap = {
    services: {
      web: { tmpfs: [new Commented(["why"], "/run")], volumes: [{ type: "bind", target: "/a:b" }], command: [] },
    },
    volumes: { data: null },
  };
  expect(mapLines(map).join("\n")).toMatchInlineSnapshot(`
    "services:
      web:
        tmpfs:
          # why
          - /run
        volumes:
          - type: bind
            target: /a:b
        command: []
    volumes:
      data:"
  `);
});

const TRICKY = [
  "no y ON null ~ 1 1e3 022 0x1f 22:22 2001-01-01 1_000 .5 - --- << = a: #x a#x ' \" \\ %x @x `x &x *x !x | > ? [a {a".split(
    " ",
  ),
  ["a: b", "a #x", "? x", "--- ", "", "\u0085", "\u2028", "\uFEFF", "\0", "\u007F", "a\nb", " a", "a ", "\t"],
].flat();

// `1.1` is how docker-compose 1.29 reads (PyYAML): there `no` is false, 022 is 18 and 22:22 is 1342.
test.each(["1.1", "1.2"] as const)("any text comes back as that text from a reader of YAML %s", (version) => {
  const tricky = fc.constantFrom(...TRICKY);
  const text = fc.oneof(tricky, anyText);
  fc.assert(
    fc.property(text, text, (key, value) => {
      const map = { [key]: [value, { [key]: value }], last: value };
      const read: unknown = parse(mapLines(map).join("\n") + "\n", { version });
      expect(read).toEqual(map);
    }),
  );
});
