import { describe, expect, test } from "vitest";
import { SAMPLES } from "../../test/support/strategy-samples.ts";
import { type Target, TARGETS, exportTo } from "./targets.ts";

/** What files of a target are called. */
const ENDINGS: Readonly<Record<Target, string>> = {
  docker: "docker.sh",
  podman: "podman.sh",
  compose: "compose.yaml",
  kubernetes: "kubernetes.yaml",
  kustomize: "kustomize.txt",
  "helm-values": "helm-values.yaml",
  quadlet: "quadlet.txt",
  systemd: "service",
};

describe.each(Object.entries(SAMPLES))("golden files of %s", (name, sample) => {
  test.each(TARGETS)("%s", async (target) => {
    const { text, notes } = exportTo(target, sample);
    await expect(`${text}${notes.map((note) => `# note: ${note}\n`).join("")}`).toMatchFileSnapshot(
      `../../test/fixtures/export/${name}.${ENDINGS[target]}`,
    );
  });
});
