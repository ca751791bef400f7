import { expect, test } from "vitest";
import { type Answers, fakeEngine } from "../../test/support/fake-engine.ts";
import { connectDocker } from "../engine/docker/connect.ts";
import { Session, SILENT } from "./session.ts";

const nothing: Answers = (_request, response, path) =>
  void response.end(path.startsWith("/volumes") ? '{"Volumes":[]}' : "[]");

test("the end of a session waits for what must not be done by halves, and lets nothing begin", async () => {
  await using fake = await fakeEngine(nothing);
  const session = new Session(await connectDocker({ kind: "unix", path: fake.socketPath }, "test"), SILENT);
  const { promise, resolve } = Promise.withResolvers<void>();
  const steps: string[] = [];
  const working = session.uninterrupted(() => promise.then(() => steps.push("written")));
  session.defer(async () => void steps.push("removed"));

  const ending = session[Symbol.asyncDispose]();
  const late = session.uninterrupted(async () => void steps.push("begun too late"));
  await expect(late).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  resolve();
  await Promise.all([working, ending]);
  expect(steps).toEqual(["written", "removed"]);
});

test("a session that ends while its sensor is loaded waits for that", async () => {
  await using fake = await fakeEngine(nothing);
  const endpoint = { kind: "unix", path: fake.socketPath } as const;
  const session = new Session(await connectDocker(endpoint, "test", { info: { local: true } }), SILENT);
  let isOpening = true;
  const opening = session
    .openSensor()
    .catch(() => {})
    .finally(() => (isOpening = false));
  await session[Symbol.asyncDispose]();
  expect(isOpening).toBe(false);
  await opening;
});
