import { expect, test } from "vitest";
import type { Verdict } from "../../model/verdict.ts";
import { renderVerdict } from "./verdict.ts";

const PASSED: Verdict = {
  strategy: "redis",
  imageId: "sha256:0",
  outcome: "passed",
  regressions: [],
  denied: [],
  phases: [
    { phase: "first", test: 0, health: "healthy" },
    { phase: "replace", test: 0 },
  ],
  caveats: [],
};

test("a pass is one line", () => {
  expect(renderVerdict(PASSED, { width: 100 })).toBe(
    "passed: redis runs read-only under its strategy (first run: test ok, healthy; replace run: test ok)\n",
  );
});

test("a failure names each operation and its fix, a pass says what it does not prove", () => {
  const failed: Verdict = {
    ...PASSED,
    outcome: "failed",
    phases: [{ phase: "first", test: 7, exitedEarly: 1 }],
    regressions: [
      {
        kind: "operation",
        message: "redis-server could not create its dump file, which it could when the root was writable.",
        fix: "Add a volume for /var/lib/redis, or learn again with a test that saves.",
        operation: "open",
        path: "/var/lib/redis/\u001B[2Jtemp-1.rdb",
        errno: "EROFS",
        process: "redis-server",
      },
      { kind: "test", message: "The test ended with 7; before with 0.", fix: "Look at the operations above." },
    ],
    denied: [
      { kind: "deny", path: "/etc/redis", operation: "access", errno: "EROFS" },
      { kind: "image", path: "/state", operation: "open", errno: "EROFS" },
    ],
    mustChange: [{ path: "/state", fix: ["RUN ln -s /var/lib/app/state /state"] }],
    caveats: ["nothing was tested over TLS"],
  };
  expect(renderVerdict(failed, { width: 72 })).toMatchInlineSnapshot(`
    "failed: redis: 2 regressions (first run: test failed with 7, ended with 1)

    ✗ redis-server could not create its dump file, which it could when the
      root was writable.
      redis-server  open  /var/lib/redis/\\e[2Jtemp-1.rdb  EROFS
      fix: Add a volume for /var/lib/redis, or learn again with a test that
           saves.

    ✗ The test ended with 7; before with 0.
      fix: Look at the operations above.

    Denied on purpose, and refused as expected:
    - /etc/redis (access: EROFS)

    MUST CHANGE IN THE IMAGE, refused, and refused as expected: /state (open: EROFS)
    - /state
        RUN ln -s /var/lib/app/state /state

    What this does not prove:
    - nothing was tested over TLS
    "
  `);
});

test.each([
  [{}, "Denied on purpose, and everything tested works without it:"],
  [{ phases: [{ phase: "first" }] }, "Denied on purpose, and it runs without it, though nothing was tested:"],
  [{ outcome: "failed" }, "Denied on purpose, and refused as expected:"],
] as const)("what was denied is told with what the run proves of it: %j", (differences, told) => {
  const denied = [{ kind: "deny", path: "/x", operation: "open", errno: "EROFS" }] as const;
  expect(renderVerdict({ ...PASSED, denied, ...differences }, { width: 100 })).toContain(
    `${told}\n- /x (open: EROFS)\n`,
  );
});

test("what must change in the image is told even when this run did not try it", () => {
  const mustChange = [{ path: "/state", fix: ["RUN ln -s /var/lib/app/state /state"] }];
  expect(renderVerdict({ ...PASSED, mustChange }, { width: 100 })).toContain(
    "MUST CHANGE IN THE IMAGE, not tried in this run\n- /state\n    RUN ln -s /var/lib/app/state /state\n",
  );
});

test("--minimal shows each mount that was taken away", () => {
  const verdict: Verdict = {
    ...PASSED,
    minimal: [
      { path: "/run", needed: true, evidence: "nginx: open /run/nginx.pid: EROFS" },
      { path: "/tmp", needed: false, evidence: "everything passed without it" },
    ],
  };
  expect(renderVerdict(verdict, { width: 80 })).toMatchInlineSnapshot(`
    "passed: redis runs read-only under its strategy (first run: test ok, healthy; replace run: test ok)

    WITHOUT  NEEDED  EVIDENCE
    /run     yes     nginx: open /run/nginx.pid: EROFS
    /tmp     no      everything passed without it
    "
  `);
});
