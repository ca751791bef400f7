import { expect, test } from "vitest";
import { handledIn, handledSignals } from "./signals.ts";

test.each([
  ["none", "0000000000000000", []],
  ["SIGHUP alone", "0000000000000001", ["SIGHUP"]],
  // nginx's master: HUP INT QUIT USR1 USR2 ALRM TERM CHLD IO WINCH and more.
  ["those of nginx", "0000000018016a07", ["SIGHUP", "SIGUSR1", "SIGUSR2"]],
  ["SIGTERM is no question", "0000000000004000", []],
  ["a runtime that takes all of them says nothing", "fffffffe7fc1feff", []],
])("%s", (_, mask, expected) => {
  expect(handledIn(`Name:\tx\nSigIgn:\t0000000000000001\nSigCgt:\t${mask}\n`)).toEqual(expected);
});

const ignore = (): void => {};

test("this process", async () => {
  process.on("SIGUSR2", ignore);
  expect(await handledSignals(process.pid)).toContain("SIGUSR2");
  process.off("SIGUSR2", ignore);
  expect(await handledSignals(2 ** 22 + 1)).toEqual([]);
});
