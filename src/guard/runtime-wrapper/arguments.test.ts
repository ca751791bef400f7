import { expect, test } from "vitest";
import { isBuildahStep, logOf, parseRuntimeCall } from "./arguments.ts";

const SHIM = "--root /run/runc --log /b/log.json --log-format json".split(" ");

test("what containerd's shim and conmon call is read", () => {
  expect(parseRuntimeCall([...SHIM, ..."create --bundle /b --pid-file /b/init.pid abc".split(" ")])).toEqual({
    bundle: "/b",
    id: "abc",
    log: "/b/log.json",
    logFormat: "json",
  });
  const conmon =
    "--cgroup-manager=cgroupfs --log-format=json --log /l create --bundle /b --pid-file /p --systemd-cgroup";
  expect(parseRuntimeCall([...conmon.split(" ").slice(0, -1), "abc"])).toEqual({
    bundle: "/b",
    id: "abc",
    log: "/l",
    logFormat: "json",
  });
  expect(parseRuntimeCall(["run", "abc"])).toEqual({ id: "abc" });
  expect(parseRuntimeCall("restore -b=/b --image-path /i --detach abc".split(" "))).toMatchObject({ bundle: "/b" });
});

test.each(["state abc", "exec --process /p --detach --pid-file /q run", "kill create 9", "delete run", "--version"])(
  "%s creates nothing",
  (line) => expect(parseRuntimeCall([...SHIM, ...line.split(" ")])).toBeUndefined(),
);

test.each([
  "create --config /other.json abc",
  "create -f /other.json abc",
  "create --bundle /a --bundle /b abc",
  "create --bundle /a -b /b abc",
  "create abc --bundle /b",
  "create --bundle",
  "create --detach=create --bundle /b abc",
  "create a b",
  "--new-option x create --bundle /b abc",
  "-- create --bundle /b abc",
  "- create abc",
])("%s is refused, as another file may be meant", (line) =>
  expect(parseRuntimeCall(line.split(" "))).toBe("unreadable"),
);

test("the place for the reason is found also in a call that is not understood", () => {
  expect(logOf([...SHIM, "create", "--what", "x"])).toEqual({ log: "/b/log.json", logFormat: "json" });
});

test.each([
  [{ bundle: "/var/tmp/buildah12", id: "buildah-buildah12" }, true],
  [{ bundle: "/var/tmp/buildah12", id: "buildah-buildah13" }, false],
  [{ bundle: "/var/tmp/x", id: "buildah-x" }, false],
  [{ bundle: `/run/${"a".repeat(64)}/userdata`, id: "a".repeat(64) }, false],
  [{ id: "buildah-" }, false],
])("%j is a step of buildah: %s", (call, expected) => expect(isBuildahStep(call)).toBe(expected));
