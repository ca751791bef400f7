import { expect, test } from "vitest";
import { unsafeText } from "./plain-name.ts";

test.each(["/etc/app/app.conf", "/srv/sp ace", "/srv/ü/ñ.日本", "/a/@b+c:d,e=f~g%h#i", "/.hidden/-dash"])(
  "%s can be written into a Dockerfile",
  (path) => {
    expect(unsafeText(path)).toBeUndefined();
  },
);

test.each([
  "/a\nRUN x",
  "/a\r",
  "/a\tb",
  "/$HOME",
  "/$(x)",
  "/`x`",
  '/"',
  "/'",
  "/\\",
  "/*",
  "/a?",
  "/[a]",
  "/a;b",
  "/a&b",
  "/a|b",
  "/<<EOF",
  "/a>b",
  "/{a,b}",
  "/!a",
  "/\u202Egnp",
  "/\u001B[2J",
  "/not\uFFFDutf8",
  "/.wh.bin",
  "/etc/.wh..wh..opq",
])("%j cannot", (path) => {
  expect(unsafeText(path)).toBeDefined();
});
