import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containerId, makeCgroup, UNIFIED } from "../../../test/support/armed-cgroup.ts";
import { treeOf } from "../../../test/support/write-events.ts";
import { observe } from "../../../test/support/observe.ts";
import { tmpfsEntry, profileOf, strategyOf } from "../../../test/support/judged.ts";
import { ProfileFold } from "../../learn/fold/fold.ts";
import { NO_LOSS } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { judge } from "./judge.ts";

/**
 * Each line is a call of Node's `fs`, tried as root and then as another user. What fails without harm on a writable
 * directory must be told from what fails because of the mounts, whatever the kernel calls it: no errno is written down here.
 */
const CALLS = `
const fs = require("node:fs");
const attempt = (call) => { try { call(); } catch {} };
const [at] = process.argv.slice(1);
const all = () => {
  attempt(() => fs.unlinkSync(at + "/none"));
  attempt(() => fs.rmdirSync(at + "/none"));
  attempt(() => fs.renameSync(at + "/none", at + "/none2"));
  attempt(() => fs.renameSync(at + "/tmp/none", at + "/none2"));
  attempt(() => fs.rmdirSync(at + "/full"));
  attempt(() => fs.mkdirSync(at + "/full"));
  attempt(() => fs.openSync(at + "/full", "r+"));
  attempt(() => fs.openSync(at + "/shipped", "wx"));
  attempt(() => fs.openSync(at + "/none", "r+"));
  attempt(() => fs.chmodSync(at + "/none", 0o600));
  attempt(() => fs.accessSync(at + "/none", fs.constants.W_OK));
  attempt(() => fs.truncateSync(at + "/none"));
  attempt(() => fs.symlinkSync("x", at + "/shipped"));
  attempt(() => fs.linkSync(at + "/none", at + "/none2"));
  attempt(() => fs.writeFileSync(at + "/none/x", ""));
};
all();
if (process.argv[2] === "harm") {
  attempt(() => fs.accessSync(at + "/shipped", fs.constants.W_OK));
  attempt(() => fs.writeFileSync(at + "/shipped", "x"));
  attempt(() => fs.chmodSync(at + "/shipped", 0o600));
  attempt(() => fs.writeFileSync(at + "/new", "x"));
  attempt(() => fs.mkdirSync(at + "/dir"));
  attempt(() => fs.writeFileSync(at + "/dir/inside", "x"));
  attempt(() => fs.unlinkSync(at + "/old"));
  attempt(() => fs.writeFileSync(at + "/tmp/a", "x"));
  attempt(() => fs.renameSync(at + "/tmp/a", at + "/full/a"));
  attempt(() => fs.writeFileSync(at + "/tmp/big", Buffer.alloc(1 << 20)));
  attempt(() => fs.rmdirSync(at + "/point"));
} else {
  process.setgid(1234);
  process.setuid(1234);
  all();
  attempt(() => fs.writeFileSync(at + "/new", "x"));
  attempt(() => fs.writeFileSync(at + "/shipped", "x"));
  attempt(() => fs.unlinkSync(at + "/shipped"));
  attempt(() => fs.chmodSync(at + "/shipped", 0o600));
  attempt(() => fs.mkdirSync(at + "/dir"));
}
`;

/** The directory's content before each run; a trailing slash makes a directory. */
const SHIPPED: readonly string[] = ["shipped", "old", "full/x", "tmp/", "point/"];

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "petrify-judge-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs the calls on a fresh directory and folds what the sensor saw there. */
async function recordsOf(readOnly: boolean, what: string): Promise<readonly PathRecord[]> {
  const directory = join(root, "app");
  rmSync(directory, { recursive: true, force: true });
  for (const name of SHIPPED) {
    mkdirSync(join(directory, dirname(name)), { recursive: true });
    if (name.endsWith("/")) mkdirSync(join(directory, name));
    else writeFileSync(join(directory, name), "content");
  }
  const mounts = `
    mount --bind "$0" "$0"
    mount -t tmpfs -o size=64k,mode=1777 petrify-test "$0/tmp"
    mount -t tmpfs petrify-test "$0/point"
    mount -o remount,bind,ro "$0"
  `;
  const script = `set -e; ${readOnly ? mounts : ""} exec "$@"`;
  const cgroup = makeCgroup(UNIFIED, containerId());
  const tree = treeOf(...SHIPPED.map((name) => `${directory}/${name}`));
  const fold = new ProfileFold({ image: tree });
  fold.beginPhase("first");
  try {
    const { events, loss } = await observe({ id: cgroup.id, tree }, () => {
      const program = [process.execPath, "-e", CALLS, directory, what];
      const { status, stderr } = cgroup.run(["unshare", "-m", "sh", "-c", script, directory, ...program]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    });
    // libuv sets up io_uring rings for epoll; its file calls are ordinary ones.
    expect({ ...loss, ioUringSetups: 0 }).toEqual(NO_LOSS);
    fold.add(events.filter(({ path }) => path.startsWith(`${directory}/`)));
  } finally {
    await cgroup.remove();
  }
  fold.endPhase(undefined);
  expect(fold.incomplete()).toEqual([]);
  return fold.records();
}

test("what fails on a writable directory may fail on a read-only one, whatever it is called there", async () => {
  const baseline = profileOf(await recordsOf(false, "harmless"));
  const records = await recordsOf(true, "harmless");
  const failures = records.flatMap(({ failed }) => failed.map(({ errno }) => errno));
  expect(failures.filter((errno) => errno === "EROFS").length).toBeGreaterThan(3);
  const strategy = strategyOf([tmpfsEntry(join(root, "app/tmp")), tmpfsEntry(join(root, "app/point"))]);
  expect(judge({ baseline, run: { records, phases: [{ phase: "first", test: 0 }] }, strategy })).toEqual({
    regressions: [],
    denied: [],
    caveats: [],
  });
});

test("what the mounts take away is told, once each, and nothing else", async () => {
  const baseline = profileOf(await recordsOf(false, "harm"));
  const records = await recordsOf(true, "harm");
  const strategy = strategyOf([tmpfsEntry(join(root, "app/tmp")), tmpfsEntry(join(root, "app/point"))]);
  const { regressions } = judge({ baseline, run: { records, phases: [{ phase: "first", test: 0 }] }, strategy });
  const told = regressions.map(
    ({ path, operation, errno }) => `${operation} ${path?.slice(`${root}/app`.length)} ${errno}`,
  );
  expect(told).toEqual([
    "mkdir /dir EROFS",
    "open /new EROFS",
    "unlink /old EROFS",
    "rmdir /point EROFS",
    "chmod /shipped EROFS",
    "access /shipped EROFS",
    "open /shipped EROFS",
    "rename /tmp/a EXDEV",
    "write /tmp/big ENOSPC",
  ]);
});
