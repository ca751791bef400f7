import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import { formatStrategy, parseStrategy } from "../../src/strategy/file.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { MUTANTS } from "./mutations/image.ts";
import { MUTATIONS, REFUSED_TEXTS } from "./mutations/mutations.ts";
import { learnOriginal, type Original, shortcoming, verdictOn } from "./mutations/try.ts";

// One wrong strategy of each family, as a user; `node bench/mutations.ts` tries all of them, as root, too.

let shared: PrivateEngine;
let session: Session;
let original: Original;
beforeAll(async () => {
  shared = await startPrivateEngine();
  session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT);
  original = await learnOriginal(
    session,
    MUTANTS.find(({ user }) => user !== undefined)!,
  );
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await shared.stop();
});

test("the right strategy passes", async () => {
  expect(await verdictOn(session, original)).toMatchObject({ outcome: "passed", regressions: [] });
});

describe("verify rejects, for the right reason, that", () => {
  test.each(MUTATIONS.filter(({ inTest }) => inTest))("$name", async (mutation) => {
    expect(shortcoming(await verdictOn(session, original, mutation), mutation)).toBeUndefined();
  });
});

describe("no strategy file may hold", () => {
  test.each(REFUSED_TEXTS)("$name", ({ from, to }) => {
    const text = formatStrategy(original.strategy);
    expect(text).toMatch(from);
    expect(() => parseStrategy(text.replace(from, to), "x")).toThrow(
      expect.objectContaining({ code: "E_STRATEGY_INVALID" }) as Error,
    );
  });
});
