import { expect, test } from "vitest";
import { startScript } from "../../test/support/cli.ts";

const PRELUDE = `
  import { cleanUp, cleanUpOnSignals, onCleanup } from "./src/cli/cleanup.ts";
  cleanUpOnSignals();
  const say = (text: string) => console.log(text);
  const forever = setInterval(() => {}, 1000);
`;

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s removes the last made first and exits with %i", async (signal, exitCode) => {
  const script = startScript(`${PRELUDE}
    onCleanup(() => say("engine"));
    onCleanup(async () => { await new Promise((resolve) => setTimeout(resolve, 20)); say("container"); });
    say("ready");
  `);
  await script.shows("ready");
  script.signal(signal);
  const result = await script.ended;
  expect(result.stdout).toBe("ready\ncontainer\nengine\n");
  expect(result.stderr).toContain(`Stopped by ${signal}; nothing is left running.  [E_INTERRUPTED]`);
  expect(result.exitCode).toBe(exitCode);
});

test("a second signal warns and does not cut the cleaning short", async () => {
  const script = startScript(`${PRELUDE}
    onCleanup(async () => { say("cleaning"); await new Promise((resolve) => setTimeout(resolve, 300)); say("cleaned"); });
    say("ready");
  `);
  await script.shows("ready");
  script.signal("SIGINT");
  await script.shows("cleaning");
  script.signal("SIGINT");
  const result = await script.ended;
  expect(result.stdout).toContain("cleaned");
  expect(result.stderr).toContain("petrify doctor --clean");
  expect(result.exitCode).toBe(130);
});

test("a cleanup that fails is told and does not keep the others from running", async () => {
  const script = startScript(`${PRELUDE}
    onCleanup(() => say("first made"));
    onCleanup(() => { throw new Error("engine is gone"); });
    await cleanUp();
    clearInterval(forever);
  `);
  const result = await script.ended;
  expect(result.stdout).toBe("first made\n");
  expect(result.stderr).toContain("engine is gone");
  expect(result.exitCode).toBe(0);
});

test("a cleanup that hangs is given up, and the others run", async () => {
  const script = startScript(`${PRELUDE}
    import { mock } from "node:test";
    mock.timers.enable({ apis: ["setTimeout"] });
    onCleanup(() => say("first made"));
    onCleanup(() => new Promise(() => {}));
    const ending = cleanUp();
    mock.timers.tick(30_000);
    say("all removed: " + (await ending));
    clearInterval(forever);
  `);
  const { stdout, stderr } = await script.ended;
  expect(stdout).toBe("first made\nall removed: false\n");
  expect(stderr).toContain("gave up after 30 s");
});

test("after a cleanup that failed nobody says that nothing is left", async () => {
  const script = startScript(`${PRELUDE}
    onCleanup(() => { throw new Error("engine is gone"); });
    say("ready");
  `);
  await script.shows("ready");
  script.signal("SIGINT");
  const { stderr, exitCode } = await script.ended;
  expect(stderr).toContain("not everything that was started could be removed.  [E_INTERRUPTED]");
  expect(stderr).not.toContain("nothing is left");
  expect(exitCode).toBe(130);
});

test("what is registered while cleaning runs too, what was taken back does not", async () => {
  const script = startScript(`${PRELUDE}
    onCleanup(() => void onCleanup(() => say("made late")));
    onCleanup(() => say("taken back"))();
    say("ready");
  `);
  await script.shows("ready");
  script.signal("SIGTERM");
  expect((await script.ended).stdout).toBe("ready\nmade late\n");
});
