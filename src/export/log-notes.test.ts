import { expect, test } from "vitest";
import { log, seeded, strategy } from "../../test/support/strategy-samples.ts";
import { spliceCompose } from "./compose-splice.ts";
import { spliceKubernetes } from "./kubernetes-splice.ts";
import { exportTo } from "./targets.ts";

const SAMPLE = strategy([seeded("/var/log/my app")], {
  logs: [log("/var/log/my app/it's.log"), log("/var/log/my app/err.log", { stream: "stderr" })],
});
const POD =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: app\n      image: app:1\n";

test("a Dockerfile's line and the init container's command are for any name", () => {
  expect(exportTo("docker", SAMPLE).notes.join("\n")).toContain(
    String.raw`RUN ln -sfn /dev/stdout '/var/log/my app/it'\''s.log' && ln -sfn /dev/stderr '/var/log/my app/err.log'`,
  );
  expect(exportTo("kubernetes", SAMPLE).text).toContain(
    String.raw`ln -sfn /dev/stdout /petrify/var-log-my-app'/it'\\''s.log'`,
  );
});

test("into a file that exists, too", () => {
  const service = "services:\n  app:\n    image: app:1\n";
  expect(spliceCompose(service, SAMPLE).notes.join("\n")).toContain("Log files by bake: ");
  const { text, notes } = spliceKubernetes(POD, SAMPLE);
  expect(text).toContain("ln -sfn /dev/stderr");
  expect(notes.join("\n")).toContain("Log files by seed: ");
});

test("a mount that a manifest has already gets no links, and none are claimed", () => {
  const mounted = `${POD}      volumeMounts: [{name: logs, mountPath: /var/log/my app}]\n  volumes: [{name: logs, emptyDir: {}}]\n`;
  const { text, notes } = spliceKubernetes(mounted, SAMPLE);
  expect(text).not.toContain("ln -sfn");
  expect(notes.join("\n")).not.toContain("Log files by seed");
});

test("a strategy without log files speaks of none", () => {
  expect(exportTo("docker", strategy([seeded("/var/log/app")])).notes.join("\n")).not.toContain("Log files");
});
