import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ContainerView } from "./container-view.ts";
import { EventBuilder } from "./event-builder.ts";
import { Executables } from "./executables.ts";
import { decodeRecord } from "./record.ts";
import { callNames, CALL_NUMBERS, type CallNumbers } from "./syscalls.ts";

const fixture = join(import.meta.dirname, "../../test/fixtures/sensor-records.json");
const records = JSON.parse(readFileSync(fixture, "utf8")) as Readonly<Record<string, string>>;
/** bpf/record.h, struct record: `call`. */
const CALL_AT = 96;

/** The event of a recorded x86-64 record that carries the number which another architecture has for its call. */
function eventOf(name: string, numbers: CallNumbers, call: number): unknown {
  const bytes = Buffer.from(records[name] ?? "", "base64");
  bytes.writeUInt16LE(call, CALL_AT);
  const record = decodeRecord(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  const built = new EventBuilder(callNames(numbers), new Executables()).build(record, new ContainerView("id", 1));
  const { process: _process, timeNs: _time, ...event } = built?.event ?? {};
  return event;
}

// A record has the same layout everywhere; numbers of calls differ.
test.each([
  ["open", "openat"],
  ["write", "write"],
])("%s is the same event on arm64", (record, call) => {
  const [x64, arm64] = ["x64", "arm64"].map((architecture) => CALL_NUMBERS[architecture] as CallNumbers);
  const numberIn = (numbers: CallNumbers): number => numbers.native.find(([name]) => name === call)?.[1] ?? -1;
  const expected = eventOf(record, x64 as CallNumbers, numberIn(x64 as CallNumbers));
  expect(expected).toMatchObject({ syscall: call, path: "/tmp/petrify-fixture/d/f", result: 0 });
  expect(eventOf(record, arm64 as CallNumbers, numberIn(arm64 as CallNumbers))).toEqual(expected);
});
