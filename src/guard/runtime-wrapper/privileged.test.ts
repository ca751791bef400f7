import { expect, test } from "vitest";
import { capabilitiesUpTo, isPrivileged } from "./privileged.ts";
import type { OciSpec } from "./spec.ts";
import { ALL_CAPABILITIES, PLAIN, PRIVILEGED } from "./testing.ts";

test("what an engine makes of --privileged is known", () => {
  expect(isPrivileged(PRIVILEGED, ALL_CAPABILITIES)).toBe(true);
  expect(isPrivileged(PLAIN, ALL_CAPABILITIES)).toBe(false);
});

const capabilities = (names: readonly string[]): OciSpec["process"] => ({
  capabilities: { bounding: names, effective: names, permitted: names },
});
const SHORT: readonly (readonly [string, Partial<OciSpec>])[] = [
  ["a capability", { process: capabilities(ALL_CAPABILITIES.slice(1)) as NonNullable<OciSpec["process"]> }],
  ["hidden paths", { linux: { ...PRIVILEGED.linux, maskedPaths: ["/proc/kcore"] } }],
  ["read-only paths", { linux: { ...PRIVILEGED.linux, readonlyPaths: ["/proc/sys"] } }],
  ["seccomp", { linux: { ...PRIVILEGED.linux, seccomp: {} } }],
  ["no-new-privileges", { process: { ...PRIVILEGED.process, noNewPrivileges: true } }],
  ["devices", { linux: { resources: { devices: [{ allow: true, access: "rw" }] } } }],
  ["no device rules", { linux: { resources: {} } }],
  [
    "a device taken back",
    {
      linux: {
        resources: {
          devices: [
            { allow: true, access: "rwm" },
            { allow: false, type: "b", access: "w" },
          ],
        },
      },
    },
  ],
  ["only block devices", { linux: { resources: { devices: [{ allow: true, type: "b", access: "rwm" }] } } }],
  ["a read-only /sys", { mounts: PLAIN.mounts ?? [] }],
];
test.each(SHORT)("with %s short of it, it is not privileged, and so becomes read-only", (_, change) =>
  expect(isPrivileged({ ...PRIVILEGED, ...change }, ALL_CAPABILITIES)).toBe(false),
);

test("a kernel with capabilities that have no name here has no privileged containers", () => {
  expect(isPrivileged(PRIVILEGED, capabilitiesUpTo(41))).toBe(false);
  expect(isPrivileged(PRIVILEGED, capabilitiesUpTo(Number.NaN))).toBe(false);
});
