import { expect, test } from "vitest";
import { denialsInLog } from "./log-denials.ts";

test("lines of a log that tell of the read-only root, each once, and harmless", () => {
  const logs = [
    "starting",
    "touch: /x: Read-only file system",
    "touch: /x: Read-only file system",
    "Error: EROFS: read-only file system, open '/y\u001b[2J'",
    "opened read-only",
    "",
  ];
  expect(denialsInLog(logs.join("\n"))).toEqual([
    "the container's log says: touch: /x: Read-only file system",
    "the container's log says: Error: EROFS: read-only file system, open '/y\\e[2J'",
  ]);
  expect(denialsInLog("")).toEqual([]);
});
