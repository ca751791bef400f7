import { expect, test } from "vitest";
import { isRootless } from "./connect.ts";
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
