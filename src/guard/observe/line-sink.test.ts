import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { LineSink } from "./line-sink.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-sink-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("lines arrive whole and in order", async () => {
  const path = join(folder, "a.log");
  const sink = new LineSink(path);
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);
  for (const line of lines) sink.write(line);
  const whole = `${lines.join("\n")}\n`;
  await until(() => existsSync(path) && readFileSync(path, "utf8").length >= whole.length);
  expect(readFileSync(path, "utf8")).toBe(whole);
  expect(sink.dropped).toBe(0);
});

test("a full disk loses lines, counts them, and throws nothing", async () => {
  const sink = new LineSink("/dev/full");
  sink.write("one");
  sink.write("two");
  await until(() => sink.dropped > 1);
  expect(sink.dropped).toBe(2);
});

test("a closed descriptor and a folder that is not there are the same", async () => {
  const descriptor = openSync(join(folder, "closed"), "w");
  closeSync(descriptor);
  for (const target of [descriptor, join(folder, "missing", "x.log")]) {
    const sink = new LineSink(target);
    sink.write("one");
    await until(() => sink.dropped > 0);
    expect(sink.dropped).toBe(1);
  }
});

test("what waits for a reader that stands still is bounded", () => {
  const sink = new LineSink(join(folder, "b.log"));
  const line = "x".repeat(1024 * 1024);
  for (let index = 0; index < 20; index++) sink.write(line);
  expect(sink.dropped).toBeGreaterThan(10);
});

test("a file that was moved away is made anew", async () => {
  const path = join(folder, "c.log");
  const sink = new LineSink(path);
  sink.write("before");
  await until(() => existsSync(path) && readFileSync(path, "utf8") === "before\n");
  renameSync(path, `${path}.1`);
  sink.reopen();
  sink.write("after");
  await until(() => existsSync(path) && readFileSync(path, "utf8") === "after\n");
  expect(readFileSync(`${path}.1`, "utf8")).toBe("before\n");
});
