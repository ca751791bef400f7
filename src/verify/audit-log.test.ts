import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { selinuxDenials } from "./audit-log.ts";

const folder = mkdtempSync(join(tmpdir(), "audit-log-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const denial = (seconds: number, comm: string): string =>
  `type=AVC msg=audit(${seconds}.500:1): avc:  denied  { write } for  pid=1 comm="${comm}" name="x" scontext=u:r:container_t:s0 tcontext=u:object_r:user_home_t:s0 tclass=dir permissive=0\n`;

test("what was denied since then is read, of a log of any length; /dev/kmsg does not block", () => {
  const auditLog = join(folder, "audit.log");
  writeFileSync(auditLog, denial(200, "cut-off") + "x".repeat(5 * 2 ** 20) + "\n");
  appendFileSync(auditLog, denial(99, "before") + denial(100, "now"));
  const found = selinuxDenials(100_000, { auditLog, kernelLog: "/dev/kmsg" });
  expect(found.filter(({ comm }) => ["cut-off", "before", "now"].includes(comm)).map(({ comm }) => comm)).toEqual([
    "now",
  ]);
});

test("logs that nobody writes, or that cannot be read, hold nothing", () => {
  expect(selinuxDenials(0, { auditLog: join(folder, "none"), kernelLog: folder })).toEqual([]);
});
