import { expect, test } from "vitest";
import { decide } from "../../policy/decide.ts";
import type { Change, Decision } from "../../policy/decision.ts";
import type { GuardRequest } from "../../policy/request.ts";
import type { EngineRecord } from "./engine-record.ts";
import { judgeSpec } from "./judge-spec.ts";
import { specRequest } from "./spec-request.ts";
import type { OciMount } from "./spec.ts";
import { ALL_CAPABILITIES, circumstances, PLAIN, POLICY, PRIVILEGED } from "./testing.ts";

const RECORD: EngineRecord = {
  name: "web",
  labels: { a: "b" },
  imageId: "sha256:1",
  imageReference: "web:1",
  privileged: false,
  capAdd: ["NET_RAW"],
  createdMs: 500,
  likeBuildStep: false,
};
const REASON = { rule: "r", sentence: "No.", remedy: "Do otherwise." };
const DENY: Decision = { verdict: "deny", reasons: [REASON] };
const ALLOW: Decision = { verdict: "allow", notes: [] };
const allowStart = ({ action }: GuardRequest): Decision => (action === "start" ? ALLOW : DENY);
const patch = (...changes: readonly Change[]): Decision => ({ verdict: "patch", notes: [], changes });
const TMPFS: Change = { kind: "tmpfs", path: "/tmp", sizeBytes: 1, mode: 0o1777, uid: 0, gid: 0, exec: false };

test("it is made read-only, refused with the reason, or kept", () => {
  const judged = judgeSpec(PLAIN, POLICY, circumstances(patch({ kind: "readOnlyRoot" }, TMPFS)));
  expect(judged).toMatchObject({ kind: "change", spec: { root: { readonly: true } } });
  expect(judgeSpec(PLAIN, POLICY, circumstances(ALLOW))).toMatchObject({ kind: "keep", rules: [] });
  expect(judgeSpec(PLAIN, POLICY, circumstances(DENY))).toMatchObject({
    kind: "refuse",
    sentence: "policy house: No. Do otherwise.",
    rules: ["r"],
  });
});

test("the judgement is that of enforce in each mode", () => {
  for (const mode of ["audit", "warn"] as const)
    expect(judgeSpec(PLAIN, { ...POLICY, mode }, circumstances(DENY))).toMatchObject({ kind: "refuse" });
});

test("the engine's own places are known to the policy, and what it mounts from the container's own directory is nobody's wish", () => {
  const ownDirectory = `/data/containers/${"b".repeat(64)}`;
  const secret = { destination: "/run/secrets/s", type: "bind", source: `${ownDirectory}/mounts/secrets/1` };
  const other = { destination: "/x", type: "bind", source: "/data/containers" };
  const judge = (...mounts: readonly OciMount[]) =>
    judgeSpec(
      { ...PLAIN, mounts: [...(PLAIN.mounts ?? []), ...mounts] },
      POLICY,
      circumstances(ALLOW, { ownDirectory, enginePaths: ["/data"], decide }),
    );
  expect(judge(secret).rules).not.toContain("engine-bind");
  expect(judge(other).rules).toContain("engine-bind");
  expect(judge({ ...other, source: `${ownDirectory}x/mounts` }).rules).toContain("engine-bind");
  expect(judge({ ...other, source: `${ownDirectory}/../..` }).rules).toContain("engine-bind");
});

test("a volume cannot be made here, so the container does not start without it", () => {
  expect(
    judgeSpec(PLAIN, POLICY, circumstances(patch({ kind: "readOnlyRoot" }, { kind: "volume", path: "/d" }))),
  ).toMatchObject({
    kind: "refuse",
    sentence: expect.stringContaining("/d"),
  });
});

test("who is read-only already gets no writable place", () => {
  const readOnly = { ...PLAIN, root: { readonly: true } };
  expect(judgeSpec(readOnly, POLICY, circumstances(patch(TMPFS)))).toMatchObject({ kind: "keep" });
});

test("a log driver alone is no change of a specification", () => {
  const logDriver: Change = { kind: "logDriver", driver: "local", options: {} };
  expect(judgeSpec(PLAIN, POLICY, circumstances(patch(logDriver)))).toMatchObject({ kind: "keep" });
});

test("a step of a build is judged as a build", () => {
  const asked: string[] = [];
  const answer = ({ action }: GuardRequest): Decision => {
    asked.push(action);
    return action === "build" ? ALLOW : DENY;
  };
  expect(judgeSpec(PLAIN, POLICY, circumstances(ALLOW, { decide: answer, buildStep: true }))).toMatchObject({
    kind: "keep",
  });
  expect(judgeSpec(PLAIN, POLICY, circumstances(DENY, { buildStep: true }))).toMatchObject({ kind: "refuse" });
  expect(asked).toEqual(["build"]);
});

test("what existed before the policy is grandfathered, and nothing else", () => {
  const policy = { ...POLICY, grandfatherUntilMs: 3_000 };
  const judge = (createdMs: number, until = 3_000): string =>
    judgeSpec(
      PLAIN,
      { ...policy, grandfatherUntilMs: until },
      circumstances(DENY, { decide: allowStart, record: { ...RECORD, createdMs } }),
    ).kind;
  expect(judge(500)).toBe("keep");
  expect(judge(1_500)).toBe("refuse");
  expect(judge(500, 1_999)).toBe("refuse");
});

test("without a record nothing is known of image, name and labels; unpinned images are not judged", () => {
  const facts = { hostCapabilities: ALL_CAPABILITIES, engine: "docker" } as const;
  const annotated = { ...PLAIN, annotations: { "io.kubernetes.cri.sandbox-namespace": "kube-system" } };
  const request = specRequest(annotated, facts);
  expect(request).not.toHaveProperty("image");
  expect(request).not.toHaveProperty("namespace");
  expect(request).toMatchObject({ labels: {}, readOnlyRoot: false, privileged: false, mounts: [], hostNamespaces: [] });
  expect(specRequest(annotated, { ...facts, engine: "cri" })).toMatchObject({ namespace: "kube-system" });
  let unpinned = true;
  judgeSpec(
    PLAIN,
    POLICY,
    circumstances(ALLOW, { decide: (_, policy) => ((unpinned = policy.refuse.unpinnedImages), ALLOW) }),
  );
  expect(unpinned).toBe(false);
});

test("the engine's record says what it knows", () => {
  const facts = { hostCapabilities: ALL_CAPABILITIES, engine: "docker", record: RECORD } as const;
  expect(specRequest(PRIVILEGED, facts)).toMatchObject({
    name: "web",
    image: { id: "sha256:1" },
    privileged: false,
    capAdd: expect.arrayContaining(["NET_RAW", "SYS_ADMIN"]),
  });
});

test.each([
  [{ destination: "/etc/hosts", type: "bind", source: "/run/docker.sock" }, "bind"],
  [{ destination: "/etc/hosts/", type: "bind", source: "/x/hosts" }, "bind"],
  [{ destination: "/dev/shm", type: "bind", source: "/" }, "bind"],
  [{ destination: "/proc", type: "bind", source: "/proc" }, "bind"],
  [{ destination: "/data", type: "bind", source: "/var/lib/docker/volumes/v/_data" }, "volume"],
  [{ destination: "data", type: "none", source: "/srv", options: ["rbind", "ro"] }, "bind"],
  [{ destination: "/x", type: "overlay" }, "other"],
] as const)("%j is somebody's mount", (mount, type) => {
  const facts = { hostCapabilities: ALL_CAPABILITIES, engine: "docker" } as const;
  expect(specRequest({ ...PLAIN, mounts: [mount] }, facts).mounts).toEqual([expect.objectContaining({ type })]);
});
