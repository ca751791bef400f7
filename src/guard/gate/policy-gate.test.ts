import { describe, expect, test } from "vitest";
import { PetrifyError } from "../../model/errors.ts";
import type { Policy } from "../../model/policy.ts";
import type { Decision } from "../../policy/decision.ts";
import type { GuardRequest } from "../../policy/request.ts";
import type { Answer, ApiCall } from "../api-call.ts";
import type { Decided } from "../observe/observer.ts";
import { apiCall, containerRequest, HeldThings, IMAGE, POLICY } from "../testing/gate.ts";
import { PolicyGate } from "./policy-gate.ts";
import type { Translators } from "./translators.ts";

const DENY: Decision = {
  verdict: "deny",
  reasons: [{ rule: "r", sentence: "It is forbidden.", remedy: "Ask." }],
};
const PATCH: Decision = {
  verdict: "patch",
  changes: [{ kind: "readOnlyRoot" }],
  notes: [{ rule: "n", sentence: "Noted.", remedy: "" }],
};
const ALLOW: Decision = { verdict: "allow", notes: [{ rule: "n", sentence: "Noted.", remedy: "" }] };

/** One container per word of the body; `pod` takes two. */
const TRANSLATORS: Translators = {
  dockerCreate: {
    missingImage: "answer404",
    read(body) {
      const text = body.toString();
      if (text === "bad") throw new PetrifyError("E_REQUEST_BODY", "The body is bad.", { hint: "Mend it." });
      const mounts = [{ type: "volume" as const, source: "data", target: "/d", readOnly: false }];
      return {
        containers: [containerRequest({ imageReference: text, mounts })],
        body: (changes) => Buffer.from(JSON.stringify(changes)),
      };
    },
  },
  kubePlay: {
    missingImage: "later",
    read: (body) => ({
      containers: body
        .toString()
        .split(" ")
        .map((imageReference) => containerRequest({ imageReference })),
      body: (changes) => Buffer.from(JSON.stringify(changes)),
    }),
  },
};

function setUp(decision: Decision | ((request: GuardRequest) => Decision), over: Partial<Policy> = {}, dryRun = false) {
  const lookups = new HeldThings();
  const asked: GuardRequest[] = [];
  const seen: Decided[] = [];
  const gate = new PolicyGate({
    snapshot: { policy: { ...POLICY, ...over }, strategies: [], sinceMs: 0, enginePaths: [], guardPaths: [] },
    lookups,
    translators: TRANSLATORS,
    decide: (request) => {
      asked.push(request);
      return typeof decision === "function" ? decision(request) : decision;
    },
    observer: { decided: (one) => void seen.push(one) },
    dryRun,
  });
  const judge = (method: string, path: string, body?: string): Promise<Answer> =>
    gate.judge(apiCall(method, path), body === undefined ? undefined : Buffer.from(body));
  return { gate, lookups, asked, seen, judge };
}

const create = ["POST", "/v1.41/containers/create?name=x", "shop:1"] as const;

const callBy = (uid: number): ApiCall => ({ ...apiCall("POST", "/v1.41/containers/create"), caller: { uid } });

describe("an exempt caller", () => {
  const exemptions = [
    { who: { by: "callerUid", uid: 7 }, reason: "CI", untilMs: Number.MAX_SAFE_INTEGER, readOnlyPaths: [] },
  ] as const;
  test("is let through with what the guard refuses and what it cannot read, and it is told", async () => {
    const { gate, seen } = setUp(DENY, { exemptions });
    for (const body of ["shop:1", "bad"])
      expect(await gate.judge(callBy(7), Buffer.from(body))).toEqual({ kind: "forward", warnings: [] });
    expect(seen).toMatchObject([
      { verdict: "allow", exemption: "CI", request: { action: "create" } },
      { verdict: "allow", exemption: "CI" },
    ]);
    expect(await gate.judge(callBy(8), Buffer.from("shop:1"))).toMatchObject({ kind: "refuse" });
  });

  test("is judged where its containers must have read-only paths", async () => {
    const { gate } = setUp(PATCH, { exemptions: exemptions.map((one) => ({ ...one, readOnlyPaths: ["/etc"] })) });
    expect(await gate.judge(callBy(7), Buffer.from("shop:1"))).toHaveProperty("body");
  });
});

describe("what a name stands for is judged", () => {
  const [PLACE, LINK] = [{ path: "/etc" }, "/srv/link"];
  test("a bind with where it leads, a device with what it is", async () => {
    const { lookups, asked, judge } = setUp(ALLOW);
    lookups.add("x", {
      mounts: [{ type: "bind", source: LINK, target: "/x", readOnly: false }],
      devices: [{ hostPath: "/srv/node", containerPath: "/dev/x", permissions: "rwm" }],
    });
    lookups.places.set(LINK, PLACE).set("/srv/node", { path: "/srv/node", deviceRule: "b 8:0 rwm" });
    await judge("POST", "/v1.41/containers/x/start");
    expect(asked).toMatchObject([
      { action: "start", container: { mounts: [{ leadsTo: "/etc" }], devices: [{ rule: "b 8:0 rwm" }] } },
    ]);
  });

  test("the start of a container in a pod is that of the pod's infra container, too", async () => {
    const { lookups, asked, judge } = setUp(ALLOW);
    lookups.add("infra", { imageReference: "localhost/podman-pause:5.0" });
    lookups.add("x");
    const member = lookups.containers.get("x");
    if (member !== undefined) lookups.containers.set("x", { ...member, pod: "p" });
    lookups.pods.set("p", { containers: ["infra", "x"], infra: "infra" });
    await judge("POST", "/v4.0.0/libpod/containers/x/start");
    expect(asked).toMatchObject([{ container: { name: "infra", isPause: true } }, { container: { name: "x" } }]);
  });
});

describe("what becomes of a decision in each mode", () => {
  test("enforce refuses what is denied, with all reasons and the policy's name", async () => {
    const two = { ...DENY, reasons: [...DENY.reasons, { rule: "s", sentence: "Twice.", remedy: "Do not." }] };
    const { judge } = setUp(two);
    expect(await judge(...create)).toEqual({
      kind: "refuse",
      refusal: {
        status: 403,
        message: "refused for 2 reasons:\n- It is forbidden. Ask.\n- Twice. Do not.\n(policy default)",
      },
    });
    const one = await setUp(DENY).judge(...create);
    expect(one).toMatchObject({ refusal: { message: "It is forbidden. Ask. (policy default)" } });
  });

  test("enforce sends the changed body, and says what would do the same", async () => {
    const answer = await setUp(PATCH).judge(...create);
    expect(answer).toEqual({
      kind: "forward",
      body: Buffer.from('[[{"kind":"readOnlyRoot"}]]'),
      flags: ["--read-only"],
      warnings: ["Noted."],
    });
  });

  test("enforce sends the canonical body of what is allowed, and names no flags", async () => {
    expect(await setUp(ALLOW).judge(...create)).toEqual({
      kind: "forward",
      body: Buffer.from("[[]]"),
      warnings: ["Noted."],
    });
  });

  test.each([
    ["deny", DENY, ["would be refused by the policy default: It is forbidden. Ask."]],
    ["patch", PATCH, ["would be changed by the policy default, as with: --read-only", "Noted."]],
    ["allow", ALLOW, ["Noted."]],
  ] as const)("warn changes nothing and says so: %s", async (_, decision, warnings) => {
    expect(await setUp(decision, { mode: "warn" }).judge(...create)).toEqual({ kind: "forward", warnings });
  });

  test.each([DENY, PATCH, ALLOW])(
    "audit, and a dry run of any policy, change nothing and log what would be done",
    async (decision) => {
      for (const trial of [setUp(decision, { mode: "audit" }), setUp(decision, {}, true)]) {
        expect(await trial.judge(...create)).toEqual({ kind: "forward", warnings: [] });
        expect(trial.seen).toMatchObject([
          { verdict: decision.verdict, mode: "audit", route: "POST containers/create" },
        ]);
      }
    },
  );
});

describe("create", () => {
  test("of an image with hundreds of VOLUMEs is refused", async () => {
    const { judge, lookups, asked } = setUp(ALLOW);
    lookups.images.set("shop:1", { ...IMAGE, volumes: Array.from({ length: 513 }, (_, index) => `/a/${index}`) });
    expect(await judge(...create)).toMatchObject({ kind: "refuse", refusal: { status: 400 } });
    expect(asked).toEqual([]);
  });

  test("is judged with the engine's image, and with what it knows of the volumes", async () => {
    const { judge, lookups, asked } = setUp(ALLOW);
    lookups.volumes.set("data", { driver: "local", options: { o: "bind", device: "/etc", type: "none" } });
    await judge(...create);
    expect(asked).toMatchObject([
      {
        action: "create",
        container: { image: { id: IMAGE.id }, mounts: [{ driver: "local", driverOptions: { device: "/etc" } }] },
      },
    ]);
  });

  test("of an image that the engine does not have is answered as the engine would, and never forwarded", async () => {
    const { judge, asked } = setUp(ALLOW);
    expect(await judge("POST", "/containers/create", "other")).toEqual({
      kind: "refuse",
      refusal: { status: 404, message: "No such image: other:latest" },
    });
    expect(asked).toEqual([]);
  });

  test("of several containers is denied when one is", async () => {
    const { judge, seen } = setUp((request) =>
      "container" in request && request.container.imageReference === "evil" ? DENY : PATCH,
    );
    expect(await judge("POST", "/v4.3.1/libpod/play/kube?start=false", "shop:1 evil")).toMatchObject({
      kind: "refuse",
    });
    expect(seen.map(({ verdict }) => verdict)).toEqual(["patch", "deny"]);
    expect(await judge("POST", "/v4.3.1/libpod/play/kube?start=false", "shop:1 other")).toMatchObject({
      body: Buffer.from('[[{"kind":"readOnlyRoot"}],[{"kind":"readOnlyRoot"}]]'),
      flags: ["--read-only"],
    });
  });

  test("by a call without a translator is refused", async () => {
    expect(await setUp(ALLOW).judge("POST", "/v4.3.1/libpod/pods/create", "{}")).toMatchObject({
      refusal: { status: 403, message: expect.stringContaining("not supported by this guard") },
    });
  });

  test("without a body is refused in each mode, whatever the policy says of it", async () => {
    for (const mode of ["audit", "warn", "enforce"] as const)
      for (const body of [undefined, ""])
        expect(await setUp(ALLOW, { mode }).judge("POST", "/containers/create", body)).toMatchObject({
          refusal: { status: 400 },
        });
  });

  test("with a body that cannot be read is refused, and left to the engine where nothing is enforced", async () => {
    expect(await setUp(ALLOW).judge("POST", "/containers/create", "bad")).toEqual({
      kind: "refuse",
      refusal: { status: 400, message: "The body is bad. Mend it. (policy default)" },
    });
    const { judge, seen } = setUp(ALLOW, { mode: "warn" });
    expect(await judge("POST", "/containers/create", "bad")).toEqual({ kind: "forward", warnings: [] });
    expect(seen).toMatchObject([{ verdict: "error", rules: ["body-unreadable"], errorCode: "E_REQUEST_BODY" }]);
  });

  test("of a service that is rolled back is unknown: its specification is not in the request", async () => {
    const { judge, asked } = setUp(DENY);
    await judge("POST", "/services/web/update?version=3&rollback=previous", "{}");
    expect(asked).toMatchObject([{ action: "unknown", what: expect.stringContaining("rolling a service back") }]);
  });
});

describe("start", () => {
  test.each(["start", "restart"])("%s is judged by what the engine has", async (verb) => {
    const { judge, lookups, asked } = setUp(ALLOW);
    lookups.add("web", { readOnlyRoot: true }, 77);
    expect(await judge("POST", `/containers/web/${verb}`)).toEqual({ kind: "forward", warnings: ["Noted."] });
    expect(asked).toMatchObject([{ action: "start", createdMs: 77, container: { name: "web", readOnlyRoot: true } }]);
  });

  test("what would have to be changed is denied: nothing can be changed any more", async () => {
    const { judge, lookups, seen } = setUp(PATCH);
    lookups.add("web");
    expect(await judge("POST", "/containers/web/start")).toMatchObject({
      refusal: { status: 403, message: expect.stringContaining("--read-only") },
    });
    expect(seen).toMatchObject([{ verdict: "deny", rules: ["not-patchable", "n"] }]);
  });

  test.each(["audit", "warn", "enforce"] as const)(
    "with a body is refused in mode %s, of every version",
    async (mode) => {
      const { judge, lookups } = setUp(ALLOW, { mode });
      lookups.add("web", { readOnlyRoot: true });
      for (const path of ["/v1.23/containers/web/start", "/v1.41/containers/web/start", "/v4.3.1/libpod/pods/p/start"])
        expect(await judge("POST", path, '{"ReadonlyRootfs":false}')).toMatchObject({ refusal: { status: 400 } });
    },
  );

  test("from a checkpoint is one more thing to be allowed", async () => {
    const { judge, lookups, asked } = setUp(ALLOW);
    lookups.add("web");
    await judge("POST", "/containers/web/start?checkpoint=c&checkpoint-dir=/srv");
    expect(asked).toMatchObject([
      { action: "start" },
      { action: "unknown", what: "starting a container from a checkpoint" },
    ]);
  });

  test.each([
    ["POST", "/containers/none/start", undefined],
    ["POST", "/containers/none/restart", undefined],
    ["POST", "/containers/none/exec", "{}"],
    ["PUT", "/containers/none/archive?path=/tmp", undefined],
  ])("of what is not there does not reach what gets its name in between: %s %s", async (method, path, body) => {
    expect(await setUp(ALLOW).judge(method, path, body)).toEqual({
      kind: "refuse",
      refusal: { status: 404, message: "No such container: none" },
    });
  });

  test.each([
    ["POST", "start", undefined],
    ["POST", "restart", undefined],
    ["POST", "exec", "{}"],
    ["PUT", "archive", undefined],
  ])("goes on by the id of what was looked at: %s %s", async (method, verb, body) => {
    const { judge, lookups } = setUp(ALLOW);
    const id = "c".repeat(64);
    lookups.containers.set("a/b", { id, createdMs: 0, container: containerRequest() });
    const answer = await judge(method, `/v1.41/containers/a/b/${verb}?t=1`, body);
    expect(answer).toMatchObject({ target: { version: "1.41", parts: ["containers", id, verb], query: [["t", "1"]] } });
    const audit = setUp(ALLOW, { mode: "audit" });
    audit.lookups.containers.set("web", { id, createdMs: 0, container: containerRequest() });
    expect(await audit.judge(method, `/containers/web/${verb}`, body)).not.toHaveProperty("target");
  });

  test("of a pod is judged container by container", async () => {
    const { judge, lookups, asked } = setUp((request) =>
      "container" in request && request.container.name === "two" ? DENY : ALLOW,
    );
    lookups.pods.set("p", { containers: ["one", "two"] });
    lookups.add("one");
    lookups.add("two");
    expect(await judge("POST", "/v4.3.1/libpod/pods/p/start")).toMatchObject({ kind: "refuse" });
    expect(asked).toHaveLength(2);
  });

  test.each(["/v4.3.1/libpod/containers/web/restore?Import=true", "/v4.3.1/libpod/containers/gone/restore"])(
    "%s makes a container that nobody has seen, and is unknown",
    async (path) => {
      const { judge, lookups, asked } = setUp(DENY);
      lookups.add("web");
      await judge("POST", path);
      expect(asked).toMatchObject([{ action: "unknown" }]);
    },
  );
});

describe("acts on a container", () => {
  test.each([
    [[{ type: "tmpfs", target: "/run/app", readOnly: false }], /docker exec -i web tar -xC \/run\/app\./],
    [[{ type: "tmpfs", target: "/run/app", readOnly: true }], /\(-v FILE:PATH:ro\)\. /],
  ] as const)("a copy into a read-only root is told a place that this container can write to", async (mounts, way) => {
    const { judge, lookups } = setUp(ALLOW);
    lookups.add("web", { readOnlyRoot: true, mounts });
    const answer = await judge("PUT", "/containers/web/archive?path=/etc");
    expect(answer).toMatchObject({ kind: "refuse", refusal: { message: expect.stringMatching(way) as string } });
  });

  test.each([
    ["exec", "POST", "/containers/web/exec", '{"Cmd":["id"],"Privileged":false}'],
    ["copy", "PUT", "/containers/web/archive?path=/etc", undefined],
    ["commit", "POST", "/commit?container=web", undefined],
    ["copy", "POST", "/v4.3.1/libpod/containers/web/mount", undefined],
  ] as const)("%s: %s %s", async (action, method, path, body) => {
    const { judge, lookups, asked } = setUp(ALLOW);
    lookups.add("web");
    expect(await judge(method, path, body)).toMatchObject({ kind: "forward" });
    expect(asked).toMatchObject([{ action, container: { name: "web" } }]);
    lookups.containers.clear();
    // What a commit is of is named by the query, and it makes no container.
    expect(await judge(method, path, body)).toMatchObject({ kind: action === "commit" ? "forward" : "refuse" });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['{"Cmd":["id"],"Privileged":true}', true],
    ['{"Cmd":["id"],"privileged":true}', true],
    ['{"Cmd":["id"]}', false],
  ])("a privileged exec is seen as the engine sees it: %s", async (body, privileged) => {
    const { judge, lookups, asked } = setUp(ALLOW);
    lookups.add("web");
    await judge("POST", "/containers/web/exec", body);
    expect(asked).toMatchObject([{ action: "exec", privileged }]);
  });

  test.each(['{"Privileged":false,"privileged":true}', '{"Privilegeſ":true}', '{"Privileged":true} {}', "[]", "nul"])(
    "an exec that could be read in two ways is refused: %s",
    async (body) => {
      const { judge, lookups } = setUp(ALLOW);
      lookups.add("web");
      expect(await judge("POST", "/containers/web/exec", body)).toMatchObject({ refusal: { status: 400 } });
    },
  );

  test("an exec that was made before is judged when it is started", async () => {
    const { judge, lookups, asked } = setUp((request) =>
      request.action === "exec" && request.privileged ? DENY : ALLOW,
    );
    lookups.add("web");
    lookups.execs.set("e", { containerId: "web", privileged: true });
    expect(await judge("POST", "/exec/e/start", '{"Detach":false}')).toMatchObject({ kind: "refuse" });
    expect(asked).toMatchObject([{ action: "exec", privileged: true, container: { name: "web" } }]);
  });

  test.each([
    ['{"Memory":1000,"CpuShares":1,"RestartPolicy":{"Name":"always"},"Devices":null,"DeviceCgroupRules":[]}', []],
    ['{"memory":1000}', []],
    ['{"Devices":[{"PathOnHost":"/dev/sda"}]}', ["changing Devices of a container that exists"]],
    ['{"ReadonlyRootfs":false}', []],
    ['{"HostConfig":{"ReadonlyRootfs":false}}', ["changing HostConfig of a container that exists"]],
    ['{"Priv ileged":true}', ["changing a setting of a container that exists"]],
  ])("an update may set resources alone: %s", async (body, whats) => {
    const { judge, lookups, asked } = setUp(ALLOW);
    lookups.add("web");
    expect(await judge("POST", "/containers/web/update", body)).toMatchObject({ kind: "forward" });
    expect(asked.map((request) => "what" in request && request.what)).toEqual(whats);
  });

  test("an update by libpod may not give devices", async () => {
    const { judge, lookups, asked } = setUp(DENY);
    lookups.add("web");
    const path = "/v5.0.0/libpod/containers/web/update";
    expect(await judge("POST", path, '{"memory":{"limit":1},"Env":["A=b"]}')).toMatchObject({ kind: "forward" });
    expect(await judge("POST", path, '{"devices":[{"allow":true}]}')).toMatchObject({ kind: "refuse" });
    // Files of the cgroup by their names, cgroup.procs among them.
    expect(await judge("POST", path, '{"unified":{"cgroup.procs":"1"}}')).toMatchObject({ kind: "refuse" });
    expect(asked).toHaveLength(2);
  });
});

test.each([
  ["PUT", "/containers/web/archive?path=/data&path=/"],
  ["PUT", "/v4.3.1/libpod/containers/web/archive?path=/data&Path=/"],
  ["POST", "/v4.3.1/libpod/commit?container=nobody&Container=web"],
  ["POST", "/v4.3.1/libpod/commit?Container=web"],
])("a parameter that engines read differently is refused: %s %s", async (method, path) => {
  const { judge, lookups } = setUp(ALLOW);
  lookups.add("web");
  expect(await judge(method, path)).toMatchObject({ kind: "refuse", refusal: { status: 400 } });
});

const put = (path: string): string => `/v4.3.1/libpod/containers/web/archive?path=${encodeURIComponent(path)}`;

describe("files for a read-only container", () => {
  const mounts = [{ type: "volume", source: "data", target: "/data", readOnly: false }] as const;

  test.each(["/data/../etc", "/data/..", "data/../", "//data/../bin"])(
    "do not get beside a mount by %s",
    async (path) => {
      const { judge, lookups } = setUp(ALLOW);
      lookups.add("web", { readOnlyRoot: true, mounts });
      expect(await judge("PUT", put(path))).toMatchObject({ kind: "refuse", refusal: { status: 403 } });
    },
  );

  test("get into a mount, where the engine follows no links into the root", async () => {
    const { judge, lookups } = setUp(ALLOW);
    lookups.add("web", { readOnlyRoot: true, mounts });
    expect(await judge("PUT", put("/data/x"))).toMatchObject({ kind: "forward" });
    const found = await lookups.container("web");
    if (found === undefined) throw new Error("not added");
    lookups.containers.set("web", { ...found, isOpenToCopies: true });
    expect(await judge("PUT", put("/data/x"))).toMatchObject({ kind: "refuse", refusal: { status: 403 } });
  });
});

describe("acts on the engine", () => {
  test.each([
    ["POST", "/build?t=x", { action: "build" }],
    ["POST", "/session", { action: "build" }],
    ["POST", "/plugins/pull?remote=x", { action: "engineChange", what: "installing a plugin" }],
    ["POST", "/plugins/a/b/enable", { action: "engineChange", what: "enabling a plugin (a/b)" }],
    ["POST", "/swarm/join", { action: "engineChange", what: "joining a swarm" }],
    ["POST", "/v1.41/brew", { action: "unknown", what: "POST /brew" }],
    ["POST", "/v4.3.1/libpod/kube/apply", { action: "unknown", what: "POST /libpod/kube/apply" }],
  ])("%s %s", async (method, path, request) => {
    const { judge, asked } = setUp(DENY);
    expect(await judge(method, path)).toMatchObject({ kind: "refuse" });
    expect(asked).toEqual([request]);
  });
});

describe("when something fails", () => {
  test("an engine that cannot be asked lets nothing pass", async () => {
    const { judge, lookups, seen } = setUp(ALLOW);
    lookups.failure = new PetrifyError("E_ENGINE_LOST", "The engine does not answer.");
    for (const [method, path, body] of [create, ["POST", "/containers/web/start"] as const])
      expect(await judge(method, path, body)).toMatchObject({
        refusal: { status: 503, message: expect.stringMatching(/does not answer.*\(policy default\)$/) },
      });
    expect(seen[0]).toMatchObject({ verdict: "error", rules: ["engine-unanswered"], errorCode: "E_ENGINE_LOST" });
  });

  test("a bug of the judgement lets nothing pass, and tells nothing of the body", async () => {
    const { judge } = setUp(() => {
      throw new Error("hunter2");
    });
    const answer = await judge(...create);
    expect(answer).toMatchObject({ kind: "refuse", refusal: { status: 500 } });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });

  test("a policy that is replaced meanwhile judges the next call", async () => {
    let calls = 0;
    const { gate, judge, seen, lookups } = setUp(() => (calls++ === 0 ? ALLOW : DENY));
    const { promise, resolve } = Promise.withResolvers<void>();
    const image = lookups.image;
    lookups.image = async (reference) => {
      await promise;
      return image(reference);
    };
    const first = judge(...create);
    gate.replacePolicy({
      policy: { ...POLICY, name: "next", mode: "audit" },
      strategies: [],
      sinceMs: 0,
      enginePaths: [],
      guardPaths: [],
    });
    resolve();
    expect(await first).toHaveProperty("body");
    expect(await judge(...create)).toEqual({ kind: "forward", warnings: [] });
    expect(seen.map(({ policy, mode }) => `${policy} ${mode}`)).toEqual(["default enforce", "next audit"]);
  });
});

test("a change that the engine has no words for is refused by the policy, with the reason", async () => {
  const { lookups, seen } = setUp(PATCH);
  const gate = new PolicyGate({
    snapshot: { policy: POLICY, strategies: [], sinceMs: 0, enginePaths: [], guardPaths: [] },
    lookups,
    translators: {
      dockerCreate: {
        missingImage: "answer404",
        read: () => ({
          containers: [containerRequest()],
          body: () => {
            throw new PetrifyError("E_REQUEST_CHANGE", "There is no place for it.", { hint: "Mount it." });
          },
        }),
      },
    },
    decide: () => PATCH,
    observer: { decided: (one) => void seen.push(one) },
    dryRun: false,
  });
  expect(await gate.judge(apiCall("POST", "/containers/create"), Buffer.from("{}"))).toEqual({
    kind: "refuse",
    refusal: { status: 403, message: "There is no place for it. Mount it. (policy default)" },
  });
  expect(seen).toMatchObject([{ verdict: "deny", rules: ["change-impossible"] }]);
});
