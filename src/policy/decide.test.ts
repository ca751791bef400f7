import { describe, expect, test } from "vitest";
import type { Exemption, ExemptionSubject, Policy } from "../model/policy.ts";
import { applyChanges } from "./apply.ts";
import { type Circumstances, decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import type { ContainerRequest, GuardRequest } from "./request.ts";
import {
  bindMount,
  circumstances,
  containerRequest,
  DAY_MS,
  IMAGE_ID,
  NOW_MS,
  policy,
  volumeMount,
} from "./testing/samples.ts";
import { brief, changesOf, create, TEMPLATE, told } from "./testing/outcomes.ts";

function start(
  settings: Partial<ContainerRequest>,
  rules: Partial<Policy> = {},
  createdMs = NOW_MS,
  now: Partial<Circumstances> = {},
): Decision {
  const request = { action: "start", container: containerRequest(settings), createdMs } as const;
  return decide(request, policy(rules), circumstances(now));
}

describe("defaults", () => {
  const defaults: Policy["defaults"] = {
    noNewPrivileges: true,
    pidsLimit: 100,
    memoryBytes: 2 ** 30,
    dropCapabilities: ["MKNOD", "NET_RAW"],
    logDriver: { driver: "local", options: { "max-size": "1m" } },
  };
  const added = (settings: Partial<ContainerRequest>) =>
    changesOf(create({ readOnlyRoot: true, ...settings }, { defaults }));

  test("are added where nothing is said; 0 says nothing", () => {
    expect(added({ pidsLimit: 0, memoryBytes: 0, logDriver: "" })).toEqual([
      { kind: "noNewPrivileges" },
      { kind: "pidsLimit", limit: 100 },
      { kind: "memory", bytes: 2 ** 30 },
      { kind: "dropCapabilities", names: ["MKNOD", "NET_RAW"] },
      { kind: "logDriver", driver: "local", options: { "max-size": "1m" } },
    ]);
  });

  const SAID = { noNewPrivileges: false, pidsLimit: -1, memoryBytes: 1, logDriver: "none" };
  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ["one is added by name", ["NET_RAW"], [], ["MKNOD"]],
    ["all are added", ["ALL"], [], []],
    ["all are dropped", [], ["ALL"], []],
    ["one is dropped", [], ["MKNOD"], ["NET_RAW"]],
  ])("what the client says stays: %s", (_what, capAdd, capDrop, names) => {
    expect(added({ ...SAID, capAdd, capDrop })).toEqual(
      names.length === 0 ? [] : [{ kind: "dropCapabilities", names }],
    );
  });

  test("their absence refuses no start", () => {
    expect(start({ readOnlyRoot: true }, { defaults }).verdict).toBe("allow");
  });
});

function exemption(who: ExemptionSubject, settings: Partial<Exemption> = {}): Exemption {
  return { who, reason: "why", untilMs: NOW_MS + DAY_MS, readOnlyPaths: [], ...settings };
}

/** One that ends then. */
function ending(untilMs: number): Partial<Policy> {
  return { exemptions: [exemption({ by: "imageId", imageId: IMAGE_ID }, { untilMs })] };
}

test.each([
  ["whose uid is known gets the line", { uid: 1001 }, "exemptions: [{callerUid: 1001, "],
  ["whose uid nobody knows is told of none", {}, "on the guarded socket"],
])("of what makes no container, a caller %s", (_what, caller, words) => {
  const decision = decide({ action: "engineChange", what: "x" }, policy(), circumstances({ caller }));
  expect(decision.verdict === "deny" ? decision.reasons[0]?.remedy : "").toContain(words);
});

describe("exemptions", () => {
  const FORBIDDEN = { mounts: [bindMount("/")], name: "build-7", namespace: "kube-system", labels: { a: "b" } };

  test.each<[string, ExemptionSubject, boolean, Partial<ContainerRequest>?]>([
    ["its image", { by: "imageId", imageId: IMAGE_ID }, true],
    ["another image", { by: "imageId", imageId: `sha256:${"2".repeat(64)}` }, false],
    ["the caller", { by: "callerUid", uid: 1000 }, true],
    ["another caller", { by: "callerUid", uid: 0 }, false],
    ["the namespace", { by: "namespace", namespace: "kube-system" }, true],
    ["another namespace", { by: "namespace", namespace: "kube" }, false],
    ["a label", { by: "label", label: "a" }, true],
    ["a label's value", { by: "label", label: "a", value: "b" }, true],
    ["another value", { by: "label", label: "a", value: "c" }, false],
    ["a label that every object has", { by: "label", label: "constructor" }, false],
    ["a name", { by: "name", name: "build-*" }, true],
    ["a name as engines write it", { by: "name", name: "build-*" }, true, { name: "/build-7" }],
    ["another name", { by: "name", name: "build" }, false],
    ["a tag", { by: "tag", tag: "docker.io/library/app:*" }, true],
    ["another tag", { by: "tag", tag: "docker.io/library/app:2*" }, false],
    ["the tag of an image by id", { by: "tag", tag: "docker.io/library/app:1" }, true, { imageReference: IMAGE_ID }],
  ])("%s", (_what, who, holds, settings) => {
    const one = exemption(who);
    const decision = create({ ...FORBIDDEN, ...settings }, { exemptions: [one] }, { caller: { uid: 1000 } });
    expect(decision.verdict).toBe(holds ? "allow" : "deny");
    expect("exemption" in decision ? decision.exemption : undefined).toBe(holds ? one : undefined);
  });

  test("by an image of which nothing is known holds for none", () => {
    const { image: _image, ...container } = containerRequest();
    const rules = policy({ exemptions: [exemption({ by: "imageId", imageId: IMAGE_ID })] });
    expect(decide({ action: "create", container }, rules, circumstances())).not.toHaveProperty("exemption");
  });

  test("from its end on it holds no more, and that is told", () => {
    expect(create({}, ending(NOW_MS + 1)).verdict).toBe("allow");
    const expired = create({}, ending(NOW_MS));
    expect(brief(expired)).toEqual(TEMPLATE);
    expect(told(expired)).toContain("ran out");
    expect(told(create(FORBIDDEN, ending(NOW_MS)))).toContain("ran out");
  });

  test("single paths become read-only in a container that stays writable", () => {
    const exemptions = [exemption({ by: "imageId", imageId: IMAGE_ID }, { readOnlyPaths: ["/etc", "/usr"] })];
    const decision = create({}, { exemptions });
    expect(changesOf(decision)).toEqual([{ kind: "readOnlyPaths", paths: ["/etc", "/usr"] }]);
    const made = applyChanges(containerRequest(), changesOf(decision));
    expect(made.readOnlyPaths).toEqual(expect.arrayContaining(["/proc/sys", "/etc", "/usr"]));
    expect(start(made, { exemptions }).verdict).toBe("allow");
    expect(start({}, { exemptions }).verdict).toBe("deny");
    expect(told(create({ privileged: true }, { exemptions }))).toContain("stay writable");
  });

  test("hold for acts, too", () => {
    const rules = policy({
      production: { build: "deny", commit: "deny", copy: "deny", exec: "deny" },
      exemptions: [exemption({ by: "callerUid", uid: 1000 })],
    });
    const container = containerRequest();
    for (const request of [
      { action: "build" },
      { action: "copy", container },
      { action: "commit", container },
      { action: "exec", container, privileged: true },
      { action: "engineChange", what: "x" },
    ] satisfies readonly GuardRequest[]) {
      expect(decide(request, rules, circumstances({ caller: { uid: 1000 } })).verdict).toBe("allow");
      expect(decide(request, rules, circumstances({ caller: { uid: 1001 } })).verdict).toBe("deny");
    }
  });
});

describe("privileged containers", () => {
  const asked = { privileged: true, mounts: [bindMount("/")] };

  test("exempt: left alone, and told", () => {
    const decision = create(asked);
    expect(changesOf(decision)).toEqual([]);
    expect(decision.verdict).toBe("allow");
    expect(told(decision)).toContain("privileged");
  });

  test("exempt and yet in scope: not exempt", () => {
    expect(create({ privileged: true }, { scope: "all" }).verdict).toBe("patch");
  });

  test("read-only: like any other", () => {
    expect(create(asked, { privileged: "read-only" }).verdict).toBe("deny");
    expect(brief(create({ privileged: true }, { privileged: "read-only" }))).toEqual(TEMPLATE);
  });
});

describe("a start", () => {
  test("of a read-only container is allowed, of a writable one refused with the way out", () => {
    expect(start({ readOnlyRoot: true }).verdict).toBe("allow");
    const decision = start({});
    expect(decision.verdict).toBe("deny");
    expect(told(decision)).toMatch(/past the guard, or before policy house.*make it again.*grandfatherUntil/s);
  });

  test.each<[string, number, number, "allow" | "deny"]>([
    ["older than the policy, in time", NOW_MS - 2 * DAY_MS, NOW_MS + 1, "allow"],
    ["as old as the policy", NOW_MS - DAY_MS, NOW_MS + 1, "deny"],
    ["too late", NOW_MS - 2 * DAY_MS, NOW_MS, "deny"],
  ])("grandfathered: %s", (_what, createdMs, grandfatherUntilMs, expected) => {
    const decision = start({ mounts: [bindMount("/")] }, { grandfatherUntilMs }, createdMs);
    expect(decision.verdict).toBe(expected);
    expect(told(decision).includes("older than policy house")).toBe(expected === "allow");
  });

  test("is judged by the same rules", () => {
    expect(start({ readOnlyRoot: true, mounts: [volumeMount("/usr")] }).verdict).toBe("deny");
  });
});

describe("acts", () => {
  const container = containerRequest();
  const ACTS: Readonly<Record<keyof Policy["production"], GuardRequest>> = {
    build: { action: "build" },
    commit: { action: "commit", container },
    copy: { action: "copy", container },
    exec: { action: "exec", container, privileged: false },
  };

  test.each(Object.entries(ACTS))("%s: as production says", (act, request) => {
    const decided = (rule: "allow" | "warn" | "deny") =>
      decide(request, policy({ production: { ...policy().production, [act]: rule } }), circumstances());
    expect(decided("allow")).toEqual({ verdict: "allow", notes: [] });
    expect(decided("warn")).toMatchObject({ verdict: "allow", notes: [{ rule: `production-${act}` }] });
    expect(decided("deny")).toMatchObject({ verdict: "deny", reasons: [{ rule: `production-${act}` }] });
    expect(told(decided("deny"))).toContain(`production.${act}: allow`);
  });

  test.each<[string, GuardRequest, Partial<Policy>, "allow" | "deny"]>([
    ["a privileged command", { action: "exec", container, privileged: true }, {}, "deny"],
    [
      "one in a container that is privileged and exempt",
      { action: "exec", container: containerRequest({ privileged: true }), privileged: true },
      {},
      "allow",
    ],
    [
      "one in a privileged container that is not",
      { action: "exec", container: containerRequest({ privileged: true }), privileged: true },
      { privileged: "read-only" },
      "deny",
    ],
    [
      "one that is let",
      { action: "exec", container, privileged: true },
      { refuse: { ...policy().refuse, privilegedExec: false } },
      "allow",
    ],
    ["a plugin", { action: "engineChange", what: "installing a plugin" }, {}, "deny"],
    [
      "a plugin that is let",
      { action: "engineChange", what: "x" },
      { refuse: { ...policy().refuse, engineChanges: false } },
      "allow",
    ],
    ["an unknown call, cooperative", { action: "unknown", what: "POST /x" }, {}, "allow"],
    ["an unknown call, hostile", { action: "unknown", what: "POST /x" }, { trust: "hostile" }, "deny"],
  ])("%s", (_what, request, rules, expected) => {
    expect(decide(request, policy(rules), circumstances()).verdict).toBe(expected);
  });
});

describe("inside a container that its caller could not start", () => {
  const others = containerRequest({ mounts: [bindMount("/")] });
  const acts = [
    { action: "exec", container: others, privileged: false, createdMs: 0 },
    { action: "copy", container: others, createdMs: 0 },
  ] as const;
  const agent: Partial<Policy> = {
    trust: "hostile",
    exemptions: [{ who: { by: "callerUid", uid: 990 }, reason: "agent", untilMs: NOW_MS + 1, readOnlyPaths: [] }],
  };

  test.each(acts)("a hostile client does nothing: $action", (request) => {
    const decision = decide(request, policy(agent), circumstances({ caller: { uid: 1000 } }));
    expect(decision).toMatchObject({
      verdict: "deny",
      reasons: [{ rule: "read-only-root" }, { rule: "host-system-bind" }, { rule: "engine-bind" }],
    });
    expect(decide(request, policy(agent), circumstances({ caller: { uid: 990 } })).verdict).toBe("allow");
    expect(decide(request, policy(), circumstances()).verdict).toBe("allow");
  });

  test("he copies nothing into a read-only one, where links lead the engine into its root", () => {
    const request = { action: "copy", container: containerRequest({ readOnlyRoot: true }) } as const;
    expect(decide(request, policy(agent), circumstances())).toMatchObject({
      verdict: "deny",
      reasons: [{ rule: "copy-by-links" }],
    });
    expect(decide(request, policy(), circumstances()).verdict).toBe("allow");
  });

  test.each(acts)("what is grandfathered stays in use: $action", (request) => {
    const rules = policy({ trust: "hostile", grandfatherUntilMs: NOW_MS + 1 });
    expect(decide(request, rules, circumstances({ policySinceMs: 1 })).verdict).toBe("allow");
    expect(decide(request, rules, circumstances({ policySinceMs: 0 })).verdict).toBe("deny");
  });
});
