import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StdcopyDecoder, type StreamName } from "./stdcopy.ts";

const STREAM_BYTE: Readonly<Record<StreamName, number>> = { stdout: 1, stderr: 2, error: 3 };

function frame(stream: number, payload: Uint8Array, length = payload.length): Buffer {
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 4);
  return Buffer.concat([head, payload]);
}

function decode(chunks: readonly Buffer[]): { readonly text: Record<StreamName, Buffer>; readonly complete: boolean } {
  const parts: Record<StreamName, Buffer[]> = { stdout: [], stderr: [], error: [] };
  const decoder = new StdcopyDecoder("test", (stream, payload) => parts[stream].push(Buffer.from(payload)));
  for (const chunk of chunks) decoder.push(chunk);
  const text = {
    stdout: Buffer.concat(parts.stdout),
    stderr: Buffer.concat(parts.stderr),
    error: Buffer.concat(parts.error),
  };
  return { text, complete: decoder.isComplete };
}

test("gives back every stream's bytes, wherever the transport cuts", () => {
  const frames = fc.array(
    fc.record({
      stream: fc.constantFrom<StreamName>("stdout", "stderr", "error"),
      payload: fc.uint8Array({ maxLength: 40 }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 20 }), (items, cuts) => {
      const whole = Buffer.concat(items.map(({ stream, payload }) => frame(STREAM_BYTE[stream], payload)));
      const points = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
      const { text, complete } = decode(points.slice(1).map((end, index) => whole.subarray(points[index], end)));
      for (const name of ["stdout", "stderr", "error"] as const) {
        const expected = Buffer.concat(items.filter(({ stream }) => stream === name).map(({ payload }) => payload));
        expect(text[name].equals(expected)).toBe(true);
      }
      expect(complete).toBe(true);
    }),
  );
});

test("a stream that ends inside a head or a payload is not complete", () => {
  const whole = frame(1, Buffer.from("hello"));
  for (let end = 1; end < whole.length; end++) expect(decode([whole.subarray(0, end)]).complete).toBe(false);
});

describe("bytes that are no frames are refused", () => {
  test.each([
    ["an unknown stream", frame(4, Buffer.from("x"))],
    ["filler that is not zero", Buffer.from([1, 0, 9, 0, 0, 0, 0, 1, 65])],
    ["a length no engine sends", frame(1, Buffer.from("x"), 0xffffffff)],
    ["plain text", Buffer.from("OCI runtime exec failed")],
  ])("%s", (_name, bytes) => {
    expect(() => decode([bytes])).toThrow(expect.objectContaining({ code: "E_ENGINE_API" }));
  });
});
