import { describe, expect, test } from "vitest";
import {
  bind,
  deny,
  env,
  log,
  scratch,
  seeded,
  strategy,
  tmpfs,
  volume,
  workload,
} from "../../test/support/strategy-samples.ts";
import type { Strategy } from "../model/strategy.ts";
import { decide } from "./decide.ts";
import type { ContainerRequest } from "./request.ts";
import {
  bindMount,
  circumstances,
  containerRequest,
  IMAGE_ID,
  imageFacts,
  policy,
  volumeMount,
} from "./testing/samples.ts";
import { brief, changesOf, create, TEMPLATE, told } from "./testing/outcomes.ts";

describe("a writable root", () => {
  test("becomes read-only with the bounded template", () => {
    expect(brief(create())).toEqual(TEMPLATE);
    expect(changesOf(create())).toContainEqual({
      kind: "tmpfs",
      path: "/tmp",
      sizeBytes: 256 * 2 ** 20,
      mode: 0o1777,
      uid: 0,
      gid: 0,
      exec: false,
    });
  });

  test.each<[string, Partial<ContainerRequest>, readonly string[]]>([
    ["at a path of the template", { mounts: [volumeMount("/tmp")] }, ["readOnlyRoot", "tmpfs /run", "tmpfs /var/tmp"]],
    ["above two", { mounts: [volumeMount("/var")] }, ["readOnlyRoot", "tmpfs /run", "tmpfs /tmp"]],
    ["below one", { mounts: [bindMount("/srv/x", "/run/app")] }, TEMPLATE],
    [
      "at one by its other name",
      { mounts: [bindMount("/srv/x", "/var/run")] },
      TEMPLATE.filter((one) => one !== "tmpfs /run"),
    ],
    [
      "read-only",
      { mounts: [bindMount("/srv/x", "/tmp", { readOnly: true })] },
      TEMPLATE.filter((one) => one !== "tmpfs /tmp"),
    ],
    ["a VOLUME", { image: imageFacts({ volumes: ["/var"] }) }, ["readOnlyRoot", "tmpfs /run", "tmpfs /tmp"]],
    [
      "programs",
      { image: imageFacts({ env: ["PATH=/tmp/bin:/bin"] }) },
      TEMPLATE.filter((one) => one !== "tmpfs /tmp"),
    ],
  ])("the client's own wins: %s", (_what, settings, expected) => {
    expect(brief(create(settings))).toEqual(expected);
  });

  test("one that is read-only already gets nothing", () => {
    expect(create({ readOnlyRoot: true })).toEqual({ verdict: "allow", notes: [] });
  });
});

describe("strategies", () => {
  const STRATEGIES = { folder: "s", onUnknownDigest: "keep" } as const;
  const VERIFIED = { verifiedOn: [IMAGE_ID] };
  const under = (
    found: readonly Strategy[],
    settings: Partial<ContainerRequest> = {},
    onUnknownDigest: "keep" | "template" | "refuse" = "keep",
  ) => create(settings, { strategies: { ...STRATEGIES, onUnknownDigest } }, { strategies: found });

  test("each kind of entry becomes what it needs", () => {
    const found = strategy(
      [
        deny("/etc/x"),
        scratch("/cache"),
        seeded("/etc/app"),
        tmpfs("/run/app", { uid: 7, exec: true }),
        volume("/data", { source: "db" }),
        volume("/state"),
      ],
      { ...VERIFIED, settings: [env("HOME", "/run/app"), env("LANG", "C")], logs: [log("/etc/app/log")] },
    );
    const decision = under([found], { env: ["LANG=de"] });
    expect(brief(decision)).toEqual([
      "readOnlyRoot",
      "volume /cache",
      "volume /etc/app",
      "tmpfs /run/app",
      "volume db:/data",
      "volume /state",
      "env HOME=/run/app",
    ]);
    expect(changesOf(decision)).toContainEqual(expect.objectContaining({ path: "/run/app", uid: 7, exec: true }));
    expect(told(decision)).toContain("not links to the container's log");
  });

  test("the client's mounts and the image's VOLUMEs win, but the strategy may name a VOLUME", () => {
    const found = strategy(
      [tmpfs("/run/app"), volume("/data", { source: "db" }), volume("/data/x"), volume("/v")],
      VERIFIED,
    );
    const image = imageFacts({ volumes: ["/data", "/v"] });
    expect(brief(under([found], { image, mounts: [volumeMount("/run")] }))).toEqual([
      "readOnlyRoot",
      "volume db:/data",
    ]);
    expect(brief(under([found], { image, mounts: [volumeMount("/data")] }))).toEqual([
      "readOnlyRoot",
      "tmpfs /run/app",
    ]);
  });

  const one = (settings: Partial<Strategy> = {}, name = "app") =>
    strategy([tmpfs("/run/app")], { ...VERIFIED, name, ...settings });
  const unverified = one({ verifiedOn: [] });
  test.each<[string, readonly Strategy[], "keep" | "template" | "refuse", readonly string[], string]>([
    ["verified", [one()], "refuse", ["readOnlyRoot", "tmpfs /run/app"], ""],
    ["unverified, kept", [unverified], "keep", ["readOnlyRoot", "tmpfs /run/app"], "unverified"],
    ["unverified, not used", [unverified], "template", TEMPLATE, "not verified"],
    ["unverified, refused", [unverified], "refuse", [], "petrify verify"],
    ["a partial seal", [one({ readOnlyPaths: ["/etc"] })], "keep", TEMPLATE, "seals single paths"],
    [
      "another image's",
      [one({ fits: { repositories: ["docker.io/library/b"] }, verifiedOn: [] })],
      "refuse",
      TEMPLATE,
      "",
    ],
    ["other settings", [one({ workload: workload({ user: "x" }) })], "keep", TEMPLATE, "learned with"],
    ["several, one verified", [unverified, one({}, "b")], "keep", ["readOnlyRoot", "tmpfs /run/app"], ""],
    ["several verified", [one({}, "a"), one({}, "b")], "keep", TEMPLATE, "several strategies fit (a, b)"],
    ["several, none verified", [unverified, unverified], "keep", TEMPLATE, "several"],
    ["several, none verified, refused", [unverified, unverified], "refuse", [], "not verified"],
  ])("%s", (_what, found, onUnknownDigest, expected, sentence) => {
    const decision = under(found, {}, onUnknownDigest);
    expect(brief(decision)).toEqual(expected);
    expect(decision.verdict).toBe(expected.length === 0 ? "deny" : "patch");
    expect(told(decision)).toContain(sentence);
  });

  test("a bind is never made: the client must mount it himself", () => {
    const found = strategy([bind("/etc/app", { source: "/etc" }), tmpfs("/run/app")], VERIFIED);
    expect(brief(under([found]))).toEqual(TEMPLATE);
    expect(told(under([found]))).toContain("bind mount on /etc/app");
    expect(brief(under([found], { mounts: [bindMount("/srv/a", "/etc/app")] }))).toEqual([
      "readOnlyRoot",
      "tmpfs /run/app",
    ]);
  });

  test.each([
    ["a directory of the host", { options: { type: "none", o: "bind", device: "/etc" } }],
    ["another driver", { driver: "rexray" }],
  ])("a volume that may lead anywhere is never made: %s", (_what, led) => {
    const found = strategy([volume("/data", led)], VERIFIED);
    expect(brief(under([found]))).toEqual(TEMPLATE);
    expect(told(under([found]))).toContain("may lead anywhere");
    expect(brief(under([found], { mounts: [volumeMount("/data")] }))).toEqual(["readOnlyRoot"]);
  });

  test("of an image of which nothing is known no strategy fits", () => {
    const { image: _image, ...container } = containerRequest();
    const decision = decide(
      { action: "create", container },
      policy({ strategies: STRATEGIES }),
      circumstances({ strategies: [one()] }),
    );
    expect(brief(decision)).toEqual(TEMPLATE);
  });

  test("PATH is never set", () => {
    const found = strategy([], { ...VERIFIED, settings: [env("PATH", "/data")] });
    expect(brief(under([found]))).toEqual(["readOnlyRoot"]);
  });
});
