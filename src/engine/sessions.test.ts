import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { newSessionId, sessionAlive } from "./sessions.ts";

const fields = (id: string): string[] => id.split("-");
const withField = (id: string, index: number, value: string): string => fields(id).with(index, value).join("-");

test("the session of this process lives, and two ids differ", () => {
  const id = newSessionId();
  expect(sessionAlive(id)).toBe(true);
  expect(newSessionId()).not.toBe(id);
  // It becomes a label and a part of names.
  expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
});

test("the session of a process that ended is dead", () => {
  const script = `import { newSessionId } from ${JSON.stringify(import.meta.resolve("./sessions.ts"))}; process.stdout.write(newSessionId())`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(fields(stdout)).toHaveLength(6);
  expect(sessionAlive(stdout)).toBe(false);
});

test("a pid used again by another process is another session", () => {
  expect(sessionAlive(withField(newSessionId(), 4, "1"))).toBe(false);
});

test("before a reboot is dead; on another machine, in another pid namespace or of unknown form is not known to be", () => {
  const id = newSessionId();
  expect(sessionAlive(withField(id, 1, "00000000"))).toBe(false);
  expect(sessionAlive(withField(withField(id, 0, "00000000"), 1, "00000000"))).toBe(true);
  expect(sessionAlive(withField(withField(id, 2, "1"), 4, "1"))).toBe(true);
  expect(sessionAlive("made by a later release")).toBe(true);
});
