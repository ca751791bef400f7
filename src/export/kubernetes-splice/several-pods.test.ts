import { expect, test } from "vitest";
import { thrownBy } from "../../../test/support/splice.ts";
import { strategy, tmpfs, volume } from "../../../test/support/strategy-samples.ts";
import { spliceKubernetes } from "../kubernetes-splice.ts";

const DATA = strategy([tmpfs("/run"), volume("/data")]);
const manifest = (kind: string, spec: string, mounts = "") =>
  `{kind: ${kind}, metadata: {name: w}, spec: {${spec}{spec: {containers: [{name: a, image: app${mounts}}]}}}}\n`;
const cron = (spec: string, jobs = "") =>
  `{kind: CronJob, metadata: {name: w}, spec: {${spec}jobTemplate: {spec: {${jobs}template: {spec: {containers: [{name: a, image: app}]}}}}}}\n`;

test.each([
  manifest("DaemonSet", "template: "),
  manifest("Deployment", "replicas: 3, template: "),
  manifest("Deployment", "replicas: '{{ n }}', template: "),
  manifest("ReplicaSet", "replicas: 2, template: "),
  manifest("Job", "parallelism: 2, template: "),
  cron("concurrencyPolicy: Forbid, ", "parallelism: 2, "),
])("several pods would write one volume: %s", (text) => {
  const { code, message } = thrownBy(() => spliceKubernetes(text, DATA));
  expect([code, message]).toEqual([
    "E_EXPORT_UNSUPPORTED",
    expect.stringMatching(/w\/a can have several pods, which would all write one volume at \/data\.$/),
  ]);
  // Each pod has its own scratch.
  expect(spliceKubernetes(text, strategy([tmpfs("/run")])).text).toContain("readOnlyRootFilesystem: true");
});

test("a mount that is there already is the user's decision", () => {
  const text = manifest("DaemonSet", "template: ", ", volumeMounts: [{name: d, mountPath: /data}]");
  expect(spliceKubernetes(text, DATA).text).toContain("readOnlyRootFilesystem: true");
});

const SECOND = /A second pod would write \/data beside the first: set (\S+) to (\w+)\./;
test.each([
  [manifest("Deployment", "template: "), "spec.strategy.type", "Recreate"],
  [
    manifest("Deployment", "replicas: 1, strategy: {type: RollingUpdate}, template: "),
    "spec.strategy.type",
    "Recreate",
  ],
  [cron(""), "spec.concurrencyPolicy", "Forbid"],
])("a second pod starts beside the first: %s", (text, path, value) => {
  expect(SECOND.exec(spliceKubernetes(text, DATA).notes.join("\n"))?.slice(1)).toEqual([path, value]);
});

test.each([
  manifest("Deployment", "strategy: {type: Recreate}, template: "),
  manifest("StatefulSet", "replicas: 3, template: "),
  manifest("Job", "template: "),
  cron("concurrencyPolicy: Forbid, "),
])("one at a time: %s", (text) => {
  expect(spliceKubernetes(text, DATA).notes.join("\n")).not.toMatch(SECOND);
});
