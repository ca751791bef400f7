import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PetrifyError } from "../model/errors.ts";
import type { WorkloadMount } from "../model/workload.ts";
import { plainWorkload } from "../../test/support/workload.ts";
import { ownMounts } from "./own-mounts.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "own-mounts-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const volumes = new Set<string>();
let undo: () => Promise<void> = async () => {};
/** What ownMounts uses of a session. */
const owner = {
  id: `own-mounts-${process.pid}`,
  defer: (last: () => Promise<void>): void => {
    undo = last;
  },
  createVolume: async (name: string): Promise<void> => void volumes.add(name),
  engine: {
    info: { local: true },
    hasVolume: async (name: string): Promise<boolean> => volumes.has(name),
    removeVolume: async (name: string): Promise<void> => void volumes.delete(name),
  },
  failIfEnding: (): void => {},
};
const ENGINE_FAR_AWAY = { ...owner, engine: { ...owner.engine, info: { local: false } } };
const temporaryFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`petrify-${owner.id}-`));

const workloadWith = (...mounts: readonly WorkloadMount[]) => plainWorkload("image", { mounts });

test("a writable bind is a copy, so that nothing of the user's is written; a read-only one is itself", async () => {
  mkdirSync(join(folder, "data"), { recursive: true, mode: 0o750 });
  writeFileSync(join(folder, "data/f"), "original");
  const own = await ownMounts(
    workloadWith(
      { type: "bind", source: join(folder, "data"), target: "/data", readOnly: false },
      { type: "bind", source: join(folder, "data"), target: "/config", readOnly: true },
    ),
    owner,
  );
  const [copy, original] = own.binds;
  expect(original?.source).toBe(join(folder, "data"));
  expect(copy?.source).not.toBe(original?.source);
  expect(statSync(copy?.source ?? "").mode & 0o7777).toBe(0o750);
  writeFileSync(join(copy?.source ?? "", "f"), "changed by the experiment");
  expect(readFileSync(join(folder, "data/f"), "utf8")).toBe("original");
  await own.dispose();
  expect(existsSync(copy?.source ?? "")).toBe(false);
  expect(existsSync(join(folder, "data/f"))).toBe(true);
});

test("a read-only volume is the user's own when it exists, and else an empty one that goes again; a writable one is anonymous", async () => {
  volumes.add("users");
  const own = await ownMounts(
    workloadWith(
      { type: "volume", source: "users", target: "/config", readOnly: true },
      { type: "volume", source: "absent", target: "/new", readOnly: true },
      { type: "volume", source: "users", target: "/data", readOnly: false },
    ),
    owner,
  );
  const name = [...volumes].find((each) => each !== "users") ?? "";
  expect(name).toMatch(new RegExp(`^petrify-${owner.id}-`));
  expect(own.volumes).toEqual([
    { name: "users", target: "/config", readOnly: true, noCopy: true },
    { name, target: "/new", readOnly: true },
    { target: "/data", readOnly: false },
  ]);
  await own.dispose();
  expect([...volumes]).toEqual(["users"]);
});

test("a session that ends makes no folder any more: nobody would remove it", async () => {
  const ended = {
    ...owner,
    failIfEnding: (): void => {
      throw new PetrifyError("E_INTERRUPTED", "Ending.");
    },
  };
  await expect(ownMounts(workloadWith(), ended)).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(temporaryFolders()).toEqual([]);
});

test("a bind source that is a symlink is copied too, not led to", async () => {
  mkdirSync(join(folder, "disk"));
  writeFileSync(join(folder, "disk/f"), "original");
  symlinkSync("disk", join(folder, "link"));
  const own = await ownMounts(
    workloadWith({ type: "bind", source: join(folder, "link"), target: "/data", readOnly: false }),
    owner,
  );
  writeFileSync(join(own.binds[0]?.source ?? "", "f"), "changed");
  expect(readFileSync(join(folder, "disk/f"), "utf8")).toBe("original");
  await own.dispose();
});

test("a named volume of the user's is never mounted writable", async () => {
  const own = await ownMounts(
    workloadWith({ type: "volume", source: "production", target: "/data", readOnly: false }),
    owner,
  );
  expect(own.volumes).toEqual([{ target: "/data", readOnly: false }]);
  await own.dispose();
});

test.each([
  ["file", "an empty file"],
  ["directory", "an empty directory"],
])("a %s that is too large to copy is %s to the workload, which is said", async (kind, replaced) => {
  const source = join(folder, "large");
  const file = kind === "file" ? source : join(source, "file");
  if (kind === "directory") mkdirSync(source);
  // Reserved, so that it counts as used, and never written.
  execFileSync("fallocate", ["-l", "1025M", file]);
  const own = await ownMounts(workloadWith({ type: "bind", source, target: "/x", readOnly: false }), owner);
  const copy = statSync(own.binds[0]?.source ?? "");
  expect([copy.isDirectory(), copy.isFile() ? copy.size : 0]).toEqual([kind === "directory", 0]);
  expect(own.notes.join()).toContain(`the workload got ${replaced} instead`);
  await own.dispose();
});

test("a FIFO has no content to copy, and is itself", async () => {
  const source = join(folder, "fifo");
  execFileSync("mkfifo", [source]);
  const own = await ownMounts(workloadWith({ type: "bind", source, target: "/x", readOnly: false }), owner);
  expect(own.binds[0]?.source).toBe(source);
  await own.dispose();
});

test("what the workload made of its copy is removed, deeper than any path can be", async () => {
  mkdirSync(join(folder, "data"));
  const own = await ownMounts(
    workloadWith({ type: "bind", source: join(folder, "data"), target: "/data", readOnly: false }),
    owner,
  );
  const nest = `for (let i = 0; i < 40; i++) {
    require("node:fs").mkdirSync("${"d".repeat(250)}");
    process.chdir("${"d".repeat(250)}");
  }`;
  execFileSync(process.execPath, ["-e", nest], { cwd: own.binds[0]?.source });
  await own.dispose();
  expect(temporaryFolders()).toEqual([]);
});

test("a source that does not exist is one sentence, and leaves no temporary folder", async () => {
  const missing = { type: "bind", source: "/no/such/thing", target: "/x", readOnly: false } as const;
  await expect(ownMounts(workloadWith(missing), owner)).rejects.toMatchObject({ code: "E_IO" });
  expect(temporaryFolders()).toEqual([]);
});

test("a source whose name looks like an option is only a name", async () => {
  mkdirSync(join(folder, "--help"), { recursive: true });
  writeFileSync(join(folder, "--help/f"), "x");
  const own = await ownMounts(
    workloadWith({ type: "bind", source: join(folder, "--help"), target: "/x", readOnly: false }),
    owner,
  );
  expect(readFileSync(join(own.binds[0]?.source ?? "", "f"), "utf8")).toBe("x");
  await own.dispose();
});

test("a session that ends in the middle of a copy stops it, and nothing of it stays", async () => {
  mkdirSync(join(folder, "data"));
  for (let number = 0; number < 500; number++) writeFileSync(join(folder, "data", String(number)), "x");
  const copying = ownMounts(
    workloadWith({ type: "bind", source: join(folder, "data"), target: "/data", readOnly: false }),
    owner,
  );
  copying.catch(() => {});
  await undo();
  expect(temporaryFolders()).toEqual([]);
  await expect(copying).rejects.toMatchObject({ code: "E_IO" });
});

test("of an engine on another machine a bind is its own path if it is read-only, and refused if it is not", async () => {
  const bind = { type: "bind", source: "/not/here", target: "/b" } as const;
  const mounts = await ownMounts(workloadWith({ ...bind, readOnly: true }), ENGINE_FAR_AWAY);
  expect(mounts.binds).toEqual([{ source: "/not/here", target: "/b", readOnly: true }]);
  await mounts.dispose();
  const writable = workloadWith({ ...bind, readOnly: false });
  await expect(ownMounts(writable, ENGINE_FAR_AWAY)).rejects.toMatchObject({ code: "E_NOT_LOCAL" });
  expect(temporaryFolders()).toEqual([]);
});
