import { expect, test } from "vitest";
import { isConfined, isRootless, remappedRootOf } from "./connect.ts";
import { infoAnswer } from "./schemas.ts";

test.each<[string, object, boolean]>([
  ["Docker", { SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"] }, false],
  // docs.docker.com/engine/security/rootless: `docker info` lists `rootless` among the security options.
  ["rootless Docker", { SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"] }, true],
  ["Docker with userns-remap", { SecurityOptions: ["name=seccomp,profile=default", "name=userns"] }, false],
  // As Debian 12's Podman 4.3.1 answered here.
  ["Podman", { SecurityOptions: ["name=seccomp,profile=default"], Rootless: false }, false],
  ["rootless Podman", { SecurityOptions: ["name=seccomp,profile=default"], Rootless: true }, true],
])("%s", (_engine, info, expected) => {
  expect(isRootless(infoAnswer.parse(info))).toBe(expected);
});

test.each<[string, object, object | undefined]>([
  ["as it is", { DockerRootDir: "/var/lib/docker", SecurityOptions: ["name=seccomp,profile=default"] }, undefined],
  // As dockerd 20.10.24 of Debian 12 answered here.
  [
    "with userns-remap",
    { DockerRootDir: "/data/30000000.30000001", SecurityOptions: ["name=seccomp,profile=default", "name=userns"] },
    { uid: 30_000_000, gid: 30_000_001 },
  ],
  ["in a directory that only looks so", { DockerRootDir: "/data/1.2", SecurityOptions: [] }, undefined],
  ["with userns-remap and no such directory", { DockerRootDir: "/data", SecurityOptions: ["name=userns"] }, undefined],
])("root of the containers, of Docker %s", (_engine, info, expected) => {
  expect(remappedRootOf(infoAnswer.parse(info))).toEqual(expected);
});

test.each([
  [["name=seccomp,profile=default", "name=selinux"], true],
  [["name=seccomp,profile=selinux", "name=apparmor"], false],
])("containers run under SELinux, of %j", (SecurityOptions, expected) => {
  expect(isConfined(infoAnswer.parse({ SecurityOptions }))).toBe(expected);
});
