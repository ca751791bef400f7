import { expect, test } from "vitest";
import type { ProfileHeader } from "../model/profile.ts";
import type { StrategyEntry } from "../model/strategy.ts";
import { NO_LOSS } from "../model/event.ts";
import { unseen } from "../model/unseen.ts";
import { deriveStrategy } from "./derive.ts";
import { changed, file, inputOf, readBack, type World } from "./testing/world.ts";

const DATA: World = { tree: ["/var/lib/app/ 0750 7:8"], records: [readBack("/var/lib/app/data.db")] };
const ON_VOLUME = { mount: "/plugins", mountType: "ext4" } as const;
const MISSED_START = unseen({ start: false, restart: true, test: true });

function volumeOf(world: World, header: Partial<ProfileHeader>): StrategyEntry | undefined {
  const input = inputOf(world);
  const profile = { ...input.profile, header: { ...input.profile.header, ...header } };
  return deriveStrategy({ ...input, profile }).entries.find(({ kind }) => kind === "volume");
}

test.each<[name: string, world: World, header: Partial<ProfileHeader>, exec: boolean]>([
  ["nothing was run from it", DATA, {}, false],
  ["strace saw nothing run from it", DATA, { sensor: "strace" }, false],
  [
    "a file in it was run",
    { ...DATA, records: [readBack("/var/lib/app/hook", { executed: true, done: ["exec", "open", "read", "write"] })] },
    {},
    true,
  ],
  [
    "a library deep in it was loaded",
    { ...DATA, records: [...(DATA.records ?? []), file("/var/lib/app/ext/a/b.so", { executed: true })] },
    {},
    true,
  ],
  [
    "code beside it was run",
    { ...DATA, records: [...(DATA.records ?? []), file("/tmp/b.so", { executed: true })] },
    {},
    false,
  ],
  [
    "the image has a program deep in it",
    { ...DATA, tree: ["/var/lib/app/ 0750 7:8", "/var/lib/app/bin/x 0755"] },
    {},
    true,
  ],
  ["nobody could have seen it", DATA, { sensor: "diff" }, true],
  ["its start was not seen", DATA, { incomplete: MISSED_START }, true],
  ["events were lost", DATA, { loss: { ...NO_LOSS, ringFull: 1 } }, true],
  ["what was missed runs no code", DATA, { loss: { ...NO_LOSS, ioUringSetups: 1 } }, false],
  ["declared", { image: { volumes: ["/data/"] } }, {}, false],
  [
    "declared below a link, and run",
    { tree: ["/data -> srv"], image: { volumes: ["/data/x"] }, records: [changed("/srv/x/a.so", { executed: true })] },
    {},
    true,
  ],
  [
    "given",
    { workload: { mounts: [{ type: "volume", source: "p", target: "/plugins", readOnly: false }] } },
    {},
    false,
  ],
  [
    "given, with a program in it that was there before",
    {
      workload: { mounts: [{ type: "volume", source: "p", target: "/plugins", readOnly: false }] },
      records: [changed("/plugins/tool", { ...ON_VOLUME, executed: true, done: ["exec"] })],
    },
    {},
    true,
  ],
  [
    "given read-only: others put programs there",
    { workload: { mounts: [{ type: "volume", source: "p", target: "/plugins", readOnly: true }] } },
    {},
    true,
  ],
])("%s", (_, world, header, exec) => {
  expect(volumeOf(world, header)).toMatchObject({ exec });
});

test("that code is run is among the reasons", () => {
  const world = { ...DATA, records: [...(DATA.records ?? []), file("/var/lib/app/ext.so", { executed: true })] };
  expect(volumeOf(world, {})?.why).toMatch(/data that must persist; code in it is run\.$/);
});
