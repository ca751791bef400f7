import { expect, test } from "vitest";
import { containerSpec, plainWorkload } from "../../../../test/support/workload.ts";
import type { WorkloadMount } from "../../../model/workload.ts";
import type { ContainerSpec } from "../../engine.ts";
import { podmanMounts, type PodmanMounts } from "./mounts.ts";
import { podmanVolumeOptions } from "./volume-options.ts";

function mountsOf(spec: Partial<ContainerSpec>, mounts: readonly WorkloadMount[] = []): PodmanMounts {
  return podmanMounts(containerSpec(plainWorkload("app", { mounts }), spec), () => "new");
}

test.each<[string, string, readonly string[]]>([
  ["without options", "", ["noexec", "nosuid", "nodev", "notmpcopyup"]],
  ["with exec", "exec,size=1m", ["exec", "nosuid", "nodev", "size=1m", "notmpcopyup"]],
  [
    "of root",
    "rw,noexec,nosuid,nodev,mode=755,uid=0,gid=0",
    ["rw", "noexec", "nosuid", "nodev", "mode=755", "notmpcopyup"],
  ],
])("a tmpfs %s is one, as Docker would mount it", (_what, options, expected) => {
  const { mounts, volumes, needed } = mountsOf({ tmpfs: { "/t/": options } });
  expect(mounts).toEqual([{ type: "tmpfs", source: "tmpfs", destination: "/t", options: expected }]);
  expect({ volumes, needed }).toEqual({ volumes: [], needed: [] });
});

test("a tmpfs of another owner is a volume of type tmpfs, made before and gone with the container", () => {
  const { mounts, volumes, needed } = mountsOf({
    tmpfs: { "/t": "rw,nosuid,nodev,noexec,size=64m,mode=2750,uid=1,gid=0" },
  });
  expect(mounts).toEqual([]);
  expect(volumes).toEqual([{ Name: "new", Dest: "/t", Options: ["rw", "nosuid", "nodev", "noexec", "nocopy"] }]);
  const o = "rw,nosuid,nodev,noexec,size=64m,mode=2750,uid=1";
  expect(needed).toEqual([
    { name: "new", driver: "local", options: { type: "tmpfs", device: "tmpfs", o }, isTmpfs: true },
  ]);
});

test("volumes and binds keep their options; a driver's are needed before", () => {
  const { mounts, volumes, needed } = mountsOf(
    {
      volumes: [
        { target: "/anonymous", readOnly: true, noCopy: true },
        { name: "nfs", target: "/n", readOnly: false, driver: "local", driverOptions: { type: "nfs" } },
        { name: "data", target: "/d", readOnly: false, noExec: true },
      ],
      binds: [{ source: "/a:b", target: "/b", readOnly: true }],
    },
    [
      { type: "volume", source: "v", target: "/v", readOnly: false, options: "nocopy" },
      { type: "bind", source: "/c", target: "/c", readOnly: false, options: "z,rslave" },
      { type: "bind", source: "/lost", target: "/b/", readOnly: false },
    ],
  );
  expect(volumes).toEqual([
    { Name: "", Dest: "/anonymous", Options: ["nocopy", "ro"] },
    { Name: "nfs", Dest: "/n", Options: [] },
    { Name: "data", Dest: "/d", Options: ["noexec", "nosuid", "nodev"] },
    { Name: "v", Dest: "/v", Options: ["nocopy"] },
  ]);
  expect(needed).toEqual([{ name: "nfs", driver: "local", options: { type: "nfs" }, isTmpfs: false }]);
  expect(mounts).toEqual([
    { type: "bind", source: "/a:b", destination: "/b", options: ["rbind", "ro"] },
    { type: "bind", source: "/c", destination: "/c", options: ["rbind", "rw", "z", "rslave"] },
  ]);
});

test.each<[Readonly<Record<string, string>>, string | undefined]>([
  [{ type: "tmpfs", device: "tmpfs", o: "size=5m,uid=1" }, "nr_blocks=1280,uid=1"],
  [{ type: "tmpfs", o: "size=5000" }, "nr_blocks=2"],
  [{ type: "tmpfs", o: "size=50%" }, "size=50%"],
  [{ type: "ext4", o: "size=5m" }, "size=5m"],
  [{ size: "10m" }, "size=10m"],
  [{ type: "tmpfs", size: "8k", o: "mode=0700" }, "mode=0700,nr_blocks=2"],
  [{}, undefined],
])("volume options %j: %s", (options, o) => {
  expect(podmanVolumeOptions(options)["o"]).toBe(o);
});
