import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { carryOut, removeContainers, writable } from "../support/attack-run.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { type Guard, startGuard } from "../support/guard.ts";
import { importImages } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { sendRaw } from "../support/raw-http.ts";
import { createWith, HOSTILE_POLICY, IMAGE, IMAGE_OVER_CODE } from "./guard-attacks/attack.ts";
import { BODIES } from "./guard-attacks/bodies.ts";
import { CONTAINERS, ROUTES } from "./guard-attacks/containers.ts";
import { FRAMING } from "./guard-attacks/framing.ts";
import { TARGET_ATTACKS } from "./guard-attacks/targets.ts";

const folder = mkdtempSync(join(tmpdir(), "guard-attacks-"));
let engine: PrivateEngine;
let guard: Guard;

beforeAll(async () => {
  engine = await startPrivateEngine();
  await importImages(engine.cacheDir, [
    { reference: IMAGE, changes: ['CMD ["sleep","600"]'] },
    { reference: IMAGE_OVER_CODE, changes: ['CMD ["sleep","600"]', "VOLUME /bin"] },
  ]);
  guard = await startGuard({ upstream: engine.socketPath, folder: join(folder, "guard"), policy: HOSTILE_POLICY });
});
afterAll(async () => {
  await guard.stop();
  await dockerHttp(engine.socketPath, "DELETE", "/volumes/petrify-attack-host");
  await engine.stop();
  rmSync(folder, { recursive: true });
});

describe.each([
  ["framing", FRAMING],
  ["targets", TARGET_ATTACKS],
  ["bodies", BODIES],
  ["containers", CONTAINERS],
  ["routes", ROUTES],
] as const)("%s", (_kind, attacks) => {
  test.each(attacks.map((each) => [each.name, each] as const))("%s", async (_name, each) => {
    try {
      const answers = await carryOut(each, guard.socketPath);
      expect(answers.at(-1)).toMatch(each.refusal ?? /^/);
      expect(await writable({ attacked: guard.socketPath, engine: engine.socketPath })).toEqual([]);
    } finally {
      await removeContainers(engine.socketPath);
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
    const { State } = await dockerJson<{ State: { Running: boolean } }>(
      engine.socketPath,
      "GET",
      `/containers/${Id}/json`,
    );
    expect(State.Running).toBe(false);
  } finally {
    await removeContainers(engine.socketPath);
  }
});
