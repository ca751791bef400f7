import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { carryOut, removeContainers, writable } from "../support/attack-run.ts";
import { type AuthzPlugin, startAuthorizedDocker } from "../support/authorized-docker.ts";
import { dockerHttp } from "../support/docker-http.ts";
import { importImages } from "../support/loop-images.ts";
import type { PrivateEngine } from "../support/private-engine.ts";
import { type Attack, HOSTILE_POLICY, IMAGE, IMAGE_OVER_CODE } from "./guard-attacks/attack.ts";
import { BODIES } from "./guard-attacks/bodies.ts";
import { CONTAINERS, ROUTES } from "./guard-attacks/containers.ts";
import { FRAMING } from "./guard-attacks/framing.ts";
import { TARGET_ATTACKS } from "./guard-attacks/targets.ts";
import { UNSHOWN } from "./guard-attacks/unshown.ts";

const folder = mkdtempSync(join(tmpdir(), "authz-attacks-"));
let engine: PrivateEngine;
let plugin: AuthzPlugin;

beforeAll(async () => {
  ({ engine, plugin } = await startAuthorizedDocker(folder, HOSTILE_POLICY));
  await importImages(engine.cacheDir, [
    { reference: IMAGE, changes: ['CMD ["sleep","600"]'] },
    { reference: IMAGE_OVER_CODE, changes: ['CMD ["sleep","600"]', "VOLUME /bin"] },
  ]);
});
afterAll(async () => {
  await removeContainers(engine.socketPath);
  await dockerHttp(engine.socketPath, "DELETE", "/volumes/petrify-attack-host");
  await engine.stop();
  await plugin.stop();
  rmSync(folder, { recursive: true });
});

const AT_ONCE = 16;
/** Where so many wait for one engine, an answer may take its time. */
const QUIET_MS = 2000;

/** Most of an attack is waiting for what else might be said. */
async function carryOutAll(attacks: readonly Attack[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = new Map<string, readonly string[]>();
  const waiting = attacks.values();
  const worker = async (): Promise<void> => {
    for (const each of waiting) all.set(each.name, await carryOut(each, engine.socketPath, QUIET_MS));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return all;
}

async function nothingWritable(): Promise<void> {
  expect(await writable({ attacked: engine.socketPath, engine: engine.socketPath })).toEqual([]);
}

/** What the plugin cannot change it denies, with what to add. */
const FLAGS = /^HTTP\/1\.1 403 [^]*authorization denied by plugin petrify: .* Add: --read-only --tmpfs /;
/** Where dockerd itself is asked first, or the plugin has no status of its own. */
const OTHERWISE: Readonly<Record<string, RegExp>> = {
  "a service of plugins": /^HTTP\/1\.1 403 [^]*Runtime must be container/,
  "a route that nobody knows": /^HTTP\/1\.1 404 /,
};

function expected({ name, sends, refusal }: Attack): RegExp {
  const isCreate = sends.at(-1)?.toString("latin1").includes("/containers/create") === true;
  // dockerd tells each denial of a plugin as 403.
  const denied =
    refusal === undefined ? undefined : new RegExp(refusal.source.replace("1 400 ", "1 40[03] "), refusal.flags);
  return OTHERWISE[name] ?? denied ?? (isCreate ? FLAGS : /^HTTP\/1\.1 20/);
}

/** Each of dockerd's denials is one of the plugin's, and says why. */
function expectReasons(answers: readonly string[]): void {
  const denied = answers.filter((answer) => answer.startsWith("HTTP/1.1 403 "));
  expect(denied.filter((answer) => !/authorization denied by plugin petrify: [A-Za-z'].{20,}/.test(answer))).toEqual(
    [],
  );
}

describe.each([
  ["bodies", BODIES],
  ["containers", CONTAINERS],
  ["routes", ROUTES],
] as const)("%s", (_kind, attacks) => {
  let answers: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    answers = await carryOutAll(attacks);
  });
  afterAll(() => removeContainers(engine.socketPath));

  test.each(attacks.map((each) => [each.name, each] as const))("%s", (name, each) => {
    const told = answers.get(name) ?? [];
    expect(told.at(-1)).toMatch(expected(each));
    expectReasons(told);
  });

  test("no container that is there can be written to", nothingWritable);
});

describe.each([
  ["framing", FRAMING],
  ["targets", TARGET_ATTACKS],
  ["bodies that dockerd does not show", UNSHOWN],
] as const)("%s", (_kind, attacks) => {
  let answers: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    answers = await carryOutAll(attacks);
  });
  afterAll(() => removeContainers(engine.socketPath));

  test.each(attacks.map(({ name }) => name))("%s", (name) => {
    const told = answers.get(name) ?? [];
    expect(told.at(-1)).not.toMatch(/HTTP\/1\.1 201 /);
    expectReasons(told);
  });

  test("no container that is there can be written to", nothingWritable);
});
