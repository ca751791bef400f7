import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../test/support/cli.ts";
import { fieldsOf } from "../../test/support/schema-fields.ts";
import { PetrifyError } from "../model/errors.ts";
import { parsePolicy } from "./file.ts";
import { policyJsonSchema } from "./json-schema.ts";

const HEAD = "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata:\n  name: house\n";

function refusal(text: string): string {
  try {
    parsePolicy(text, "p.yaml");
  } catch (error) {
    if (error instanceof PetrifyError && error.code === "E_POLICY_INVALID") return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

/** The policy's name, or the code of what it ends with. */
function outcome(text: string): unknown {
  try {
    return parsePolicy(text, "p").name;
  } catch (error) {
    return error instanceof PetrifyError ? error.code : error;
  }
}

test("a name alone is a policy that harms nobody sane", () => {
  expect(parsePolicy(HEAD, "p")).toEqual({
    name: "house",
    mode: "enforce",
    scope: "unprivileged",
    privileged: "exempt",
    trust: "cooperative",
    template: [
      { path: "/run", sizeBytes: 64 * 2 ** 20, mode: 0o755, exec: false },
      { path: "/tmp", sizeBytes: 256 * 2 ** 20, mode: 0o1777, exec: false },
      { path: "/var/tmp", sizeBytes: 256 * 2 ** 20, mode: 0o1777, exec: false },
    ],
    exemptions: [],
    defaults: { noNewPrivileges: false, dropCapabilities: [] },
    refuse: {
      hostSystemBinds: true,
      engineBinds: true,
      mountsOverCode: true,
      unmaskedPaths: true,
      privilegedExec: true,
      unpinnedImages: false,
      engineChanges: true,
      runtimes: [],
    },
    production: { build: "allow", commit: "warn", copy: "warn", exec: "allow" },
  });
});

test("each field is read, and JSON is YAML", () => {
  const file = {
    apiVersion: "petrify.dev/v1",
    kind: "ReadOnlyPolicy",
    metadata: { name: "all" },
    mode: "warn",
    scope: "all",
    trust: "cooperative",
    template: [
      { path: "/z", size: "1m", mode: "0700", exec: true },
      { path: "/a", size: "1GiB" },
    ],
    strategies: { folder: "s" },
    exemptions: [
      { label: "a=b=c", reason: "r", until: "2027-01-31", readOnlyPaths: ["/usr", "/etc"] },
      { label: "a", reason: "r", until: "2027-01-31T18:00:00+02:00" },
      { tag: "nginx:*", reason: "r", until: "2028-02-29" },
      { callerUid: 0, reason: "r", until: "2027-12-31" },
    ],
    defaults: { pidsLimit: 5, memory: "1g", dropCapabilities: ["NET_RAW", "ALL"], logDriver: { driver: "none" } },
    refuse: { runtimes: ["runsc"] },
    production: { exec: "deny" },
    grandfatherUntil: "2027-01-01",
  };
  expect(parsePolicy(JSON.stringify(file), "p")).toMatchObject({
    privileged: "read-only",
    template: [
      { path: "/a", sizeBytes: 2 ** 30, mode: 0o1777, exec: false },
      { path: "/z", sizeBytes: 2 ** 20, mode: 0o700, exec: true },
    ],
    strategies: { folder: "s", onUnknownDigest: "keep" },
    exemptions: [
      {
        who: { by: "label", label: "a", value: "b=c" },
        untilMs: Date.parse("2027-02-01T00:00:00Z"),
        readOnlyPaths: ["/etc", "/usr"],
      },
      { who: { by: "label", label: "a" }, untilMs: Date.parse("2027-01-31T16:00:00Z") },
      { who: { by: "tag", tag: "docker.io/library/nginx:*" }, untilMs: Date.parse("2028-03-01T00:00:00Z") },
      { who: { by: "callerUid", uid: 0 } },
    ],
    defaults: {
      pidsLimit: 5,
      memoryBytes: 2 ** 30,
      dropCapabilities: ["ALL", "NET_RAW"],
      logDriver: { driver: "none", options: {} },
    },
    production: { exec: "deny", build: "allow" },
    grandfatherUntilMs: Date.parse("2027-01-02T00:00:00Z"),
  });
});

const exemption = (fields: string) => `${HEAD}exemptions:\n  - ${fields}\n    reason: r\n    until: 2027-01-31\n`;
test.each([
  ["no name", "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata: {}\n", /:3:.*metadata\.name.*missing/],
  ["an unknown field", `${HEAD}modus: audit\n`, /:5:1:.*no field "modus"/],
  ["an unknown field within", `${HEAD}refuse:\n  hostBinds: false\n`, /:6:3:.*no field "hostBinds"/],
  ["a misspelt value", `${HEAD}mode: enforced\n`, /:5:7: mode/],
  ["another kind", HEAD.replace("ReadOnlyPolicy", "WriteStrategy"), /:2:7: kind/],
  ["a word for a switch", `${HEAD}refuse:\n  engineBinds: "false"\n`, /:6:16: refuse\.engineBinds/],
  ["a size without unit", `${HEAD}template: [{path: /tmp, size: 64}]\n`, /template\[0\]\.size/],
  ["a mode without quotes", `${HEAD}template: [{path: /tmp, size: 64m, mode: 1777}]\n`, /template\[0\]\.mode/],
  ["a path that is not clean", `${HEAD}template: [{path: /var/../tmp, size: 64m}]\n`, /template\[0\]\.path/],
  ["two tmpfs on one path", `${HEAD}template: [{path: /t, size: 1m}, {path: /t, size: 2m}]\n`, /another tmpfs on \/t/],
  ["scope all and privileged exempt", `${HEAD}scope: all\nprivileged: exempt\n`, /:6:13: privileged: scope all/],
  ["no subject", `${HEAD}exemptions: [{reason: r, until: 2027-01-31}]\n`, /whom it exempts/],
  ["two subjects", exemption("name: a\n    callerUid: 1"), /has one subject/],
  ["no reason", `${HEAD}exemptions: [{name: a, until: 2027-01-31}]\n`, /reason: this field is missing/],
  ["no end", `${HEAD}exemptions: [{name: a, reason: r}]\n`, /until: this field is missing/],
  ["a short image id", exemption("imageId: sha256:abc"), /imageId: must be sha256:/],
  ["a tag without its tag", exemption("tag: nginx"), /tag: must be a repository with its tag/],
  ["a tag that is a digest", exemption(`tag: a@sha256:${"0".repeat(64)}`), /tag: must be/],
  ["no such day", exemption("name: a").replace("2027-01-31", "2027-02-29"), /not in the calendar/],
  ["a time without zone", exemption("name: a").replace("2027-01-31", "2027-01-31T10:00:00"), /time with its zone/],
  ["a capability with CAP_", `${HEAD}defaults: {dropCapabilities: [CAP_NET_RAW]}\n`, /without CAP_/],
  ["an anchor", `${HEAD}mode: &a audit\n`, /anchors/],
  ["two documents", `${HEAD}---\n${HEAD}`, /more than one document/],
  ["no map", "- a\n", /not a map/],
  ["nothing", "", /not a map/],
  ["a key that is a prototype", `${HEAD}__proto__: {}\n`, /key is not allowed/],
])("refused, with the place: %s", (_what, text, expected) => {
  expect(refusal(text)).toMatch(expected);
});

describe.each(["label: a=b", "name: a-*", "tag: nginx:*"])("an exemption by %s", (subject) => {
  test("holds where clients cooperate, and is an error that says why where they do not", () => {
    expect(parsePolicy(exemption(subject), "p").exemptions).toHaveLength(1);
    expect(refusal(`${exemption(subject)}trust: hostile\n`)).toMatch(
      /:6:\d+: .*a hostile client gives its container any/,
    );
  });
});

test.each(["imageId: sha256:" + "0".repeat(64), "callerUid: 5", "namespace: x"])(
  "an exemption by %s holds against anyone",
  (subject) => {
    expect(parsePolicy(`${exemption(subject)}trust: hostile\n`, "p").exemptions).toHaveLength(1);
  },
);

test("an exemption that has run out is no error", () => {
  expect(parsePolicy(exemption("name: a").replace("2027-01-31", "2001-01-31"), "p").exemptions).toHaveLength(1);
});

test("whatever the text, it is a policy or the one error", () => {
  const line = fc.constantFrom(
    ...HEAD.split("\n"),
    "mode: audit",
    "exemptions: [{}]",
    "refuse: [",
    "template: {}",
    "{",
    "x: y",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(line).map((lines) => lines.join("\n")),
  );
  fc.assert(
    fc.property(text, (one) => {
      expect(["house", "E_POLICY_INVALID"]).toContain(outcome(one));
    }),
  );
});

test.each(globSync("examples/policy/*.yaml", { cwd: ROOT }))("%s is a policy", (file) => {
  expect(parsePolicy(readFileSync(join(ROOT, file), "utf8"), file).name).toMatch(/./);
});

test("the published JSON Schema is the one that the parser holds files to", () => {
  const published = readFileSync(join(ROOT, "schemas/policy.schema.json"), "utf8");
  expect(JSON.parse(published), "run node scripts/file-schemas.ts").toEqual(JSON.parse(policyJsonSchema()));
});

test("docs/reference/policy.md names every field, and its examples are policies", () => {
  const page = readFileSync(join(ROOT, "docs/reference/policy.md"), "utf8");
  const missing = [...fieldsOf(JSON.parse(policyJsonSchema()))].filter(
    (field) => !page.includes(`\`${field}\``) && !page.includes(`\`${field}: `),
  );
  expect(missing).toEqual([]);
  const examples = [...page.matchAll(/```yaml\n([^`]+)```/g)].map((match) => match[1] ?? "");
  for (const example of examples) parsePolicy(example.startsWith("apiVersion") ? example : HEAD + example, "policy.md");
  expect(examples).toHaveLength(2);
});
