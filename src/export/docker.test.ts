import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SAMPLES, strategy, tmpfs, workload } from "../../test/support/strategy-samples.ts";
import { parseRunFlags } from "../cli/run-flags.ts";
import { exportDocker } from "./docker.ts";
import { shellQuote } from "./shell-quote.ts";

/** The arguments that a real shell gives to `docker` when it runs this text; anything else it would run is an error. */
function argumentsFromShell(text: string): string[] {
  const script = `PATH=/nonexistent\ndocker() { printf '%s\\0' "$@"; }\n${text}`;
  return execFileSync("sh", ["-eu", "-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

const hostile = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "#", "!", "*", "~", ";", "&", "|", "(", "-", "="),
  }),
);
const argument = hostile.filter((text) => !text.includes("\0") && text.isWellFormed());

describe("quoting", () => {
  test("a real shell reads back every word as it was", () => {
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 20 }), (words) => {
        expect(argumentsFromShell(`docker ${words.map(shellQuote).join(" ")}`)).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });
  test("what needs no quotes has none", () => {
    expect(["/run:rw,size=1m", "A=1", "redis:7", "a@b"].map(shellQuote)).toEqual([
      "/run:rw,size=1m",
      "A=1",
      "redis:7",
      "a@b",
    ]);
  });
  test("NUL cannot be in an argument", () => {
    expect(() => shellQuote("a\0b")).toThrow(/NUL/);
  });
});

test("a reason or a path cannot leave its comment or its word", () => {
  const attack = "x\n rm -rf / #'\u2028\r\n$(reboot) `reboot` \\";
  const subject = strategy([tmpfs(`/tmp/${attack.replaceAll(":", "")}`, { why: attack })], {
    incomplete: [attack],
    workload: workload({ image: "app", command: [attack], labels: { [attack]: attack } }),
  });
  expect(argumentsFromShell(exportDocker(subject).text).slice(-2)).toEqual(["app", attack]);
});

test("an image that docker would read as a flag is refused", () => {
  expect(() => exportDocker(strategy([], { workload: workload({ image: "--privileged" }) }))).toThrow(/--privileged/);
});

// The mounts are stated word by word in targets.test.ts; those with a driver are more than Petrify's own flags can say.
test.each(Object.entries(SAMPLES))(
  "the command line of %s asks for the same run when it is read again",
  (_, sample) => {
    const args = argumentsFromShell(exportDocker(sample).text).slice(1);
    const withoutMounts = args.filter((word, index) => word !== "--mount" && args[index - 1] !== "--mount");
    const host = { cwd: "/", env: { PASSWORD: "s" }, readTextFile: () => "" };
    const { workload: again } = parseRunFlags(withoutMounts, "after image", host);
    const { entrypoint = [], command = [], ...settings } = sample.workload;
    expect({ ...again, mounts: [] }).toEqual({
      ...settings,
      env: settings.env.map((variable) => (variable === "PASSWORD" ? "PASSWORD=s" : variable)),
      mounts: [],
      ...(entrypoint.length > 0 && { entrypoint: entrypoint.slice(0, 1) }),
      ...(command.length > 0 && { command: [...entrypoint.slice(1), ...command] }),
    });
  },
);
