import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KubernetesFlags, clusterContainers, kubernetesOptions, renderedTexts } from "./audit-kubernetes.ts";

let folder: string;
const path = process.env["PATH"];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-audit-"));
  tool("helm", "rendered");
  tool(
    "kubectl",
    '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"image": "i"}]}}]}',
  );
  process.env["PATH"] = folder;
});
afterAll(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true, force: true });
});

function tool(name: string, says: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s' '${says}'\n`);
  chmodSync(join(folder, name), 0o755);
}

function flags(...args: string[]): KubernetesFlags {
  const command = kubernetesOptions(new Command("audit"))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: "user" }).opts();
}

const CHART = [{ name: "web/Chart.yaml", text: "" }];

test("nothing of the user's is run unless that is asked for", async () => {
  expect(await renderedTexts(CHART, flags())).toEqual({ texts: CHART, problems: [] });
  expect(await clusterContainers(flags(), ["file"])).toBeUndefined();
  expect(await renderedTexts(CHART, flags("--render"))).toEqual({
    texts: [{ name: "helm template web", text: "rendered" }],
    problems: [],
  });
});

test.each([
  [["--cluster"], "cluster"],
  [["--kube-context", "prod"], "cluster (context prod)"],
  [["--kube-context", "-x"], "cluster (context -x)"],
])("%s audits the cluster", async (args, name) => {
  const { containers, problems } = (await clusterContainers(flags(...args), []))!;
  expect(problems).toEqual([]);
  expect(containers.map(({ workload, source }) => [workload, source.name])).toEqual([["Pod p", name]]);
});

test("a cluster is audited by itself, and only one", async () => {
  await expect(clusterContainers(flags("--cluster"), ["file"])).rejects.toMatchObject({ code: "E_USAGE" });
  await expect(clusterContainers(flags("--cluster", "--render"), [])).rejects.toMatchObject({ code: "E_USAGE" });
  expect(() => flags("--cluster", "--kube-context", "x")).toThrow(/conflicts|cannot be used/);
});
