import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { derivation } from "../../src/learn/derivation.ts";
import { experiment } from "../../src/learn/experiment.ts";
import { ensureImage, learnWorkload } from "../../src/learn/learn.ts";
import { learnFrom } from "../../src/learn/from.ts";
import type { Learned } from "../../src/learn/learned.ts";
import { readProfile } from "../../src/learn/profile-file.ts";
import { recordRun, type RunRecordingFile } from "../../src/learn/run-recording.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import type { TestPlan } from "../../src/learn/test-plan.ts";
import type { PathRecord } from "../../src/model/profile.ts";
import type { Workload } from "../../src/model/workload.ts";
import type { SensorChoice } from "../../src/sensor/sensor.ts";
import { verifyStrategy } from "../../src/verify/verify.ts";
import { ROOT } from "../support/cli.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { plainWorkload } from "../support/workload.ts";

const PLAN: TestPlan = { readyTimeoutMs: 60_000, timeoutMs: 60_000, forMs: 500 };

/** What a service does, with all that makes paths hard to tell. */
const BUSY = `
  mkdir -p /srv/d/e && cd /srv/d && echo one > relative
  printf 'x' > "$(printf 'new\\nline')"
  ln -s /srv/d /run/link && echo two > /run/link/through-link
  echo three > /tmp/t && mv /tmp/t /srv/d/moved && echo more >> /srv/d/moved
  rm -f /srv/absent; rmdir /srv/d/e; chmod 600 relative
  su -s /bin/sh nobody -c 'echo four > /tmp/nobodys; echo x > /etc/denied'
  cat /srv/kept 2>/dev/null; echo five > /srv/kept`;

const HOSTILE = {
  reference: "petrify-sensors/hostile:1",
  arrange: "mkdir -p cache etc/ssl && cp bin/busybox bin/privileged && chmod 4755 bin/privileged",
};
const IMAGE = {
  reference: "petrify-sensors/busy:1",
  arrange: "echo nobody:x:65534:65534::/:/bin/sh > etc/passwd",
  changes: [service(BUSY)],
};

let shared: PrivateEngine;
let engine: Engine;
beforeAll(async () => {
  shared = await startPrivateEngine();
  await importImages(shared.cacheDir, [IMAGE, HOSTILE]);
  engine = await startEmbeddedEngine({ cacheDir: shared.cacheDir });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await shared.stop();
});

async function learn(
  sensor: SensorChoice,
  workload: Workload,
  plan: TestPlan = PLAN,
  recording?: RunRecordingFile,
): Promise<Learned> {
  const session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT, sensor);
  const options = { workload, plan, ...(recording === undefined ? {} : { recording }) };
  const learned = await learnWorkload(session, options).finally(() => session[Symbol.asyncDispose]());
  expect(readdirSync(tmpdir()).filter((name) => name.includes(session.id))).toEqual([]);
  return learned;
}

/** A user of this host who may talk to the engine, and nothing else. */
const USER = { uid: 65_533, gid: 65_533 };

/** A socket of the test's engine that every user may use. */
async function openToAll(folder: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = join(folder, "docker.sock");
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const behind = net.connect({ path: shared.socketPath, allowHalfOpen: true });
    client.pipe(behind).pipe(client);
    for (const socket of [client, behind]) socket.on("error", () => [client, behind].map((one) => one.destroy()));
  });
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o666);
  return { path, [Symbol.asyncDispose]: async () => void server.close() };
}

function run(script: string, differs: Partial<Workload> = {}): Workload {
  return plainWorkload(HOSTILE.reference, { command: ["sh", "-c", script], ...differs });
}

async function printed(sensor: SensorChoice, workload: Workload): Promise<string> {
  await using session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT, sensor);
  const { logs } = await experiment(session, {
    workload,
    image: await ensureImage(session, workload.image),
    plan: PLAN,
    readOnlyRoot: false,
    tmpfs: {},
    volumes: [],
    binds: [],
    phases: ["first"],
  });
  return logs;
}

/** Without what strace does not tell as the kernel does. */
function comparable(record: PathRecord): unknown {
  return { ...record, sizeClassBytes: 0 };
}

test("strace sees what the kernel sensor sees, and the strategy is the same", async () => {
  const workload = plainWorkload(IMAGE.reference);
  const plan = { ...PLAN, exec: "cd /srv && echo six > by-exec" };
  const [bpf, strace] = [await learn("bpf", workload, plan), await learn("strace", workload, plan)];
  expect(strace.profile.header).toEqual({ ...bpf.profile.header, sensor: "strace" });
  expect(strace.profile.records.map(comparable)).toEqual(bpf.profile.records.map(comparable));
  expect(strace.profile.records.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["/srv/d/new\nline", "/srv/by-exec", "/etc/denied"]),
  );
  const derived = [bpf, strace].map((learned) => derivation(learned).strategy);
  expect(derived[1]).toEqual(derived[0]);

  await using session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT, "strace");
  const withoutTmp = { ...derived[1]!, entries: derived[1]!.entries.filter(({ path }) => path !== "/tmp") };
  const { verdict } = await verifyStrategy(session, {
    strategy: withoutTmp,
    baseline: strace.profile,
    plan: PLAN,
    minimal: false,
    environment: {},
  });
  expect(verdict.regressions.map(({ message }) => message)).toContain("sh could not create /tmp/t (open: EROFS)");
});

test("by the engine's changes alone the strategy has the same places, and says that it is not complete", async () => {
  const { profile } = await learn("diff", plainWorkload(IMAGE.reference), { ...PLAN, exec: "true" });
  expect(profile.header).toMatchObject({ sensor: "diff", incomplete: [expect.stringContaining("came and went")] });
  const paths = profile.records.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["/srv/d", "/srv/d/moved", "/srv/kept", "/run/link", "/tmp/nobodys"]));
  expect(paths.filter((path) => path.startsWith("/srv/d/e"))).toEqual([]);
  expect(profile.records.find(({ path }) => path === "/srv/kept")?.readBack).toBe(true);
});

describe("by the engine's changes, then read-only", () => {
  /** All is undone before anybody can look, and each refusal ends it. */
  const UNDONE = `
    set -e
    echo up > /run/app.pid && rm /run/app.pid
    mkdir /var/log/batch && rmdir /var/log/batch
    cat /srv/state || true; echo state >> /srv/state
    trap 'exit 0' TERM; while :; do sleep 1000 & wait; done`;

  test("what is undone is learned by what the output says was refused, as is the strategy of the kernel sensor", async () => {
    const plan = { ...PLAN, exec: "echo x > /cache/lock && rm /cache/lock" };
    const file = join(mkdtempSync(join(tmpdir(), "petrify-recorded-")), "run.ndjson");
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    const recording = await recordRun(file);
    const [bpf, diff] = [await learn("bpf", run(UNDONE), plan), await learn("diff", run(UNDONE), plan, recording)];
    await recording.close(diff.profile.header.loss);
    expect(diff.profile.records.map(({ path, failed }) => [path, failed.map(({ errno }) => errno)])).toEqual([
      ["/cache/lock", ["EROFS"]],
      ["/run/app.pid", ["EROFS"]],
      ["/srv/state", []],
      ["/var/log/batch", ["EROFS"]],
    ]);
    const places = [bpf, diff].map((learned) =>
      derivation(learned).strategy.entries.map(({ kind, path }) => `${kind} ${path}`),
    );
    expect(places[1]).toEqual(places[0]);
    expect(diff.profile.header.incomplete).toEqual([expect.stringContaining("came and went")]);
    const again = await learnFrom([file], async () => undefined);
    expect({ ...again.profile, subject: undefined }).toEqual({ ...diff.profile, subject: undefined });

    await using session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT, "diff");
    const { strategy } = derivation(diff);
    const entries = strategy.entries.filter(({ path }) => path !== "/run");
    const { verdict } = await verifyStrategy(session, {
      strategy: { ...strategy, entries },
      baseline: diff.profile,
      plan,
      minimal: false,
      environment: {},
    });
    expect(verdict.regressions.map(({ message }) => message)).toContain(
      "something could not create /run/app.pid (open: EROFS)",
    );
  });

  const REST = "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done";
  test.each([
    [
      "is silent",
      `echo x 2>/dev/null > /run/lock && rm /run/lock || exit 3; ${REST}`,
      "read-only with what was found it ended by itself with exit code 3, and its output does not say of which write",
    ],
    [
      "names no directory",
      `cd /run; echo x > lock && rm lock; ${REST}`,
      "a read-only run tells of refused writes without saying where",
    ],
    [
      "names a place for no mount",
      `echo x > /etc/ssl/lock && rm /etc/ssl/lock || exit 3; ${REST}`,
      "read-only with what was found it ended by itself with exit code 3, and what it was refused stays denied",
    ],
  ])("a refusal of which the output %s is told as a reason not to trust it", async (_, script, reason) => {
    const { profile } = await learn("diff", run(script));
    expect(profile.header.incomplete).toContain(reason);
  });
});

describe("under strace", () => {
  test("the entrypoint keeps its pid and its capabilities", async () => {
    const look = "echo pid $$; grep Cap /proc/self/status";
    const logs = [await printed("bpf", run(look)), await printed("strace", run(look))];
    expect(logs[0]).toContain("pid 1\n");
    expect(logs[1]).toBe(logs[0]);
  });

  test("as another user, without capabilities, all is seen too", async () => {
    const { profile } = await learn(
      "strace",
      run("echo x > /tmp/mine; echo x > /etc/denied", { user: "1000:1000", capDrop: ["ALL"] }),
    );
    const told = profile.records.map(({ path, uids, failed }) => ({ path, uids, errno: failed[0]?.errno }));
    expect(told).toEqual([
      { path: "/etc/denied", uids: [1000], errno: "EACCES" },
      { path: "/tmp/mine", uids: [1000], errno: undefined },
    ]);
    expect(profile.header.incomplete).toEqual([
      "the container ended by itself with exit code 1 in the first run",
      "the container ended by itself with exit code 1 in the restart run",
    ]);
  });

  test.each([
    [
      "a program lost its setuid right",
      "/bin/privileged true",
      { user: "1000" },
      /^\/bin\/privileged ran without its setuid right/,
    ],
    [
      "the tracer was killed",
      "for p in /proc/[0-9]*; do grep -q strace $p/cmdline && [ $p != /proc/$$ ] && kill -9 ${p#/proc/}; done; sleep 2",
      {},
      /^strace ended before the container did/,
    ],
    ["the pipe was written to", "echo rubbish > /.petrify-trace/trace-0", {}, /^some paths could not be read/],
    [
      "a mount namespace was left",
      "unshare -m true",
      { capAdd: ["SYS_ADMIN"], securityOpt: ["seccomp=unconfined"] },
      /mount namespace of its own/,
    ],
  ])("a profile is not complete when %s", async (_, script, differs, reason) => {
    const { profile } = await learn("strace", run(script, differs));
    expect(profile.header.incomplete).toContainEqual(expect.stringMatching(reason));
  });
});

test("a user who has only the engine's socket learns by strace, and is told why", async ({ skip }) => {
  const petrify = join(ROOT, "bin/petrify");
  const asUser = (file: string, ...args: string[]) =>
    promisify(execFile)(file, args, {
      ...USER,
      env: { HOME: home, PATH: process.env["PATH"], PETRIFY_NODE: process.execPath },
      timeout: 100_000,
    });
  const home = mkdtempSync(join(tmpdir(), "petrify-user-"));
  try {
    chownSync(home, USER.uid, USER.gid);
    const readable = await asUser("test", "-x", petrify).then(
      () => true,
      () => false,
    );
    if (!readable) skip("the checkout lies in a folder that only root can read");
    // What an earlier run as this user would have left.
    execFileSync("sh", [
      "-c",
      `mkdir -p "$1" && cp -a "$2"/strace-*.json "$2"/root-strace-* "$1" && chown -R ${USER.uid}:${USER.gid} "$1/.."`,
      "sh",
      join(home, ".cache/petrify/packages"),
      join(shared.cacheDir, "packages"),
    ]);
    await using socket = await openToAll(home);
    const { stderr } = await asUser(
      petrify,
      "learn",
      IMAGE.reference,
      "--host",
      `unix://${socket.path}`,
      "--out",
      home,
      "--exec",
      "true",
    );
    expect(stderr).toContain("sensor: strace (no bpf: The kernel sensor needs root");
    const { header, records } = await readProfile(join(home, "busy.profile.ndjson.zst"));
    expect(header).toMatchObject({ sensor: "strace", incomplete: [] });
    expect(records.find(({ path }) => path === "/srv/kept")).toMatchObject({ created: true, readBack: true });
    expect(records.find(({ path }) => path === "/etc/denied")?.failed).toEqual([
      { operation: "open", errno: "EACCES" },
    ]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
