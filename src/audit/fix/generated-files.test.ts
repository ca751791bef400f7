import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fixFiles, readFiles } from "../../../test/support/audit-fix.ts";
import { schemaErrors } from "../../../test/support/kubernetes-schema.ts";
import { objectsOf } from "../../../test/support/manifest-objects.ts";
import { env, scratch, seeded, strategy, tmpfs, volume } from "../../../test/support/strategy-samples.ts";
import { audit } from "../audit.ts";
import { commonEdits } from "../unified-diff/line-runs.ts";
import { FIXED_RULES, keyOf } from "./check.ts";

const STRATEGIES = {
  app: strategy([tmpfs("/run"), volume("/data", { gid: 5 })], { settings: [env("HOME", "/run")] }),
  db: strategy([seeded("/etc/db"), volume("/var/lib/db", { seeded: true }), scratch("/var/tmp")]),
  idle: strategy([]),
};

/* Projects and manifests as people leave them: several services or containers of any images, in any style. */
const image = fc.constantFrom("app:1", "app:2", "db", "idle", "other");
const SERVICE_SETTINGS = [
  "    read_only: false",
  "    read_only: true",
  "    tmpfs: /run",
  "    tmpfs:\n    - /tmp # scratch\n    - '/run:size=1m'",
  "    volumes: ['./data:/data:ro']",
  "    volumes:\n      # ours\n      - type: volume\n        source: x\n        target: /data",
  "    environment: {A: b}",
  "    environment:\n      - HOME=/x\n",
  "    <<: *common",
  "    extends: base",
  "    configs: [c]",
  "    x-note: |\n      read_only: false\n",
];
const service = fc
  .tuple(image, fc.uniqueArray(fc.constantFrom(...SERVICE_SETTINGS), { maxLength: 4, selector: keyIn }), fc.boolean())
  .map(([name, settings, isFlow]) =>
    isFlow ? `{image: "${name}", labels: {a: b}}` : `\n    image: ${name} # here\n${settings.join("\n")}`,
  );
const project = fc
  .tuple(
    fc.dictionary(fc.constantFrom("web", "db", "s3", "base"), service, { minKeys: 1 }),
    fc.constantFrom("", "volumes:\n  x:\n  web_data: {}\n", "configs: {c: {content: x}}\n"),
  )
  .map(
    ([services, more]) =>
      `x-common: &common\n  restart: always # why\nservices:\n${Object.entries(services)
        .map(([name, text]) => `  ${name}: ${text}`)
        .join("\n\n")}\n${more}`,
  );

const CONTAINER_SETTINGS = [
  "        securityContext:\n          readOnlyRootFilesystem: false",
  "        securityContext: {runAsUser: 5}",
  "        volumeMounts:\n          - name: conf\n            mountPath: /run",
  "        volumeMounts: [{name: conf, mountPath: /etc/db}]",
  "        env:\n        - name: HOME\n          value: /x",
];
const container = fc
  .tuple(image, fc.uniqueArray(fc.constantFrom(...CONTAINER_SETTINGS), { maxLength: 3, selector: keyIn }))
  .map(([name, settings]) => `image: ${name} # here\n${settings.join("\n")}`);
const manifest = fc
  .tuple(
    fc.constantFrom("Pod", "Deployment", "StatefulSet"),
    fc.constantFrom("web", "db"),
    fc.constantFrom("", "  namespace: shop\n"),
    fc.array(container, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(
      "",
      "      securityContext:\n        readOnlyRootFilesystem: true\n",
      "      restartPolicy: Always\n",
    ),
  )
  .map(([kind, name, namespace, containers, more]) => {
    const pod = `      containers:\n${containers.map((text, index) => `      - name: c${index}\n        ${text}`).join("\n")}
      volumes: [{name: conf, emptyDir: {}}] # all
${more}`;
    const head = `kind: ${kind}\nmetadata:\n  name: ${name}\n${namespace}`;
    if (kind === "Pod") return `apiVersion: v1\n${head}spec:\n${pod}`;
    const selector = `  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n`;
    return `apiVersion: apps/v1\n${head}spec:\n${kind === "Deployment" ? "" : "  serviceName: x\n"}${selector}${pod}`;
  });
const manifests = fc.array(manifest, { minLength: 1, maxLength: 3 }).map((all) => all.join("---\n"));
const files = fc
  .record({ "compose.yml": project, "k/a.yaml": manifests, "k/b.yaml": manifests })
  .chain((texts) =>
    fc
      .constantFrom("\n", "\r\n")
      .map((end) =>
        Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.replaceAll("\n", end)])),
      ),
  );

function keyIn(text: string): string {
  return text.trimStart().replace(/:.*/s, "");
}

test(
  "what is fixed has what it needs, nothing else changes, and a second time nothing does",
  { timeout: 120_000 },
  () => {
    let fixedContainers = 0;
    fc.assert(
      fc.property(files, (before) => {
        const named = Object.keys(before);
        const { after, fixed, unfixed } = fixFiles(before, STRATEGIES);
        fixedContainers += fixed.length;
        const now = readFiles(after, named, STRATEGIES);
        const done = new Set(fixed.map((one) => keyOf(one.container)));
        const left = now.containers.filter((one) => done.has(keyOf(one)) && audit([one], FIXED_RULES).length > 0);
        expect(left).toEqual([]);
        for (const name of named) {
          const [old, changed] = [before[name]?.split("\n") ?? [], after[name]?.split("\n") ?? []];
          const gone = commonEdits(old, changed).flatMap(({ oldStart, oldEnd }) => old.slice(oldStart, oldEnd));
          // Values that are set anew, lists and maps on one line, and what asked for it at the wrong place.
          expect(gone.filter((line) => !/false|true|tmpfs: \/run|[[{]|^ *securityContext:\r?$/.test(line))).toEqual([]);
        }
        const objects = ["k/a.yaml", "k/b.yaml"].flatMap((name) => objectsOf(after[name] ?? ""));
        expect(
          objects
            .flatMap((one) => schemaErrors("1.34", one))
            .filter((error) => !error.includes("readOnlyRootFilesystem")),
        ).toEqual([]);
        const again = fixFiles(after, STRATEGIES);
        expect(again.files).toEqual([]);
        expect(again.fixed).toEqual([]);
        expect(again.unfixed.map((one) => keyOf(one.container)).toSorted()).toEqual(
          unfixed.map((one) => keyOf(one.container)).toSorted(),
        );
      }),
      { numRuns: 150 },
    );
    expect(fixedContainers).toBeGreaterThan(200);
  },
);
