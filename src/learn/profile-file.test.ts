import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_LOSS } from "../model/event.ts";
import type { PathRecord, Profile, Subject } from "../model/profile.ts";
import { NO_SETTINGS } from "../model/workload.ts";
import { decodeProfile, encodeProfile, readProfile, writeProfile } from "./profile-file.ts";

const RECORD: PathRecord = {
  path: "/var/log/app.log",
  mount: "/",
  mountType: "overlay",
  type: "file",
  done: ["open", "write"],
  failed: [{ operation: "open", errno: "EACCES" }],
  by: ["/usr/sbin/app"],
  uids: [0, 33],
  created: true,
  createsItself: true,
  survived: true,
  readBack: false,
  renewed: false,
  executed: false,
  sizeClassBytes: 65_536,
  movesTo: ["/var/log/app.log.1"],
  owner: { uid: 33, gid: 33, mode: 0o640 },
};
const PROFILE: Profile = {
  header: {
    name: "app",
    image: { reference: "app:1", id: `sha256:${"0".repeat(64)}`, repoDigests: [] },
    sensor: "bpf",
    engine: { kind: "docker", runtime: "runc" },
    incomplete: [],
    loss: NO_LOSS,
    coverage: { phases: [{ phase: "first", test: 0, health: "none" }], listening: ["80/tcp"] },
  },
  records: [RECORD, { ...RECORD, path: "/var/log/we\nird\u0000\u{1f40b}\ud800", movesTo: [] }],
};

const SUBJECT: Subject = {
  workload: { ...NO_SETTINGS, name: "app", image: "app:1", env: ["A=1", "PASSWORD"], memoryBytes: 2 ** 20 },
  image: { repoTags: ["app:1"], volumes: ["/data"] },
  test: { kind: "command", command: "curl" },
  settings: [{ kind: "env", name: "A_B", value: "$x", paths: ["/a/*", "/b"], why: "Saves a write." }],
  tree: [
    { path: "/", children: ["etc", "\ufffd"] },
    { path: "/data", entry: { type: "dir", mode: 0o1777, uid: 1, gid: 2, sizeBytes: 0 }, children: [] },
    { path: "/gone", entry: null },
    { path: "/link", entry: { type: "symlink", mode: 0o777, uid: 0, gid: 0, sizeBytes: 0, linkTarget: "/etc" } },
  ],
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "petrify-profile-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("round trip", () => {
  test("what is written is read", async () => {
    const path = join(folder, "app.profile.ndjson.zst");
    const { sha256 } = await writeProfile(path, PROFILE);
    expect(await readProfile(path, sha256)).toEqual(PROFILE);
    expect(await readdir(folder)).toEqual(["app.profile.ndjson.zst"]);
  });

  test("with all that a strategy is derived from", () => {
    const profile: Profile = { ...PROFILE, subject: SUBJECT };
    expect(decodeProfile(encodeProfile(profile), "p")).toEqual(profile);
  });

  test("the same profile gives the same bytes, whatever order its parts were built in", () => {
    const shuffled: PathRecord = Object.fromEntries(Object.entries(RECORD).toReversed()) as PathRecord;
    const other: Profile = { records: [...PROFILE.records.slice(1), shuffled], header: PROFILE.header };
    expect(encodeProfile(other).equals(encodeProfile(PROFILE))).toBe(true);
  });

  test("the first line tells what the file is", () => {
    const [first = ""] = zstdDecompressSync(encodeProfile(PROFILE)).toString().split("\n");
    expect(first.startsWith('{"apiVersion":"petrify.dev/v1","kind":"WriteProfile","name":"app"')).toBe(true);
  });
});

function pack(...parts: readonly string[]): Buffer {
  return zstdCompressSync(`${parts.join("\n")}\n`);
}

function withField(name: string, value: unknown): string {
  return JSON.stringify({ ...RECORD, [name]: value });
}

describe("what is not a profile", () => {
  const text = zstdDecompressSync(encodeProfile(PROFILE)).toString();
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const whole = encodeProfile(PROFILE);
  const flipped = Buffer.from(whole);
  flipped.writeUInt8(flipped.readUInt8(40) ^ 0xff, 40);

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", Buffer.alloc(0), /damaged|middle/],
    ["garbage", Buffer.from("garbage"), /damaged/],
    ["a truncated file", whole.subarray(0, whole.length - 5), /damaged/],
    ["a flipped bit", flipped, /damaged/],
    ["a truncated text", zstdCompressSync(text.slice(0, -10)), /middle of a line/],
    ["text that is not UTF-8", zstdCompressSync(Buffer.from([0x7b, 0xff, 0x0a])), /does not hold text/],
    ["an empty text", zstdCompressSync(""), /middle|JSON/],
    ["another JSON", pack("{}"), /its kind is not WriteProfile/],
    ["a list", pack("[1]"), /its kind is not/],
    ["null", pack("null"), /its kind is not/],
    ["another kind", pack(header.replace("WriteProfile", "WriteStrategy")), /its kind is not WriteProfile/],
    ["a later version", pack(header.replace("petrify.dev/v1", "petrify.dev/v9")), /version "petrify.dev\/v9"/],
    ["an unknown field in the header", pack(header.replace('"sensor"', '"extra":1,"sensor"')), /line 1/],
    ["a line that is not JSON", pack(header, "{"), /line 2: this is not JSON/],
    ["a path that is there twice", pack(header, lines[0] ?? "", lines[0] ?? ""), /line 3: .* twice/],
    ["paths out of order", pack(header, ...lines.toReversed()), /not in order/],
    ["a relative path", pack(header, withField("path", "var/log")), /line 2: path/],
    ["a path that climbs", pack(header, withField("path", "/var/../etc")), /line 2: path/],
    ["a doubled slash", pack(header, withField("path", "/var//log")), /line 2: path/],
    ["a relative target", pack(header, withField("movesTo", ["x"])), /movesTo/],
    ["an unknown operation", pack(header, withField("done", ["format"])), /done/],
    [
      "an errno that is none",
      pack(header, withField("failed", [{ operation: "open", errno: "no\u001b[2J" }])),
      /failed/,
    ],
    ["a mode that is none", pack(header, withField("owner", { uid: 0, gid: 0, mode: 0o10000 })), /owner/],
    ["a negative size", pack(header, withField("sizeClassBytes", -1)), /sizeClassBytes/],
    ["a zip bomb", zstdCompressSync(Buffer.alloc(65 * 1024 * 1024)), /unpacks to more/],
  ])("%s", (_, bytes, message) => {
    expect(() => decodeProfile(bytes, "app.zst")).toThrow(
      expect.objectContaining({
        code: "E_PROFILE_INVALID",
        message: expect.stringMatching(message) as unknown,
        hint: expect.any(String) as unknown,
      }),
    );
  });

  test("the same text without damage is one", () => {
    expect(decodeProfile(pack(header, ...lines), "app.zst")).toEqual(PROFILE);
  });

  test("a prototype key does not get in", () => {
    const hostile = (lines[0] ?? "").replace('"path"', '"__proto__":{"readBack":true},"path"');
    expect(() => decodeProfile(pack(header, hostile), "x")).toThrow(
      expect.objectContaining({ code: "E_PROFILE_INVALID" }),
    );
  });
});

describe("files", () => {
  test("another hash is another profile", async () => {
    const path = join(folder, "other.zst");
    await writeProfile(path, PROFILE);
    await expect(readProfile(path, "0".repeat(64))).rejects.toMatchObject({ code: "E_PROFILE_MISMATCH" });
  });

  test("a damaged file with another hash is named by its hash first", async () => {
    const path = join(folder, "damaged.zst");
    await writeFile(path, "x");
    await expect(readProfile(path, "0".repeat(64))).rejects.toMatchObject({ code: "E_PROFILE_MISMATCH" });
    await expect(readProfile(path)).rejects.toMatchObject({ code: "E_PROFILE_INVALID" });
  });

  test("no file, a folder, a device that never ends", async () => {
    await expect(readProfile(join(folder, "none"))).rejects.toMatchObject({ code: "E_IO" });
    await expect(readProfile(folder)).rejects.toMatchObject({ code: "E_PROFILE_INVALID" });
    const huge = join(folder, "huge");
    await writeFile(huge, "");
    await truncate(huge, 17 * 2 ** 20);
    await expect(readProfile(huge)).rejects.toThrow("larger than any profile");
    await expect(readProfile("/dev/zero")).rejects.toMatchObject({ code: "E_PROFILE_INVALID" });
  });

  test("a folder that does not exist leaves nothing", async () => {
    await expect(writeProfile(join(folder, "none", "x"), PROFILE)).rejects.toMatchObject({ code: "E_IO" });
  });

  test("a failed write leaves the earlier file and nothing beside it", async () => {
    const path = join(folder, "occupied");
    await mkdir(join(path, "by-a-folder"), { recursive: true });
    await expect(writeProfile(path, PROFILE)).rejects.toMatchObject({ code: "E_IO" });
    expect((await readdir(folder)).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  test("a profile that breaks the format is not written", async () => {
    const path = join(folder, "broken.zst");
    const broken: Profile = { ...PROFILE, records: [{ ...RECORD, path: "relative" }] };
    await expect(writeProfile(path, broken)).rejects.toMatchObject({ code: "E_PROFILE_INVALID" });
    expect(await readdir(folder)).not.toContain("broken.zst");
  });
});
