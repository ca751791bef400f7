import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { carryOut, writtenIn } from "../support/attack-run.ts";
import { busyboxTar, dockerHttp, dockerJson } from "../support/docker-http.ts";
import { podmanCommand } from "../support/podman-command.ts";
import { type Guard, startGuard } from "../support/guard.ts";
import { busyboxPath, type PrivateEngine, startPrivatePodman } from "../support/private-engine.ts";
import { HOSTILE_POLICY } from "./guard-attacks/attack.ts";
import { COMMANDS } from "./guard-attacks/podman-commands.ts";
import { LIBPOD, PODMAN_IMAGE, PODMAN_IMAGE_OVER_CODE } from "./guard-attacks/podman-calls.ts";
import { LIBPOD_CONTAINERS } from "./guard-attacks/podman-containers.ts";
import { PLAYED, PODS } from "./guard-attacks/podman-pods.ts";

const folder = mkdtempSync(join(tmpdir(), "guard-podman-"));
/** An engine that starts a whole pod before it answers. */
const QUIET_MS = 60_000;
let engine: PrivateEngine;
let guard: Guard;
/** The same policy for clients that do not lie, without a tmpfs: a manifest has no place for one. */
let trusting: Guard;

/** An import takes the tag that it is given from nowhere (QUIRKS.importIgnoresTag). */
async function importImage(tar: Buffer, tag: string, changes: readonly string[]): Promise<void> {
  const query = changes.map((change) => `&changes=${encodeURIComponent(change)}`).join("");
  const path = `${LIBPOD}/images/import?reference=localhost/attacked:${tag}${query}`;
  const { status, text } = await dockerHttp(engine.socketPath, "POST", path, tar);
  if (status !== 200) throw new Error(text);
}

/** Podman builds it with the first pod; only its id says that it is Podman's. */
async function pauseImage(): Promise<string> {
  await dockerJson(engine.socketPath, "POST", `${LIBPOD}/pods/create`, { name: "first", netns: { nsmode: "none" } });
  const [infra] = await containers();
  if (infra === undefined) throw new Error("a pod without an infra container");
  const path = `${LIBPOD}/containers/${infra.Id}/json`;
  const { Image } = await dockerJson<{ Image: string }>(engine.socketPath, "GET", path);
  await removeAll();
  return Image.replace(/^(?:sha256:)?/, "sha256:");
}

function exempting(imageId: string): string {
  return `exemptions:\n  - { imageId: "${imageId}", reason: "Podman's own pause", until: 2099-01-01 }\n`;
}

beforeAll(async () => {
  engine = await startPrivatePodman();
  const tar = busyboxTar(await busyboxPath());
  await importImage(tar, "1", ["ENV PATH=/bin", 'CMD ["sleep","600"]']);
  await importImage(tar, "volumes", ["ENV PATH=/bin", 'CMD ["sleep","600"]', "VOLUME /bin"]);
  await dockerJson(engine.socketPath, "GET", `${LIBPOD}/images/${encodeURIComponent(PODMAN_IMAGE)}/json`);
  await dockerJson(engine.socketPath, "GET", `${LIBPOD}/images/${encodeURIComponent(PODMAN_IMAGE_OVER_CODE)}/json`);
  const policy = HOSTILE_POLICY + exempting(await pauseImage());
  guard = await startGuard({ upstream: engine.socketPath, folder: join(folder, "guard"), policy });
  const trust = policy.replace("trust: hostile", "trust: cooperative") + "template: []\n";
  trusting = await startGuard({ upstream: engine.socketPath, folder: join(folder, "trusting"), policy: trust });
});
afterAll(async () => {
  for (const each of [guard, trusting]) await each.stop();
  await removeAll();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

interface Listed {
  readonly Id: string;
  readonly Image: string;
  readonly IsInfra: boolean;
}
interface Inspected {
  readonly State: { readonly Running: boolean; readonly Pid: number };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly Privileged: boolean };
}

function containers(): Promise<readonly Listed[]> {
  return dockerJson(engine.socketPath, "GET", `${LIBPOD}/containers/json?all=true`);
}

/**
 * What could be written in any container that is there now, started the way the attacker would. Podman's own pause has a root that
 * can be written before Podman 5, and nothing in it that would.
 */
async function writable(through: Guard): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { Id, Image, IsInfra } of await containers()) {
    if (IsInfra && Image.startsWith("localhost/podman-pause:")) continue;
    await dockerHttp(through.socketPath, "POST", `${LIBPOD}/containers/${Id}/start`);
    const path = `${LIBPOD}/containers/${Id}/json`;
    const { State, HostConfig } = await dockerJson<Inspected>(engine.socketPath, "GET", path);
    if (!State.Running) continue;
    if (!HostConfig.ReadonlyRootfs || HostConfig.Privileged) found.push(`${Id} is ${JSON.stringify(HostConfig)}`);
    found.push(...writtenIn(State.Pid));
  }
  return found;
}

async function removeAll(): Promise<void> {
  const pods = await dockerJson<{ Id: string }[] | null>(engine.socketPath, "GET", `${LIBPOD}/pods/json`);
  for (const { Id } of pods ?? []) {
    await dockerHttp(engine.socketPath, "POST", `${LIBPOD}/pods/${Id}/kill?signal=SIGKILL`);
    await dockerHttp(engine.socketPath, "DELETE", `${LIBPOD}/pods/${Id}?force=true`);
  }
  for (const { Id } of await containers())
    await dockerHttp(engine.socketPath, "DELETE", `${LIBPOD}/containers/${Id}?force=true&v=true&timeout=0`);
  for (const { Name } of await dockerJson<{ Name: string }[]>(engine.socketPath, "GET", `${LIBPOD}/volumes/json`))
    await dockerHttp(engine.socketPath, "DELETE", `${LIBPOD}/volumes/${Name}?force=true`);
}

describe.each([
  ["containers", LIBPOD_CONTAINERS, () => guard],
  ["pods", PODS, () => guard],
  ["played pods", PLAYED, () => trusting],
] as const)("%s", (_kind, attacks, through) => {
  test.each(attacks.map((each) => [each.name, each] as const))("%s", async (_name, each) => {
    try {
      const answers = await carryOut(each, through().socketPath, QUIET_MS);
      expect(answers.at(-1)).toMatch(each.refusal ?? /^HTTP\/1\.1 [23]/);
      expect(await writable(through())).toEqual([]);
    } finally {
      await removeAll();
    }
  });
});

/** Debian's own `podman`, whose service is the guard. */
function remotePodman(
  through: Guard,
  words: readonly string[],
  input: string,
): { readonly status: number | null; readonly said: string } {
  const [program = "", ...before] = podmanCommand(engine);
  const remote = ["--remote", "--url", `unix://${through.socketPath}`];
  const options = { input, encoding: "utf8", timeout: 60_000, killSignal: "SIGKILL" } as const;
  const { status, stdout, stderr } = spawnSync(program, [...before, ...remote, ...words], options);
  return { status, said: stdout + stderr };
}

describe("podman --remote", () => {
  test.each(COMMANDS.map((each) => [each.words.join(" "), each] as const))("%s", async (_name, command) => {
    const through = command.needsTrust === true ? trusting : guard;
    try {
      for (const words of command.before ?? []) expect(remotePodman(through, words, "")).toMatchObject({ status: 0 });
      const { status, said } = remotePodman(through, command.words, command.input ?? "");
      expect([status === 0, said]).toEqual([
        command.refusal === undefined,
        expect.stringMatching(command.refusal ?? /^/),
      ]);
      expect(await writable(through)).toEqual([]);
    } finally {
      await removeAll();
    }
  });
});
