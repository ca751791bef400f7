import { expect, test } from "vitest";
import { leadsOut } from "./names.ts";

test.each([
  ["/etc/app/link", "../../etc/app.conf", false],
  ["/etc/app/link", "../../../etc/shadow", true],
  ["/link", "../x", true],
  ["/etc/link", "/dev/stdout", false],
  ["/etc/link", "/../x", true],
  ["/etc/link", "a/../../../x", true],
  ["/etc/link", "./a/../b", false],
])("%s to %s leads out of the root: %s", (path, target, expected) => {
  expect(leadsOut(path, target)).toBe(expected);
});
