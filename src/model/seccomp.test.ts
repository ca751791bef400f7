import { expect, test } from "vitest";
import { seccompOf } from "./seccomp.ts";

test.for([
  ["seccomp=unconfined", { kind: "word", value: "unconfined" }],
  ["seccomp:builtin", { kind: "word", value: "builtin" }],
  ["seccomp=profile.json", { kind: "file", value: "profile.json" }],
  ["seccomp=/etc/a=b.json", { kind: "file", value: "/etc/a=b.json" }],
  ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', { kind: "text", value: '{"defaultAction":"SCMP_ACT_ALLOW"}' }],
  ["no-new-privileges", undefined],
  ["label=disable", undefined],
] as const)("%s", ([option, expected]) => {
  expect(seccompOf(option)).toEqual(expected);
});
