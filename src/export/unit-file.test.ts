import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { execWords } from "../../test/support/quadlet.ts";
import { scratch, seeded, strategy, tmpfs, workload } from "../../test/support/strategy-samples.ts";
import { exportQuadlet } from "./quadlet.ts";
import { exportSystemd } from "./systemd.ts";
import { unitWord } from "./unit-file.ts";
import type { Version } from "./version.ts";

describe("words of a unit", () => {
  test("are read back as they were", () => {
    const word = fc.string({ unit: fc.constantFrom("a", " ", '"', "'", "\\", "$", "%", "\n", "\t", ";", "#", "é") });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        expect(execWords(`ExecStart=${words.map(unitWord).join(" ")}\n`)).toEqual(words);
      }),
    );
  });

  test("what needs no quotes has none, and NUL cannot be said", () => {
    expect(unitWord("--env=A/b:c@d")).toBe("--env=A/b:c@d");
    expect(() => unitWord("a\0")).toThrow(/NUL/);
  });
});

test("nothing of a strategy can start a line of its own in a unit", () => {
  const attack = "x\nExecStartPre=/bin/rm -rf /\n[Service]";
  const subject = strategy([tmpfs("/run", { why: attack })], {
    incomplete: [attack],
    workload: workload({ command: [attack], env: [`A=${attack}`], labels: { [attack]: attack } }),
  });
  for (const { text } of [exportSystemd(subject), exportSystemd(subject, "podman"), exportQuadlet(subject)])
    expect(
      text.split("\n").filter((line) => line.startsWith("ExecStartPre=/bin") || line === "[Service]").length,
    ).toBeLessThan(2);
});

function quadletOf(podman: Version): string {
  return exportQuadlet(strategy([tmpfs("/run")]), podman).text;
}

describe("what comes with a version of Podman", () => {
  test("ReadOnlyTmpfs= and Tmpfs= from 4.8", () => {
    expect(quadletOf([4, 8])).toMatch(/^ReadOnlyTmpfs=false\nTmpfs=/m);
    expect(quadletOf([4, 7])).not.toMatch(/ReadOnlyTmpfs|^Tmpfs/m);
    expect(quadletOf([4, 7])).toMatch(/^PodmanArgs=--tmpfs \/run:/m);
  });
  test("no Quadlet before 4.4", () => {
    expect(() => quadletOf([4, 3])).toThrow(/4\.3 has no Quadlet/);
  });
});

test("a terminal and a restart policy become what a service has", () => {
  const subject = strategy([], { workload: workload({ tty: true, openStdin: true, restart: "on-failure:3" }) });
  for (const { text, notes } of [exportSystemd(subject), exportQuadlet(subject)]) {
    expect(text).toMatch(/^Restart=on-failure$/m);
    expect(text).not.toMatch(/--restart|--tty|--interactive/);
    expect(notes.join()).toMatch(/no terminal/);
  }
});

test("what Podman does not bound is said", () => {
  const { notes } = exportQuadlet(strategy([seeded("/a"), seeded("/b", { uid: 5 }), scratch("/c")]));
  expect(notes).toContain("Podman does not hold a volume to a size: nothing bounds /b (1MiB), /c (1MiB).");
});
