import { expect, test } from "vitest";
import { parseTmpfsOptions } from "./tmpfs-options.ts";

test.each([
  ["", {}],
  ["size=64m,mode=1777,uid=1000,gid=5,exec", { sizeBytes: 2 ** 26, mode: 0o1777, uid: 1000, gid: 5, exec: true }],
  ["exec,noexec", { exec: false }],
  ["rw,nosuid,nodev,nr_inodes=10k", {}],
  ["size=1G", { sizeBytes: 2 ** 30 }],
  ["size=4096", { sizeBytes: 4096 }],
  // Without a bound, or with one that depends on the host: the strategy's own size bounds it.
  ["size=0", {}],
  ["size=50%", {}],
  ["size=-1", {}],
  ["size=", {}],
  ["mode=abc,uid=-1,gid=x", {}],
  ["size=64m,size=1m", { sizeBytes: 2 ** 20 }],
])("%s", (text, expected) => {
  expect(parseTmpfsOptions(text)).toEqual(expected);
});
