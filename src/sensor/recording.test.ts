import * as fc from "fast-check";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FILE_TYPES, NO_LOSS, OPERATIONS, type WriteEvent } from "../model/event.ts";
import { openRecording, replay } from "./recording.ts";

const directory = mkdtempSync(join(tmpdir(), "petrify-recording-"));
const file = join(directory, "r.ndjson");
afterAll(() => rmSync(directory, { recursive: true }));

const path = fc.string({ unit: "grapheme", minLength: 0, maxLength: 40 }).map((text) => `/${text}`);
const mount = fc.record({ target: path, fsType: fc.constantFrom("overlay", "tmpfs"), readOnly: fc.boolean() });
const u32 = fc.nat({ max: 0xffffffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const event = fc.record(
  {
    container: fc.string({ minLength: 1, maxLength: 64 }),
    timeNs: u64,
    operation: fc.constantFrom(...OPERATIONS),
    syscall: fc.constantFrom("openat", "renameat2"),
    result: fc.constantFrom(0 as const, "EROFS", "ERRNO_600"),
    path,
    path2: path,
    target: fc.string({ maxLength: 20 }),
    process: fc.record({ pid: u32, uid: u32, gid: u32, comm: fc.string({ maxLength: 15 }), exe: path }),
    mount,
    mount2: mount,
    inode: fc.record({ dev: u32, ino: u64, type: fc.constantFrom(...FILE_TYPES) }),
    created: fc.boolean(),
    wantsCreate: fc.boolean(),
    reads: fc.constant(true as const),
    truncated: fc.boolean(),
    bytes: fc.maxSafeNat(),
    sizeBytes: fc.maxSafeNat(),
    mode: fc.nat({ max: 0o7777 }),
    owner: fc.constant({ uid: -1, gid: 1000 }),
    pathUncertain: fc.constant(true as const),
  },
  { requiredKeys: ["container", "timeNs", "operation", "syscall", "result", "path", "process"] },
) as fc.Arbitrary<WriteEvent>;

async function read(): Promise<WriteEvent[]> {
  const events: WriteEvent[] = [];
  await replay(file, (batch) => void events.push(...batch));
  return events;
}

async function write(batches: readonly (readonly WriteEvent[])[]): Promise<void> {
  const recording = await openRecording(file);
  for (const batch of batches) recording.write(batch);
  await recording.close();
}

test("what was recorded is replayed, whatever is in it and however it was batched", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(event, { maxLength: 5 }), { maxLength: 5 }), async (batches) => {
      await write(batches);
      expect(await read()).toEqual(batches.flat());
    }),
    { numRuns: 60 },
  );
});

test("the losses are in it", async () => {
  const recording = await openRecording(file);
  await recording.close({ ...NO_LOSS, ringFull: 7 });
  expect(await replay(file, () => {})).toEqual({ ...NO_LOSS, ringFull: 7 });
});

const SAMPLE: WriteEvent = {
  container: "c",
  timeNs: 1n,
  operation: "open",
  syscall: "openat",
  result: 0,
  path: "/x",
  process: { pid: 1, uid: 0, gid: 0, comm: "sh" },
};

const end = (events: number): string => JSON.stringify({ end: { events } });

describe("is refused, with the line", () => {
  const header = '{"apiVersion":"petrify.dev/v1","kind":"WriteRecording"}';
  const line = JSON.stringify({ ...SAMPLE, timeNs: "1" });
  const cases: readonly (readonly [name: string, content: string | Buffer, line: number])[] = [
    ["an empty file", "", 1],
    ["a file cut in a line", `${header}\n${line.slice(0, 40)}`, 2],
    ["a file cut between lines", `${header}\n${line}\n`, 3],
    ["a file with lines taken out", `${header}\n${line}\n${end(2)}\n`, 3],
    ["lines after the end", `${header}\n${end(0)}\n${line}\n`, 3],
    ["another format", '{"apiVersion":"petrify.dev/v9","kind":"WriteRecording"}\n', 1],
    ["no header", `${line}\n${end(1)}\n`, 1],
    ["text that is not JSON", `${header}\nhello\n`, 2],
    ["bytes that are not UTF-8", Buffer.concat([Buffer.from(`${header}\n`), Buffer.from([0xff, 0xfe, 10])]), 1],
    ["an unknown field", `${header}\n${line.replace("{", '{"__proto__x":1,')}\n`, 2],
    ["a relative path", `${header}\n${line.replace('"/x"', '"x"')}\n`, 2],
    ["an unknown operation", `${header}\n${line.replace('"open"', '"format"')}\n`, 2],
    ["a time that is no number", `${header}\n${line.replace('"1"', '"1e9"')}\n`, 2],
    ["a line of a megabyte", `${header}\n${'"'.padEnd(2 ** 20, "a")}`, 2],
    ["an array of arrays", `${header}\n${"[".repeat(100_000)}\n`, 2],
  ];
  test.each(cases)("%s", async (_, content, lineNumber) => {
    writeFileSync(file, content);
    await expect(read()).rejects.toMatchObject({
      code: "E_RECORDING_INVALID",
      message: expect.stringContaining(`line ${lineNumber}:`),
    });
  });
});

test("a file that does not exist, or cannot be made, is an error of input and output", async () => {
  await expect(replay(join(directory, "none"), () => {})).rejects.toMatchObject({ code: "E_IO" });
  await expect(openRecording(join(directory, "none/x"))).rejects.toMatchObject({ code: "E_IO" });
});

test("a full disk is told when the recording is closed", async () => {
  const recording = await openRecording("/dev/full");
  recording.write([SAMPLE]);
  await expect(recording.close()).rejects.toMatchObject({ code: "E_DISK_FULL" });
});

test("numbers beyond 2^53 are kept", async () => {
  const timeNs = 2n ** 63n + 1n;
  await write([[{ ...SAMPLE, timeNs, inode: { dev: 1, ino: 2n ** 64n - 1n, type: "file" } }]]);
  expect(readFileSync(file, "utf8")).toContain('"ino":"18446744073709551615"');
  expect((await read())[0]?.timeNs).toBe(timeNs);
});
