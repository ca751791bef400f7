import { assert, json, property } from "fast-check";
import { expect, test } from "vitest";
import { formatSpec, parseSpec } from "./parse-spec.ts";

test("what is read is written, every number to its last digit", () => {
  const text =
    '{"ociVersion":"1.0.2","linux":{"resources":{"memory":{"limit":9223372036854771712},"pids":{"limit":-1}},' +
    '"seccomp":{"syscalls":[{"args":[{"value":18446744073709551615}]}]}},"x":1e400,"root":{"path":"/r"},"__proto__":{"a":1}}';
  expect(formatSpec(parseSpec(text))).toBe(text);
});

test("any JSON object of other names is kept", () => {
  assert(
    property(json(), (text) => {
      const wrapped = `{"other":${text}}`;
      expect(JSON.parse(formatSpec(parseSpec(wrapped)))).toEqual(JSON.parse(wrapped));
    }),
  );
});

test("null is nothing, as Go writes it", () => {
  expect(parseSpec('{"mounts":null,"linux":{"seccomp":null,"readonlyPaths":null}}')).toEqual({ linux: {} });
});

test.each([
  ["", "it is no JSON"],
  ["[]", "it is no object"],
  ['{"Root":{"readonly":false}}', "Root is root in another spelling"],
  ['{"root":{"readonly":true,"READONLY":false}}', "root.READONLY is readonly in another spelling"],
  ['{"proce\u017Fs":{}}', "proce\u017Fs is process in another spelling"],
  ['{"linux":{"mas\u212AedPaths":[]}}', "linux.mas\u212AedPaths is maskedPaths in another spelling"],
  ['{"root":{"readonly":"true"}}', "root.readonly is no boolean"],
  ['{"mounts":[{"source":"/"}]}', "mounts[0] has no destination"],
  ['{"linux":{"resources":{"pids":{"limit":{"rawJSON":"1"}}}}}', "linux.resources.pids.limit is no number"],
])("%s is refused: %s", (text, sentence) => expect(() => parseSpec(text)).toThrow(sentence));
