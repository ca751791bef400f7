import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { profileOf } from "../../test/support/judged.ts";

/** Writes a small profile, fills the disk, tries a larger one over it, and says what is there afterwards. */
const PROGRAM = `
import { readdirSync, writeFileSync } from "node:fs";
import { readProfile, writeProfile } from ${JSON.stringify(join(import.meta.dirname, "profile-file.ts"))};
const [folder, text] = process.argv.slice(1);
const small = JSON.parse(text);
const path = folder + "/app.profile.ndjson.zst";
const { sha256 } = await writeProfile(path, small);
try { writeFileSync(folder + "/rest", Buffer.alloc(1 << 20)); } catch {}
const error = await writeProfile(path, { ...small, header: { ...small.header, name: "other" } }).catch((caught) => caught);
const { header } = await readProfile(path, sha256);
console.log(JSON.stringify({ code: error.code, hint: error.hint, name: header.name, left: readdirSync(folder).sort() }));
`;

test("a full disk is said, leaves the earlier profile as it was, and nothing beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "petrify-full-"));
  try {
    const mount = `set -e; mount -t tmpfs -o size=16k petrify-test "$0"; exec "$@"`;
    const program = [process.execPath, "--input-type=module", "-e", PROGRAM, folder, JSON.stringify(profileOf([]))];
    const { stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", mount, folder, ...program], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      code: "E_DISK_FULL",
      hint: "Free some space, or name another folder.",
      name: "app",
      left: ["app.profile.ndjson.zst", "rest"],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
