import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../src/engine/contract/bench.ts";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readProfile } from "../../src/learn/profile-file.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { petrify } from "../support/cli.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { service } from "../support/loop-images.ts";
import { busyboxPath, type PrivateEngine, startPrivateEngine, startRemappedEngine } from "../support/private-engine.ts";
import { FIRST_ID } from "../support/remapped-dockerd.ts";
import { startPetrify } from "../support/running-petrify.ts";
import { busyboxRoot } from "../support/test-image.ts";

/** Root makes a folder for a user, who then writes: its owner, its mode and whose writes they are matter everywhere. */
const WRITES = [
  "mkdir -p /run/app && chown 1000:33 /run/app && chmod 750 /run/app",
  "su app -s /bin/sh -c 'echo 1 > /run/app/pid; cat /srv/app/state; echo state >> /srv/app/state; echo no > /etc/denied; echo x > /tmp/x; rm /tmp/x'",
  "cat /seed/shipped && echo up >> /seed/log && rm -f /work/x && echo x > /work/x",
].join("; ");
const ARRANGE =
  "mkdir -p tmp run etc srv/app seed work && chmod 1777 tmp && echo shipped > seed/shipped && chown -R 1000:33 srv/app seed && chmod 700 srv/app && printf 'root:x:0:0::/:/bin/sh\\napp:x:1000:33::/:/bin/sh\\n' > etc/passwd && echo app:x:33: > etc/group";
const TEST = ["--exec", "cat /srv/app/state && test $(stat -c %u%a /srv/app) = 1000700"];
const NAME = "petrify-userns";
const IMAGE = `${NAME}:1`;

const folder = mkdtempSync(join(tmpdir(), "userns-test-"));
const engines: Engine[] = [];
let plain: PrivateEngine;
let remapped: PrivateEngine;

beforeAll(async () => {
  [plain, remapped] = await Promise.all([startPrivateEngine(), startRemappedEngine()]);
  for (const { socketPath } of [plain, remapped]) {
    const engine = await connectDocker({ kind: "unix", path: socketPath }, "test");
    engines.push(engine);
    const root = busyboxRoot(await busyboxPath(), ARRANGE);
    await engine.importImage(root.tar, { reference: IMAGE, changes: [service(WRITES), "WORKDIR /work"] });
    root.remove();
  }
});
afterAll(async () => {
  for (const engine of engines) {
    await engine.removeImage(IMAGE);
    await engine[Symbol.asyncDispose]();
  }
  await Promise.all([plain.stop(), remapped.stop()]);
  rmSync(folder, { recursive: true });
});

const host = (engine: PrivateEngine): readonly string[] => ["--host", `unix://${engine.socketPath}`];

function learn(engine: PrivateEngine, into: string, ...args: string[]): ReturnType<typeof petrify> {
  return petrify(["learn", ...host(engine), "--out", join(folder, into), ...args, IMAGE]);
}
const fileIn = (into: string): string => join(folder, into, `${NAME}.strategy.yaml`);
const strategyIn = (into: string): Strategy => parseStrategy(readFileSync(fileIn(into), "utf8"), into);
const recordsIn = async (into: string): Promise<readonly (readonly [string, readonly number[]])[]> => {
  const { records } = await readProfile(join(folder, into, `${NAME}.profile.ndjson.zst`));
  return records.map(({ path, uids }) => [path, uids] as const);
};

test.each(["bpf", "strace", "diff"])(
  "by %s it learns the owners that the container sees, as without",
  async (sensor) => {
    for (const [engine, into] of [
      [plain, `plain-${sensor}`],
      [remapped, `remapped-${sensor}`],
    ] as const) {
      const { exitCode, stderr } = learn(engine, into, ...TEST, "--sensor", sensor);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    }
    const [expected, found] = [strategyIn(`plain-${sensor}`), strategyIn(`remapped-${sensor}`)];
    expect(found.entries).toEqual(expected.entries);
    expect(found.incomplete).toEqual(expected.incomplete);
    expect(await recordsIn(`remapped-${sensor}`)).toEqual(await recordsIn(`plain-${sensor}`));
    expect(found.entries).toContainEqual(
      expect.objectContaining({ path: "/srv/app", uid: 1000, gid: 33, mode: 0o700 }),
    );
  },
);

test("verify passes, and knows what each mount is needed for", () => {
  const { exitCode, stdout, stderr } = petrify([
    "verify",
    ...host(remapped),
    "--minimal",
    "--json",
    fileIn("remapped-bpf"),
  ]);
  expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0 });
  const { outcome, minimal } = JSON.parse(stdout) as Verdict;
  expect(outcome).toBe("passed");
  expect(minimal?.filter(({ needed }) => !needed)).toEqual([]);
});

test("run gives mounts and the volume's copy the owners that the container sees", async () => {
  const args = ["run", ...host(remapped), "--rm", "--name", "stone", "--strategy", fileIn("remapped-bpf")];
  const running = startPetrify([...args, IMAGE]);
  const ended = running.ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  const isUp = eventually(async () => {
    const { text } = await dockerHttp(remapped.socketPath, "GET", "/containers/stone/json");
    const { Pid: started = 0 } = (JSON.parse(text) as { State?: { Pid: number } }).State ?? {};
    return existsSync(`/proc/${started}/root/seed/log`) ? started : undefined;
  });
  const pid = await Promise.race([isUp, ended]);
  const inside = (...command: string[]): string =>
    execFileSync("nsenter", ["-t", String(pid), "-U", "-m", "-r", "--preserve-credentials", ...command], {
      encoding: "utf8",
    });
  expect(readFileSync(`/proc/${pid}/uid_map`, "utf8")).toContain(String(FIRST_ID));
  expect(readFileSync(`/proc/${pid}/mounts`, "utf8")).toMatch(/^\S+ \/ overlay ro,/m);
  expect(inside("stat", "-c", "%n %a %u %g", "/srv/app", "/seed/shipped", "/run/app")).toBe(
    "/srv/app 700 1000 33\n/seed/shipped 644 1000 33\n/run/app 750 1000 33\n",
  );
  await dockerHttp(remapped.socketPath, "POST", "/containers/stone/kill?signal=SIGTERM");
  expect(await running.ended).toMatchObject({ exitCode: 0 });
  await dockerHttp(remapped.socketPath, "DELETE", "/volumes/stone_srv-app");
});

test("the data that a container that runs would lose, and its strategy", async () => {
  const script = "chmod 701 /work; su app -s /bin/sh -c 'while :; do echo live >> /srv/app/live; sleep 0.2; done'";
  const body = { Image: IMAGE, Cmd: ["sh", "-c", script], HostConfig: { NetworkMode: "none" } };
  const created = await dockerJson<{ Id: string }>(remapped.socketPath, "POST", "/containers/create?name=shop", body);
  await dockerJson(remapped.socketPath, "POST", `/containers/${created.Id}/start`);
  try {
    const args = ["learn", ...host(remapped), "--out", join(folder, "found"), "--container", "shop"];
    const { exitCode, stdout, stderr } = petrify([...args, "--for", "2s", "--json"]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const { workloads } = JSON.parse(stdout) as { workloads: readonly { atRisk: readonly object[] }[] };
    expect(workloads[0]?.atRisk).toMatchObject([{ container: "shop", items: [{ path: "/srv/app", files: 1 }] }]);
    const { entries } = parseStrategy(readFileSync(join(folder, "found/shop.strategy.yaml"), "utf8"), "shop");
    expect(entries).toContainEqual(expect.objectContaining({ path: "/srv/app", uid: 1000, gid: 33, mode: 0o700 }));
    const { records } = await readProfile(join(folder, "found/shop.profile.ndjson.zst"));
    expect(records.find(({ path }) => path === "/srv/app/live")?.uids).toEqual([1000]);
  } finally {
    await dockerHttp(remapped.socketPath, "DELETE", `/containers/${created.Id}?force=1&v=1`);
  }
});

test("a writable folder of the host stays as foreign to the copy as to the original", () => {
  const source = join(folder, "bound");
  mkdirSync(source, { mode: 0o755 });
  writeFileSync(join(source, "in"), "from the host");
  const exec = "cat /b/in && ! touch /b/out && test $(stat -c %u /b) = 65534";
  const { exitCode, stderr } = learn(remapped, "bind", "-v", `${source}:/b`, "--exec", exec);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
});

test.for([
  ["every privilege", ["--privileged"]],
  ["the host's network", ["--network", "host"]],
] as const)("what needs the host's users is refused, with the way out: %s", ([, flags]) => {
  const { exitCode, stderr } = learn(remapped, "refused", ...flags);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/\[E_CONTAINER_START\]\nhint: .*--userns=host/);
});

test("a workload that shares the host's users is learned and verified with them", async () => {
  const flags = ["--network", "host", "--userns", "host", "--exec", "touch /srv/by-root"];
  const { exitCode, stderr } = learn(remapped, "shared", ...flags);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(strategyIn("shared").workload).toMatchObject({ userns: "host", network: "host" });
  expect(await recordsIn("shared")).toContainEqual(["/srv/by-root", [0]]);
  const verified = petrify(["verify", ...host(remapped), fileIn("shared")]);
  expect(verified).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("the users of host") as string });
});

test("doctor says that the engine remaps", () => {
  const { stdout } = petrify(["doctor", ...host(remapped)]);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(`root of its containers is uid ${FIRST_ID} (userns-remap)`);
});
