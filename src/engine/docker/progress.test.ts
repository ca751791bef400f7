import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatProgress, type ProgressLine, readProgress } from "./progress.ts";

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const points = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [index, end] of points.slice(1).entries()) yield bytes.subarray(points[index], end);
}

async function read(text: string, cuts: readonly number[] = []): Promise<readonly ProgressLine[]> {
  const lines: ProgressLine[] = [];
  for await (const line of readProgress(chunksOf(Buffer.from(text), cuts), "test")) lines.push(line);
  return lines;
}

test("lines are the same wherever the transport cuts, in the middle of a character too", async () => {
  const lines = fc.array(fc.record({ status: fc.string({ unit: "binary" }), id: fc.string() }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(lines, fc.array(fc.nat(), { maxLength: 20 }), async (items, cuts) => {
      const decoded = await read(items.map((item) => `${JSON.stringify(item)}\r\n`).join(""), cuts);
      expect(decoded.map(({ status, id }) => ({ status, id }))).toEqual(
        items.map(({ status, id }) => ({ status, id })),
      );
    }),
  );
});

test("a last line without its end counts; a failure inside an answer that went well is seen", async () => {
  expect(await read('{"status":"a"}\n\n{"error":"broken"}')).toMatchObject([{ status: "a" }, { error: "broken" }]);
  expect(await read('{"errorDetail":{"message":"deep"}}')).toMatchObject([{ error: "deep" }]);
});

describe("refused", () => {
  test.each([
    ["no JSON", "<html>"],
    ["no object", "[1]"],
    ["wrong types", '{"status":{"a":1}}'],
    ["a cut line", '{"status":"a'],
  ])("%s", async (_what, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: "E_ENGINE_API" });
  });

  test("a line without end", async () => {
    await expect(read("x".repeat(2 ** 20 + 1))).rejects.toThrow("a line is longer than 1048576 bytes");
  });

  test("lines without end", async () => {
    const chunk = Buffer.from(`{"status":"${"x".repeat(100_000)}"}\n`.repeat(10));
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) yield chunk;
    }
    const run = async (): Promise<void> => {
      for await (const line of readProgress(endless(), "test")) expect(line.error).toBe("");
    };
    await expect(run()).rejects.toMatchObject({
      code: "E_ENGINE_API",
      message: expect.stringMatching(/does not end/) as string,
    });
  }, 60_000);
});

test("what is printed holds no control characters of the engine's", () => {
  const line = {
    id: "ab\u001b[2J",
    status: "Down\u0007loading\nx",
    progress: "1/2",
    stream: "",
    error: "",
    message: "",
  };
  expect(formatProgress(line)).toBe("ab [2J: Down loading x 1/2");
});
