import { describe, expect, test } from "vitest";
import { APP, spliced, thrownBy } from "../../../test/support/splice.ts";
import { strategy, workload } from "../../../test/support/strategy-samples.ts";
import { spliceCompose } from "../compose-splice.ts";

describe("the service", () => {
  const two =
    "services: {a: {image: app}, b: {image: 'docker.io/library/app:${TAG:-1}'}, c: {image: other/app}, d: {build: .}}";
  test("several that fit", () => {
    const error = thrownBy(() => spliceCompose(two, APP));
    expect([error.code, error.message]).toEqual(["E_USAGE", expect.stringMatching(/: a, b\.$/)]);
  });
  test("named", () => {
    expect(spliced(two, APP, "b").text).toMatch(/b: \{image: .*read_only: true.*\}, c:/);
  });
  test("named, with another image or a build: done and said", () => {
    expect(spliced(two, APP, "c").notes).toEqual([expect.stringMatching(/'c' has the image other\/app/)]);
    expect(spliced(two, APP, "d").notes).toEqual([expect.stringMatching(/'d' has no image/)]);
  });
  test("none that fits, or no such service", () => {
    expect(thrownBy(() => spliceCompose("services: {z: {image: y}}", APP))).toMatchObject({
      code: "E_USAGE",
      hint: expect.stringMatching(/: z\./),
    });
    expect(thrownBy(() => spliceCompose(two, APP, { service: "constructor" })).code).toBe("E_USAGE");
  });
  test("another user or command than was learned is said", () => {
    const { notes } = spliced("services: {web: {image: app, user: '5', command: run $$x}}");
    expect(notes).toEqual([expect.stringMatching(/another user, command than/)]);
    const same = strategy(APP.entries, { workload: workload({ user: "5", command: ["run", "$x"] }) });
    expect(spliced("services: {web: {image: app, user: '5', command: [run, $$x]}}", same).notes).toEqual([]);
  });
});
