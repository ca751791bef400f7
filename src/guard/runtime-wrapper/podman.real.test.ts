import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { busyboxTar, dockerHttp } from "../../../test/support/docker-http.ts";
import { podmanCommand } from "../../../test/support/podman-command.ts";
import { busyboxPath, type PrivateEngine, startWrappedPodman } from "../../../test/support/private-engine.ts";
import { policyFileOf, writePolicy } from "../../../test/support/wrapped-engines.ts";

const IMAGE = "localhost/wrapped:1";
const EROFS = "Read-only file system";

let engine: PrivateEngine;

beforeAll(async () => {
  engine = await startWrappedPodman();
  const tar = busyboxTar(await busyboxPath());
  podman(["import", "--change", "ENV PATH=/bin", "-", IMAGE], tar);
});
afterAll(() => engine.stop());
beforeEach(() => setPolicy());

function setPolicy(more = ""): void {
  writePolicy(dirname(engine.socketPath), more);
}

/** The command without its service: no socket sees it. */
function podman(
  args: readonly string[],
  input?: Buffer | string,
): { readonly status: number | null; readonly output: string } {
  const [program = "", ...words] = podmanCommand(engine);
  const { status, stdout, stderr } = spawnSync(program, [...words, ...args], { input: input ?? "", encoding: "utf8" });
  return { status, output: stdout + stderr };
}

function build(): ReturnType<typeof podman> {
  return podman(["build", "--network", "none", "--no-cache", "-"], `FROM ${IMAGE}\nRUN echo x > /srv/built\n`);
}

const RUN = ["run", "--rm", "--network", "none"];

test("what podman runs without a daemon is read-only, whatever is asked for", () => {
  for (const flags of [
    [],
    ["--read-only=false"],
    ["--runtime", "crun"],
    ["--annotation", "io.kubernetes.cri.sandbox-namespace=x"],
  ]) {
    const { output } = podman([...RUN, ...flags, IMAGE, "sh", "-c", "echo ok > /tmp/a && cat /tmp/a; echo x > /srv/a"]);
    expect(output).toContain("ok");
    expect(output).toContain(EROFS);
  }
});

test("what is made through its service is read-only too", async () => {
  const body = JSON.stringify({ image: IMAGE, command: ["touch", "/srv/a"], netns: { nsmode: "none" } });
  const made = await dockerHttp(engine.socketPath, "POST", "/v4.0.0/libpod/containers/create", body);
  const { Id } = JSON.parse(made.text) as { Id: string };
  await dockerHttp(engine.socketPath, "POST", `/v4.0.0/libpod/containers/${Id}/start`);
  const { text } = await dockerHttp(engine.socketPath, "POST", `/v4.0.0/libpod/containers/${Id}/wait`);
  expect(text.trim()).toBe("1");
  expect(podman(["logs", Id]).output).toContain(EROFS);
});

test("podman's own files below /run stay visible in a container's new /run", () => {
  expect(podman([...RUN, IMAGE, "ls", "-a", "/run"]).output).toContain(".containerenv");
});

test("podman build writes in its steps, unless the policy denies building", () => {
  expect(build()).toMatchObject({ status: 0 });
  setPolicy("production:\n  build: deny\n");
  const denied = build();
  expect(denied.status).not.toBe(0);
  expect(denied.output).toContain("petrify: policy house");
});

test("where the policy cannot be read nothing starts, and the user is told why", () => {
  writeFileSync(policyFileOf(dirname(engine.socketPath)), "kind: Nonsense\n");
  const { status, output } = podman([...RUN, IMAGE, "true"]);
  expect(status).not.toBe(0);
  expect(output).toContain("petrify: no container starts:");
});
