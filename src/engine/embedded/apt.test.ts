import { describe, expect, test } from "vitest";
import { classify, parseDepends, parseUris } from "./apt.ts";
import { parseLdd } from "./libraries.ts";

// Recorded on Debian 12, apt 2.6.1, except where a comment says otherwise.
test("what apt would download: name, version with epoch, size", () => {
  const text = `'http://archive/debian/pool/main/b/busybox/busybox-static_1.35.0-4%2bdeb12u1%2bb1_amd64.deb' busybox-static_1%3a1.35.0-4+deb12u1+b1_amd64.deb 928188 SHA256:3d3f
'http://archive/debian/pool/main/c/crun/crun_1.8.1-1%2bdeb12u1_amd64.deb' crun_1.8.1-1+deb12u1_amd64.deb 289288 SHA256:34bd
`;
  expect(parseUris(text)).toEqual([
    {
      name: "busybox-static",
      version: "1:1.35.0-4+deb12u1+b1",
      fileName: "busybox-static_1%3a1.35.0-4+deb12u1+b1_amd64.deb",
      sizeBytes: 928_188,
    },
    { name: "crun", version: "1.8.1-1+deb12u1", fileName: "crun_1.8.1-1+deb12u1_amd64.deb", sizeBytes: 289_288 },
  ]);
});

test("direct dependencies: both of an alternative, no other provider, nothing virtual", () => {
  const text = `docker.io
  PreDepends: init-system-helpers
  Depends: libc6
  Depends: libsystemd0
    libelogind0
 |Depends: sysvinit-utils
  Depends: lsb-base
  Depends: <virtual>
  Depends: python3:any
  Conflicts: <docker-ce>
`;
  expect(parseDepends(text)).toEqual([
    "init-system-helpers",
    "libc6",
    "libsystemd0",
    "sysvinit-utils",
    "lsb-base",
    "python3",
  ]);
});

test("libraries that ldd does not find, each once", () => {
  const text = `/root/usr/bin/containerd:
	not a dynamic executable
/root/usr/bin/crun:
	linux-vdso.so.1 (0x00007ffd)
	libyajl.so.2 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
/root/usr/sbin/other:
	libyajl.so.2 => not found
`;
  expect(parseLdd(text)).toEqual(["libyajl.so.2"]);
});

describe("what a failure of apt means", () => {
  test.for([
    [
      "E: Failed to fetch http://archive/x.deb  Temporary failure resolving 'archive'",
      "E_EMBEDDED_PACKAGES",
      /cannot be reached/,
    ],
    [
      "E: Failed to fetch http://archive/x.deb  Could not connect to archive:80 (192.0.2.1). - connect (111: Connection refused)",
      "E_EMBEDDED_PACKAGES",
      /cannot be reached/,
    ],
    ["E: You don't have enough free space in /var/cache/petrify/packages.", "E_DISK_FULL", /disk is full/],
    ["W: x\nE: Write error - write (28: No space left on device)", "E_DISK_FULL", /disk is full/],
    ["E: Unable to locate package docker.io", "E_EMBEDDED_PACKAGES", /Unable to locate package docker\.io\./],
    ["", "E_EMBEDDED_PACKAGES", /ended with 100\./],
  ] as const)("%s", ([stderr, code, message]) => {
    const error = classify({ exitCode: 100, stdout: "", stderr }, "Packages could not be fetched");
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });
});
