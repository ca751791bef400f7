import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { type Guard, startGuard } from "../support/guard.ts";
import { importImages } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { sendRaw } from "../support/raw-http.ts";
import { type Attack, createWith, IMAGE, IMAGE_OVER_CODE } from "./guard-attacks/attack.ts";
import { BODIES } from "./guard-attacks/bodies.ts";
import { CONTAINERS, ROUTES } from "./guard-attacks/containers.ts";
import { FRAMING } from "./guard-attacks/framing.ts";
import { TARGET_ATTACKS } from "./guard-attacks/targets.ts";

const POLICY = `apiVersion: petrify.dev/v1
kind: ReadOnlyPolicy
metadata: { name: hostile-tenants }
mode: enforce
trust: hostile
privileged: refuse
`;

const folder = mkdtempSync(join(tmpdir(), "guard-attacks-"));
let engine: PrivateEngine;
let guard: Guard;

beforeAll(async () => {
  engine = await startPrivateEngine();
  await importImages(engine.cacheDir, [
    { reference: IMAGE, changes: ['CMD ["sleep","600"]'] },
    { reference: IMAGE_OVER_CODE, changes: ['CMD ["sleep","600"]', "VOLUME /bin"] },
  ]);
  guard = await startGuard({ upstream: engine.socketPath, folder: join(folder, "guard"), policy: POLICY });
});
afterAll(async () => {
  await guard.stop();
  await dockerHttp(engine.socketPath, "DELETE", "/volumes/petrify-attack-host");
  await engine.stop();
  rmSync(folder, { recursive: true });
});

/** All answers; `{id}` and `{exec}` stand for what was made last. */
async function attack({ sends }: Attack): Promise<readonly string[]> {
  const answers: string[] = [];
  const made = { id: "none", exec: "none" };
  for (const bytes of sends) {
    const filled = bytes.toString("latin1").replace(/\{(id|exec)\}/g, (_all, name: "id" | "exec") => made[name]);
    const answer = await sendRaw(guard.socketPath, Buffer.from(filled, "latin1"));
    const id = /^HTTP\/1\.1 201 [^]*"Id":"([0-9a-f]{64})"/.exec(answer)?.[1];
    if (id !== undefined) made[filled.includes("/exec HTTP") ? "exec" : "id"] = id;
    answers.push(answer);
  }
  return answers;
}

interface Inspected {
  readonly State: { readonly Running: boolean };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly Privileged: boolean };
}

const TRIES =
  "for f in /x /etc/x /bin/x /lib/x /usr/x /host/x /srv/x; do (echo > $f) 2>/dev/null && echo WROTE $f; done; true";

/** What could be written in any container that is there now, started the way the attacker would. */
async function writable(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { Id } of await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json?all=1")) {
    await dockerHttp(guard.socketPath, "POST", `/v1.41/containers/${Id}/start`);
    const { State, HostConfig } = await dockerJson<Inspected>(engine.socketPath, "GET", `/containers/${Id}/json`);
    if (!State.Running) continue;
    if (!HostConfig.ReadonlyRootfs || HostConfig.Privileged) found.push(`${Id} is ${JSON.stringify(HostConfig)}`);
    const exec = await dockerJson<{ Id: string }>(engine.socketPath, "POST", `/containers/${Id}/exec`, {
      AttachStdout: true,
      Tty: true,
      User: "0",
      Cmd: ["/bin/sh", "-c", TRIES],
    });
    const { text } = await dockerHttp(engine.socketPath, "POST", `/exec/${exec.Id}/start`, "{}");
    if (text.includes("WROTE")) found.push(text.trim());
  }
  return found;
}

async function removeAll(): Promise<void> {
  for (const { Id } of await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json?all=1"))
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
}

describe.each([
  ["framing", FRAMING],
  ["targets", TARGET_ATTACKS],
  ["bodies", BODIES],
  ["containers", CONTAINERS],
  ["routes", ROUTES],
] as const)("%s", (_kind, attacks) => {
  test.each(attacks.map((each) => [each.name, each] as const))("%s", async (_name, each) => {
    try {
      const answers = await attack(each);
      expect(answers.at(-1)).toMatch(each.refusal ?? /^/);
      expect(await writable()).toEqual([]);
    } finally {
      await removeAll();
    }
  });
});

test("a link that was left on the host leads nowhere", async () => {
  symlinkSync("/etc", join(folder, "link"));
  for (const source of [join(folder, "link"), join(folder, "link/cron.d")]) {
    const answer = await sendRaw(guard.socketPath, createWith({ Binds: [`${source}:/host`] }));
    expect(answer).toMatch(/^HTTP\/1\.1 403 [^]*which is \/etc/);
  }
});

test("what was made past the guard is not started by it", async () => {
  const { Id } = await dockerJson<{ Id: string }>(engine.socketPath, "POST", "/containers/create", { Image: IMAGE });
  try {
    for (const how of ["start", "restart"]) {
      const { status, text } = await dockerHttp(guard.socketPath, "POST", `/v1.41/containers/${Id}/${how}`);
      expect(status).toBe(403);
      expect(text).toMatch(/Its root is writable/);
    }
    const { State } = await dockerJson<Inspected>(engine.socketPath, "GET", `/containers/${Id}/json`);
    expect(State.Running).toBe(false);
  } finally {
    await removeAll();
  }
});
