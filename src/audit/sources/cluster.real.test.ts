import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, startApiServer } from "../../../test/support/kubernetes-api.ts";
import { defaultCacheDir } from "../../engine/embedded/layout.ts";
import { unpackPackages } from "../../engine/embedded/packages.ts";
import type { PetrifyError } from "../../model/errors.ts";
import { kubernetes } from "../inputs/kubernetes.ts";
import { auditCluster } from "./cluster.ts";
import { renderTexts } from "./rendered.ts";

const READ_ONLY = { readOnlyRootFilesystem: true };
const OBJECTS = {
  pods: [
    {
      metadata: {
        name: "web-1-x",
        namespace: "shop",
        ownerReferences: [{ kind: "ReplicaSet", name: "web-1", controller: true }],
      },
      spec: {
        containers: [
          { name: "web", image: "web:1", securityContext: READ_ONLY },
          { name: "injected", image: "proxy:1" },
        ],
        ephemeralContainers: [{ name: "debug", image: "busybox" }],
      },
    },
  ],
  replicasets: [
    {
      metadata: {
        name: "web-1",
        namespace: "shop",
        ownerReferences: [{ kind: "Deployment", name: "web", controller: true }],
      },
      spec: { template: { spec: { containers: [{ name: "web", image: "web:1" }] } } },
    },
  ],
  deployments: [
    {
      metadata: { name: "web", namespace: "shop" },
      spec: { template: { spec: { containers: [{ name: "web", image: "web:1" }] } } },
    },
  ],
  cronjobs: [
    {
      metadata: { name: "nightly", namespace: "ops" },
      spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: "job", image: "job:1" }] } } } } },
    },
  ],
};

let folder: string;
let kubectl: string;
const environment = { ...process.env };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "petrify-cluster-"));
  const { root } = await unpackPackages(["kubernetes-client"], join(defaultCacheDir(), "packages"));
  kubectl = join(root, "usr/bin/kubectl");
  process.env["PATH"] = `${dirname(kubectl)}:${process.env["PATH"]}`;
  // kubectl keeps what it discovers.
  process.env["HOME"] = folder;
});
afterAll(() => {
  process.env = environment;
  rmSync(folder, { recursive: true, force: true });
});

function useCluster({ url }: Pick<ApiServer, "url">): void {
  const file = join(folder, "config");
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: url } }],
      contexts: [{ name: "-prod", context: { cluster: "c", user: "u" } }],
      users: [{ name: "u", user: {} }],
    }),
  );
  process.env["KUBECONFIG"] = file;
}

describe("Debian's kubectl and something that answers as an API server", () => {
  test("what runs is audited, and nothing is asked for but to read", async () => {
    await using server = await startApiServer(OBJECTS);
    useCluster(server);
    const { containers, problems } = await auditCluster({ context: "-prod" });
    expect(problems).toEqual([]);
    expect(
      containers.map(({ workload, container, role, settings }) => [
        workload,
        container,
        role,
        settings.readOnlyRoot?.value,
      ]),
    ).toEqual([
      ["Deployment shop/web", "web", "main", true],
      ["Deployment shop/web", "injected", "main", undefined],
      ["Deployment shop/web", "debug", "ephemeral", undefined],
      ["CronJob ops/nightly", "job", "main", undefined],
    ]);
    expect(server.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
  });

  test("what may not be listed is told, and the rest is audited", async () => {
    await using server = await startApiServer(OBJECTS, new Set(["cronjobs"]));
    useCluster(server);
    const { containers, problems } = await auditCluster({ context: "-prod" });
    expect(containers).toHaveLength(3);
    expect(problems).toEqual([
      expect.objectContaining({ code: "E_CLUSTER", message: expect.stringContaining("cronjobs is forbidden") }),
    ]);
  });

  test("no cluster, and no such context", async () => {
    useCluster({ url: "http://127.0.0.1:1" });
    for (const context of ["-prod", "--kubeconfig=/x"]) {
      const error = await auditCluster({ context }).catch((reason: unknown) => reason as PetrifyError);
      expect(error).toMatchObject({
        code: "E_CLUSTER",
        message: expect.stringMatching(/^kubectl: .*(?:refused|not found|does not exist)/),
      });
    }
  });
});

describe("what Debian's kubectl makes of a file", () => {
  test.each(["yes", "On", "y", "TRUE", "no", "off", "false"])("%s is the same boolean for both", (word) => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - {name: a, image: i, securityContext: {readOnlyRootFilesystem: ${word}, runAsUser: 0017}}\n`;
    const file = join(folder, "pod.yaml");
    writeFileSync(file, text);
    const label = ["label", "--local", "-f", file, "a=b", "-o", "json"];
    const said = JSON.parse(execFileSync(kubectl, label, { encoding: "utf8", env: { HOME: folder } })) as {
      spec: { containers: { securityContext: { readOnlyRootFilesystem: boolean; runAsUser: number } }[] };
    };
    const [{ securityContext }] = said.spec.containers as [(typeof said.spec.containers)[number]];
    const { containers, problems } = kubernetes.read({ name: "pod.yaml", text }, () => undefined);
    expect(problems).toEqual([]);
    expect(containers[0]!.settings.readOnlyRoot!.value).toBe(securityContext.readOnlyRootFilesystem);
    expect(containers[0]!.settings.user!.value).toBe(String(securityContext.runAsUser));
  });

  test("a Kustomize folder is rendered", async () => {
    const kustomization = "resources: [pod.yaml]\nnamePrefix: live-\n";
    writeFileSync(join(folder, "kustomization.yaml"), kustomization);
    writeFileSync(
      join(folder, "pod.yaml"),
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: i}]}\n",
    );
    const { texts, problems } = await renderTexts([{ name: join(folder, "kustomization.yaml"), text: kustomization }]);
    expect(problems).toEqual([]);
    expect(kubernetes.read(texts[0]!, () => undefined).containers.map(({ workload }) => workload)).toEqual([
      "Pod live-p",
    ]);
  });
});
