import { describe, expect, test } from "vitest";
import { APP, spliced, thrownBy } from "../../../test/support/splice.ts";
import { spliceCompose } from "../compose-splice.ts";

test.each([
  ["configs: {c: {content: x}}", "configs: [c]", /config 'c' comes from 'content'/],
  ["secrets: {s: {environment: S}}", "secrets: [{source: s, target: /s}]", /secret 's' comes from 'environment'/],
])("Compose refuses read_only beside %s", (top, use, message) => {
  const error = thrownBy(() => spliceCompose(`${top}\nservices: {web: {image: app, ${use}}}`, APP));
  expect([error.code, error.message]).toEqual(["E_EXPORT_UNSUPPORTED", expect.stringMatching(message)]);
});

test("configs and secrets from files are no obstacle, nor are those of other services", () => {
  const text =
    "secrets: {s: {file: ./s}, t: {environment: T}}\nservices: {web: {image: app, secrets: [s]}, x: {secrets: [t]}}";
  expect(spliced(text).text).toContain("read_only: true");
});

describe("what is no Compose file is refused", () => {
  const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let n = 1; n < 9; n++) bomb.push(`a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(", ")}]`);
  test.each([
    ["nothing", ""],
    ["a comment", "# nothing\n"],
    ["a list", "- a\n"],
    ["a text", "services"],
    ["broken YAML", "services: [\n"],
    ["a key twice", "services: {web: {image: app, image: app}}"],
    ["two documents", "services: {web: {image: app}}\n---\nservices: {}\n"],
    ["no services", "version: '3'\n"],
    ["services as a list", "services: [web]\n"],
    ["version 1", "web: {image: app}\n"],
    ["an alias bomb", [...bomb, "services: {web: {image: app}}"].join("\n")],
    ["an unknown alias", "services: {web: {image: app, tmpfs: *t}}"],
    ["deep nesting", `services: ${"[".repeat(100_000)}`],
    ["too much", `#${" ".repeat(600_000)}\nservices: {web: {image: app}}`],
    ["a list in the place of a setting's text", "services: {web: {image: app, tmpfs: {a: b}}}"],
    ["a key behind a question mark", "services:\n  web:\n    ? image\n    : app\n"],
  ])("%s", (_, text) => {
    expect(thrownBy(() => spliceCompose(text, APP)).code).toBe("E_COMPOSE_INVALID");
  });
});
