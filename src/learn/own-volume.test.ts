import { expect, test } from "vitest";
import { tmpfs, volume } from "../../test/support/strategy-samples.ts";
import { isSelfContained, withOwnVolume } from "./own-volume.ts";

test.each([
  ["nothing said", {}, true],
  ["the local driver", { driver: "local" }, true],
  ["a size", { options: { size: "20GB" } }, true],
  ["a tmpfs", { options: { type: "tmpfs", device: "tmpfs", o: "size=1m,mode=0700,uid=1,noexec" } }, true],
  ["a tmpfs that says nothing", { driver: "local", options: { type: "tmpfs", device: "tmpfs" } }, true],
  ["another driver", { driver: "rexray" }, false],
  ["a server", { driver: "local", options: { type: "nfs", device: ":/export", o: "addr=10.0.0.1,rw" } }, false],
  ["a directory of the host", { options: { type: "none", device: "/srv", o: "bind" } }, false],
  ["a directory of the host, said to be a tmpfs", { options: { type: "tmpfs", device: "/srv", o: "bind" } }, false],
  ["the same among others", { options: { type: "tmpfs", device: "/srv", o: "size=1m,rbind" } }, false],
  ["the same with a space", { options: { type: "tmpfs", device: "/srv", o: " bind" } }, false],
  ["another mount moved here", { options: { type: "tmpfs", device: "/srv", o: "remount" } }, false],
  ["a disk", { options: { type: "ext4", device: "/dev/sda1" } }, false],
  ["a device without a type", { options: { device: "/srv", o: "bind" } }, false],
  ["an option of which nothing is known", { options: { type: "tmpfs", mountpoint: "/srv" } }, false],
])("%s", (_, given, expected) => {
  expect(isSelfContained(given)).toBe(expected);
});

test("the user's name never stays, what leads elsewhere goes with it, and other kinds stay as they are", () => {
  const options = { size: "1g" };
  expect(withOwnVolume(volume("/d", { source: "theirs", driver: "local", options }))).toEqual(
    volume("/d", { driver: "local", options }),
  );
  expect(withOwnVolume(volume("/d", { source: "theirs", driver: "nfs", options }))).toEqual(volume("/d"));
  expect(withOwnVolume(tmpfs("/t"))).toEqual(tmpfs("/t"));
});
