import { describe, expect, test } from "vitest";
import { readCluster } from "./cluster.ts";

interface Made {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly owner?: readonly [kind: string, name: string];
  readonly containers?: readonly object[];
  readonly claim?: string;
}

function made({
  kind,
  name,
  namespace = "shop",
  owner,
  containers = [{ name: "a", image: "i" }],
  claim,
}: Made): object {
  const volumes = claim === undefined ? {} : { volumes: [{ name: "v", persistentVolumeClaim: { claimName: claim } }] };
  const pod = { containers, ...volumes };
  const references =
    owner === undefined ? {} : { ownerReferences: [{ kind: owner[0], name: owner[1], controller: true }] };
  return {
    kind,
    metadata: { name, namespace, ...references },
    spec:
      kind === "Pod"
        ? pod
        : kind === "CronJob"
          ? { jobTemplate: { spec: { template: { spec: pod } } } }
          : { template: { spec: pod } },
  };
}

function found(...objects: readonly Made[]): string[] {
  const { containers, problems } = readCluster(JSON.stringify({ kind: "List", items: objects.map(made) }), "cluster");
  expect(problems).toEqual([]);
  return containers.map(
    ({ workload, container, settings }) => `${workload}/${container} ${settings.readOnlyRoot?.value ?? "-"}`,
  );
}

/** A pod of a StatefulSet, with a claim of its own. */
function replica(name: string, containers?: readonly object[]): Made {
  const mounted = [{ name: "a", image: "i", volumeMounts: [{ name: "v", mountPath: "/d" }] }];
  return { kind: "Pod", name, owner: ["StatefulSet", "db"], claim: `data-${name}`, containers: containers ?? mounted };
}

const READ_ONLY = [{ name: "a", image: "i", securityContext: { readOnlyRootFilesystem: true } }];

describe("the containers of a cluster", () => {
  test("are those of the pods, under the name of what made them, once", () => {
    expect(
      found(
        {
          kind: "Pod",
          name: "w-1-x",
          owner: ["ReplicaSet", "w-1"],
          containers: [...READ_ONLY, { name: "injected", image: "i" }],
        },
        { kind: "Pod", name: "w-1-y", owner: ["ReplicaSet", "w-1"], containers: READ_ONLY },
        { kind: "ReplicaSet", name: "w-1", owner: ["Deployment", "w"] },
        { kind: "ReplicaSet", name: "w-0", owner: ["Deployment", "w"], containers: [{ name: "old", image: "i" }] },
        { kind: "Deployment", name: "w" },
      ),
    ).toEqual(["Deployment shop/w/a true", "Deployment shop/w/injected -"]);
  });

  test("are those of the template where there is no pod", () => {
    expect(
      found(
        { kind: "Deployment", name: "zero" },
        { kind: "ReplicaSet", name: "zero-1", owner: ["Deployment", "zero"] },
        { kind: "CronJob", name: "nightly", containers: READ_ONLY },
      ),
    ).toEqual(["Deployment shop/zero/a -", "CronJob shop/nightly/a true"]);
  });

  test("are named by an owner that was not asked for, and by the pod where a node or nobody made it", () => {
    expect(
      found(
        { kind: "Pod", name: "r-1-x", owner: ["ReplicaSet", "r-1"] },
        { kind: "ReplicaSet", name: "r-1", owner: ["Rollout", "r"] },
        { kind: "Pod", name: "etcd-node", namespace: "kube-system", owner: ["Node", "node"] },
        { kind: "Pod", name: "bare" },
      ),
    ).toEqual(["Rollout shop/r/a -", "Pod kube-system/etcd-node/a -", "Pod shop/bare/a -"]);
  });

  test("differ by more than the claim of a replica, and by their namespace", () => {
    expect(found(replica("db-0"), replica("db-1"))).toEqual(["StatefulSet shop/db/a -"]);
    expect(found(replica("db-0", READ_ONLY), replica("db-1"))).toEqual([
      "StatefulSet shop/db/a true",
      "StatefulSet shop/db/a -",
    ]);
    expect(found({ kind: "Pod", name: "p" }, { kind: "Pod", name: "p", namespace: "other" })).toHaveLength(2);
  });

  test("end even where owners own each other", () => {
    expect(
      found({ kind: "Job", name: "a", owner: ["Job", "b"] }, { kind: "Job", name: "b", owner: ["Job", "a"] }).length,
    ).toBeLessThanOrEqual(2);
  });

  test.each(["", "no JSON", "[]", "null"])("an answer that is none is a problem: %j", (answer) => {
    expect(readCluster(answer, "cluster")).toEqual({
      containers: [],
      problems: [expect.objectContaining({ source: "cluster", code: "E_CLUSTER" })],
    });
  });
});
