import { afterAll, beforeAll, expect, test } from "vitest";
import { petrify } from "../../../../test/support/cli.ts";
import { busyboxPath, type PrivateEngine, startRootlessPodman } from "../../../../test/support/private-engine.ts";
import { busyboxRoot } from "../../../../test/support/test-image.ts";
import { containerSpec, plainWorkload } from "../../../../test/support/workload.ts";
import { examineEngines } from "../../../doctor/engines.ts";
import type { Engine } from "../../engine.ts";
import { probeEngines } from "../../find.ts";
import { connectDocker } from "../connect.ts";

const IMAGE = "petrify-rootless:1";
let podman: PrivateEngine;
let engine: Engine;
let host: string;

beforeAll(async () => {
  podman = await startRootlessPodman();
  host = `unix://${podman.socketPath}`;
  engine = await connectDocker({ kind: "unix", path: podman.socketPath }, "test");
  const root = busyboxRoot(await busyboxPath(), "mkdir tmp srv && chmod 1777 tmp && chown 12:34 srv");
  await engine.importImage(root.tar, { reference: IMAGE, changes: ['CMD ["sh","-c","echo up"]'] });
  root.remove();
});
afterAll(async () => {
  await engine.removeSession("test");
  await engine[Symbol.asyncDispose]();
  await podman.stop();
});

test("it is known to be rootless, and of this host", () => {
  expect(engine.info).toMatchObject({ kind: "podman", rootless: true, local: true });
});

test("a container runs read-only with the tmpfs it was given, with the owner as the container sees it", async () => {
  const script = "stat -c '%a %u %g' /srv; touch /srv/a /new; grep -c ' / .* ro,' /proc/mounts";
  const workload = plainWorkload(IMAGE, { command: ["sh", "-c", script], network: "none" });
  const tmpfs = { "/srv": "size=1m,mode=0750,uid=12,gid=34" };
  const container = await engine.createContainer(containerSpec(workload, { readOnlyRoot: true, tmpfs }));
  await container.start();
  await container.wait();
  const log = await container.logs(10);
  expect(log.split("\n").toSorted()).toEqual(["", "1", "750 12 34", "touch: /new: Read-only file system"]);
  await container.remove();
});

test("petrify run works with it", () => {
  const { exitCode, stdout, stderr } = petrify(["run", "--host", host, "--rm", "--network", "none", IMAGE]);
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: "up\n" });
});

test("learn refuses with the reason and the way out", () => {
  const { exitCode, stderr } = petrify(["learn", "--host", host, "--network", "none", IMAGE]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/is rootless: .*\[E_ROOTLESS\]\nhint: .*--host embedded/);
});

test("doctor says what works and what does not", async () => {
  const [finding] = examineEngines(await probeEngines({ host }));
  expect(finding).toMatchObject({
    id: "engine",
    status: "fail",
    found: expect.stringContaining("rootless") as string,
    action: expect.stringMatching(/Learn and verify need .* Run and export work/) as string,
  });
});
