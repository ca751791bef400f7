import { describe, expect, test } from "vitest";
import { APP, RUN, spliced, thrownBy } from "../../../test/support/splice.ts";
import { spliceCompose } from "../compose-splice.ts";

describe("anchors, merge keys and extends", () => {
  test("what comes by a merge key is written out beside what is added", () => {
    const before = [
      "x-base: &base",
      "  image: app",
      "  read_only: false",
      "  tmpfs: [/tmp]",
      "services:",
      "  web:",
      "    <<: *base",
      "  other: *base",
      "volumes: {app_data: }",
      "",
    ];
    const after = before.toSpliced(
      7,
      0,
      "    read_only: true",
      "    tmpfs:",
      "      - /tmp",
      "      # Pid.",
      `      - ${RUN}`,
      "    volumes:",
      "      # State.",
      "      - app_data:/data",
    );
    const { text, notes } = spliced(before.join("\n"), APP, "web");
    expect(text).toBe(after.join("\n"));
    expect(notes).toEqual([
      expect.stringMatching(/'web' had read_only: false; it is true now/),
      expect.stringMatching(/'tmpfs' of the service 'web' came from a shared block/),
    ]);
  });

  test("an alias in the place of a value is written out", () => {
    const before =
      "x-t: &t [/tmp]\nx-no: &no false\nservices: {web: {image: app, read_only: *no, tmpfs: *t , volumes: [d:/data]}}\n";
    const after = `x-t: &t [/tmp]\nx-no: &no false\nservices: {web: {image: app, read_only: true, tmpfs: ["/tmp", "${RUN}"] , volumes: [d:/data]}}\n`;
    expect(spliced(before).text).toBe(after);
  });

  test("a block that hundreds of services share is no attack", () => {
    const others = Array.from({ length: 400 }, (_, index) => `  s${index}: {<<: *b, image: x, logging: *l}\n`).join("");
    const before = `x-b: &b {restart: always, logging: &l {driver: none}}\nservices:\n  1: {<<: *b, image: app}\n${others}`;
    expect(spliced(before).text).toContain(`1: {<<: *b, image: app, read_only: true, tmpfs: ["${RUN}"]`);
  });

  test("read_only that comes by a merge key or a base service is enough", () => {
    const full = `image: app, tmpfs: ["${RUN}"], volumes: [d:/data]`;
    for (const text of [
      `x-b: &b {read_only: true}\nservices: {web: {<<: *b, ${full}}}`,
      `services: {base: {read_only: true}, web: {extends: base, ${full}}}`,
    ])
      expect(spliced(text, APP, "web").text).toBe(text);
  });

  test("mounts of a base service in this file are not doubled, of another file they are unknown", () => {
    const base = `services: {base: {tmpfs: ["${RUN}"]}, web: {image: app, extends: {service: base}}}`;
    expect(spliced(base).text).not.toMatch(/web.*tmpfs/);
    const elsewhere = "services: {web: {image: app, extends: {service: base, file: b.yaml}}}";
    expect(spliced(elsewhere).notes).toEqual([expect.stringMatching(/extends one of another file/)]);
  });

  test.each([
    ["the service is an alias", "x-b: &b {image: app}\nservices: {web: *b}", /only an alias, \*b/],
    [
      "others merge the service",
      "services: {web: &w {image: app}, worker: {<<: *w, image: x}}",
      /services\.worker\.read_only/,
    ],
    ["others use its list", "services: {web: {image: app, tmpfs: &t [/a]}, x: {tmpfs: *t}}", /services\.x\.tmpfs/],
    ["others extend it", "services: {web: {image: app}, worker: {extends: web, image: x}}", /extended by worker/],
    ["!reset", "services: {web: {image: app, tmpfs: !reset [] }}", /'tmpfs' tagged !reset/],
    [
      "top-level volumes by an alias",
      "x-v: &v {a: }\nvolumes: *v\nservices: {web: {image: app}}",
      /The Compose file has 'volumes' in a form/,
    ],
  ])("refused: %s", (_, text, message) => {
    const error = thrownBy(() => spliceCompose(text, APP));
    expect([error.code, error.message]).toEqual(["E_COMPOSE_INVALID", expect.stringMatching(message)]);
  });
});
