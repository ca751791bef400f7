import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEngine } from "../../src/audit/sources/engine.ts";
import { DockerApi } from "../../src/engine/docker/api.ts";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import { execInContainer } from "../../src/engine/docker/exec.ts";
import { untoldTargets } from "../../src/engine/docker/podman/layer.ts";
import { foundAnswer } from "../../src/engine/docker/schemas.ts";
import { layerChanges } from "../../src/engine/docker/tree/changes.ts";
import type { AuditProblem } from "../../src/model/finding.ts";
import { formatApproximateSize } from "../../src/model/units.ts";
import { NO_SETTINGS } from "../../src/model/workload.ts";
import { dataAtRisk } from "../../src/strategy/at-risk.ts";
import { formatStrategy } from "../../src/strategy/file.ts";
import { petrify } from "../support/cli.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import {
  busyboxPath,
  type PrivateEngine,
  startPrivateEngine,
  startPrivatePodman,
  startRemappedEngine,
} from "../support/private-engine.ts";
import { busyboxRoot } from "../support/test-image.ts";
import { PROBE, REMAPPED, type Varied, variedContainers } from "./audit-engine/varied.ts";

const KINDS = ["docker", "podman"] as const;
/** `remapped`: dockerd whose containers have users of their own. */
const EVERY_KIND = [...KINDS, "remapped"] as const;
type Kind = (typeof EVERY_KIND)[number];
const IMAGE = "localhost/petrify-audit:1";
const DECLARES = "localhost/petrify-audit-volume:1";
const FOREVER = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"];

/** What is compared: what the rules say can be written to, and what a write there shows. */
const CHECKED = ["root", "bin", "etc", "local", "kernel", "remounted", "host", "data"] as const;

const folder = mkdtempSync(join(tmpdir(), "audit-engine-test-"));
const scratch = join(folder, "scratch");
const engines = {} as Record<Kind, PrivateEngine>;
/** By the name of its context, what a command line needs. */
const env = { DOCKER_CONFIG: join(folder, "config"), DOCKER_HOST: "" };

beforeAll(async () => {
  mkdirSync(scratch);
  engines.docker = await startPrivateEngine();
  engines.podman = await startPrivatePodman();
  engines.remapped = await startRemappedEngine();
  for (const kind of EVERY_KIND) {
    context(kind, engines[kind].socketPath);
    await using engine = await connectDocker({ kind: "unix", path: engines[kind].socketPath }, "test");
    for (const [reference, changes] of [
      [IMAGE, []],
      [DECLARES, ["VOLUME /data"]],
    ] as const) {
      const root = busyboxRoot(
        await busyboxPath(),
        "mkdir -p tmp etc data host usr/local/bin srv var/log var/cache run proc && chmod 1777 tmp",
      );
      await engine.importImage(root.tar, { reference, changes: ["ENV PATH=/bin", ...changes] });
      root.remove();
    }
  }
  context("dead", join(folder, "nobody.sock"));
});
afterAll(async () => {
  for (const kind of EVERY_KIND) {
    await clear(kind);
    const { socketPath } = engines[kind];
    const { Volumes } = await dockerJson<{ Volumes: { Name: string }[] | null }>(socketPath, "GET", "/v1.41/volumes");
    for (const { Name } of Volumes ?? []) await dockerHttp(socketPath, "DELETE", `/v1.41/volumes/${Name}`);
    for (const image of [IMAGE, DECLARES]) await dockerHttp(socketPath, "DELETE", `/v1.41/images/${image}?force=1`);
    await engines[kind].stop();
  }
  rmSync(folder, { recursive: true });
});

function context(name: string, socketPath: string): void {
  const meta = join(env.DOCKER_CONFIG, "contexts/meta", createHash("sha256").update(name).digest("hex"));
  mkdirSync(meta, { recursive: true });
  const endpoints = { docker: { Host: `unix://${socketPath}` } };
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: name, Endpoints: endpoints }));
}

async function create(kind: Kind, name: string, { host = {}, body = {}, declares }: Varied): Promise<string> {
  const { Id } = await dockerJson<{ Id: string }>(
    engines[kind].socketPath,
    "POST",
    `/v1.41/containers/create?name=${name}`,
    {
      Image: declares === true ? DECLARES : IMAGE,
      Cmd: FOREVER,
      ...body,
      HostConfig: { NetworkMode: "none", ...host },
    },
  );
  return Id;
}
const post = (kind: Kind, id: string, action: string) =>
  dockerHttp(engines[kind].socketPath, "POST", `/v1.41/containers/${id}/${action}`);
const inspect = (kind: Kind, id: string) =>
  dockerJson<Record<string, object>>(engines[kind].socketPath, "GET", `/v1.41/containers/${id}/json`);

async function clear(kind: Kind): Promise<void> {
  const { socketPath } = engines[kind];
  const list = await dockerJson<{ Id: string }[]>(socketPath, "GET", "/v1.41/containers/json?all=1");
  const query = kind === "podman" ? "force=1&v=1&timeout=0" : "force=1&v=1";
  await Promise.all(list.map(({ Id }) => dockerHttp(socketPath, "DELETE", `/v1.41/containers/${Id}?${query}`)));
}

/** Folder of the planted file -> its size in bytes. */
const PLANTED: Readonly<Record<string, number>> = {
  "/data/db": 100_000,
  "/etc/app": 5_000,
  "/home/app": 70_000,
  "/opt/app/data": 4_097,
  "/root": 9_000,
  "/srv": 12_000,
  "/srv/uploads/2026": 300_000,
  "/usr/share/app": 8_000,
  "/var/lib/app": 50_000,
  "/var/www/html": 6_000,
};

interface Found {
  readonly rule: string;
  readonly workload: string;
  readonly message: string;
  readonly fingerprint: string;
}
interface Report {
  readonly containers: readonly { readonly workload: string; readonly strategy?: object }[];
  readonly findings: readonly Found[];
  readonly problems: readonly { readonly source: string; readonly code: string }[];
}
/** What a rule fires on in a container: keys, each an empty text when the rule has none. */
const keysOf = (found: readonly Found[], rule: string): readonly string[] =>
  found
    .filter((finding) => finding.rule === rule)
    .map(({ fingerprint }) => (JSON.parse(fingerprint) as string[])[4] ?? "");

describe.each(EVERY_KIND)("%s", (kind) => {
  test("what the read-only rules say of varied containers is what a write in them shows", async () => {
    const varied = Object.entries(variedContainers(kind === "podman" ? kind : "docker", scratch)).filter(
      ([name]) => kind !== "remapped" || REMAPPED.includes(name),
    );
    // Podman makes a volume of a container's own without its options.
    const disguise = { Name: "host-root", DriverOpts: { type: "none", device: "/", o: "bind" } };
    await dockerJson(engines[kind].socketPath, "POST", "/v1.41/volumes/create", disguise);
    const made = await Promise.all(
      varied.map(async ([name, one]) => {
        const id = await create(kind, name, one);
        const started = one.state === "created" ? undefined : await post(kind, id, "start");
        if (one.state === "exited") await post(kind, id, "stop?t=1");
        if (one.state === "paused") await post(kind, id, "pause");
        return { name, one, id, refused: (started?.status ?? 204) >= 400 ? started?.text : undefined };
      }),
    );
    const before = await Promise.all(made.map(({ id }) => inspect(kind, id)));
    const { stdout, stderr } = petrify(["audit", "--context", kind, "--json"], { cwd: folder, env });
    expect(stderr).toContain(`engine: ${kind === "podman" ? kind : "docker"} `);
    expect(await Promise.all(made.map(({ id }) => inspect(kind, id)))).toEqual(before);
    const report = JSON.parse(stdout) as Report;
    expect(report.problems).toEqual([]);
    expect(report.containers.map(({ workload }) => workload)).toEqual(varied.map(([name]) => name).toSorted());

    const api = new DockerApi({ kind: "unix", path: engines[kind].socketPath });
    api.useVersion("1.41");
    const compared = await Promise.all(
      made.map(async ({ name, one, id }) => {
        if (one.state === "paused") await post(kind, id, "unpause");
        else if (one.state !== undefined) await post(kind, id, "start");
        const { State } = await inspect(kind, id);
        if ((State as { Status?: string }).Status !== "running") return [];
        const { stdout: said } = await execInContainer(
          api,
          id,
          ["sh", "-c", PROBE, "sh", scratch],
          { user: "0" },
          true,
        );
        const can = Object.fromEntries(said.split("\n").map((line) => line.split(" "))) as Record<string, string>;
        const found = report.findings.filter(({ workload }) => workload === name);
        const fires = (rule: string): boolean => keysOf(found, rule).length > 0;
        const over = (path: string): boolean => keysOf(found, "writable-code").includes(path);
        const isWritable = fires("read-only-root");
        const sealed =
          /but for (.*):/.exec(found.find(({ rule }) => rule === "read-only-root")?.message ?? "")?.[1] ?? "";
        const code = (path: string): boolean => over(path) || (isWritable && !sealed.split(", ").includes(path));
        const declared = fires("declared-volumes");
        return [
          {
            name,
            expected: {
              root: isWritable,
              bin: code("/bin"),
              etc: code("/etc"),
              local: code("/usr/local/bin"),
              kernel: fires("unmasked-paths") || fires("privileged"),
              remounted: isWritable || fires("remountable-root"),
              host: fires("writable-host-system"),
              // A mount that somebody gave is no finding, and writable.
              data: isWritable || declared || (/-(?:named|tmpfs)$/.test(name) && one.declares === true),
            },
            real: {
              ...Object.fromEntries(CHECKED.map((key) => [key, can[key] === "yes"])),
              host: can["host"] === "yes" || can["hostkernel"] === "yes",
            },
          },
        ];
      }),
    );
    api.close();
    const all = compared.flat();
    expect(all.filter(({ expected, real }) => JSON.stringify(expected) !== JSON.stringify(real))).toEqual([]);
    if (kind === "remapped") return;
    expect(all.length).toBeGreaterThanOrEqual(30);
    // Each verdict in both directions, or this test would prove nothing.
    for (const key of CHECKED) expect([key, new Set(all.map(({ expected }) => expected[key])).size]).toEqual([key, 2]);
  });
});

describe.each(KINDS)("%s", (kind) => {
  test("data in containers' own layers is named with path and size, caches and logs are not", async () => {
    await clear(kind);
    const places = Object.entries(PLANTED);
    const passing =
      "mkdir -p /var/cache/app /root/.cache && for f in /var/cache/app/c /root/.cache/c /tmp/t /var/log/l.log";
    const made = await Promise.all(
      places.map(async ([path, size], index) => {
        const plant = `mkdir -p ${path} && head -c ${size} /dev/zero > ${path}/planted`;
        const script = `${plant} && ${passing} /run/app.pid; do echo x > $f; done; exec sleep 1000`;
        const id = await create(kind, `data-${index}`, { body: { Cmd: ["sh", "-c", script] } });
        await post(kind, id, "start");
        return id;
      }),
    );
    const api = new DockerApi({ kind: "unix", path: engines[kind].socketPath });
    api.useVersion("1.41");
    for (const id of made)
      await expect
        .poll(
          async () =>
            (await dockerHttp(engines[kind].socketPath, "HEAD", `/v1.41/containers/${id}/archive?path=/run/app.pid`))
              .status,
        )
        .toBe(200);
    // Ended containers hold theirs, too.
    await Promise.all(made.slice(0, 3).map((id) => post(kind, id, "kill")));

    const { stdout } = petrify(["audit", "--context", kind, "--json", "--rule", "data-at-risk"], { cwd: folder, env });
    const { findings } = JSON.parse(stdout) as Report;
    expect(findings.map(({ workload, message }) => `${workload}: ${message}`)).toEqual(
      places.map(
        ([path, size], index) =>
          `data-${index}: ${formatApproximateSize(size)} in 1 file at ${path} are lost when the container is replaced.`,
      ),
    );
    const without = petrify(["audit", "--context", kind, "--json", "--rule", "data-at-risk", "--no-data"], {
      cwd: folder,
      env,
    });
    expect((JSON.parse(without.stdout) as Report).findings).toEqual([]);

    // As for users who cannot read the layers: file by file, with a bound.
    const [first = ""] = made;
    const answer = await api.json({ action: "inspect", method: "GET", path: `/containers/${first}/json` }, foundAnswer);
    const afar = { isLocal: false, ownersUnknown: false, nativeDiff: true };
    const own = kind === "podman" ? { untoldTargets } : {};
    const { changes, unread } = await layerChanges(api, answer, afar, { mostFiles: 100, ...own });
    expect(unread).toEqual([]);
    expect(dataAtRisk(changes, [], []).items).toMatchObject([
      { path: places[0]?.[0], files: 1, sizeBytes: places[0]?.[1] },
    ]);
    expect((await layerChanges(api, answer, afar, { mostFiles: 2, ...own })).unread.join()).toContain(
      "more files changed",
    );
    api.close();
  });

  test("containers that come and go meanwhile are no problem", async () => {
    await clear(kind);
    const fleeting = { body: { Cmd: ["true"] }, host: { AutoRemove: true } };
    const made: string[] = [];
    const churning = [1, 2, 3].map(async (loop) => {
      for (let round = 0; round < 8; round++) {
        const id = await create(kind, `fleeting-${loop}-${round}`, fleeting);
        await post(kind, id, "start");
        made.push(id);
      }
    });
    await using engine = await connectDocker({ kind: "unix", path: engines[kind].socketPath }, "test");
    const problems: AuditProblem[] = [];
    while (made.length < 20) problems.push(...(await readEngine(engine, { containers: [], data: true })).problems);
    await Promise.all(churning);
    expect(problems).toEqual([]);
  });

  test("nothing that a container says acts on a terminal, and no secret of it is shown", async () => {
    await clear(kind);
    const id = await create(kind, "hostile", {
      host: {
        ReadonlyRootfs: true,
        Tmpfs: { [kind === "docker" ? "/t\u001b[31m\n::error::x" : "/t\u001b[31m\nx"]: "exec" },
        Binds: [`${scratch}:/\u202Egnp\u001b]0;x\u0007`],
      },
      body: {
        Env: ["API_TOKEN=hunter2-s3cret", "DATABASE_URL=postgres://app:hunter2-s3cret@db/app", "X\u001b[31m=1"],
        Labels: { "petrify.session": "forged", "\u001b[31m": "hunter2-s3cret" },
        User: "root",
      },
    });
    await post(kind, id, "start");
    const forms = ["json", "sarif", "xml", "md", "html"].map((form) => join(folder, `${kind}.${form}`));
    const reports = forms.flatMap((file) => ["--report", file]);
    const { stdout, stderr } = petrify(["audit", "--context", kind, "--github", ...reports], { cwd: folder, env });
    expect(stdout).toMatch(/hostile.*31m/);
    expect(stdout).not.toMatch(/^::/m);
    expect(stderr).toContain("::");
    for (const text of [stdout, stderr, ...forms.map((file) => readFileSync(file, "utf8"))]) {
      expect(text).toMatch(/API(?:_|&#95;)TOKEN/);
      expect(text).not.toContain("hunter2-s3cret");
      // oxlint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/);
    }
  });
});

test("several engines in one table, one of them dead: it is a problem, and the others go on", async () => {
  for (const kind of KINDS) {
    await clear(kind);
    await create(kind, `only-${kind}`, {});
  }
  const { exitCode, stdout, stderr } = petrify(
    ["audit", "--context", "docker", "--context", "dead", "--context", "podman", "--rule", "read-only-root"],
    { cwd: folder, env },
  );
  expect(stdout).toContain("docker (context docker) only-docker: The root is writable");
  expect(stdout).toContain("podman (context podman) only-podman: The root is writable");
  expect(stdout).toContain("problem: context dead: ");
  expect(stdout).toContain("E_ENGINE_UNREACHABLE");
  expect(stderr).toContain("engine: docker ");
  expect(stderr).toContain("engine: podman ");
  expect(exitCode).toBe(1);
  const named = petrify(["audit", "--context", "docker", "--container", "only-docker", "--container", "nobody"], {
    cwd: folder,
    env,
  });
  expect(named.stdout).toContain("There is no container 'nobody'.");
  const image = petrify(["audit", "--context", "docker", "--image", DECLARES, "--rule", "image-tools"], {
    cwd: folder,
    env,
  });
  expect(image.stdout).toContain("/bin/busybox");

  const { Image } = await inspect("docker", "only-docker");
  writeFileSync(
    join(folder, "web.strategy.yaml"),
    formatStrategy({
      name: "web",
      fits: { repositories: ["localhost/petrify-audit"] },
      workload: { ...NO_SETTINGS, name: "web", image: IMAGE, command: FOREVER },
      entries: [],
      profile: { file: "web.profile.ndjson.zst", sha256: "0".repeat(64) },
      incomplete: [],
      test: { kind: "none" },
      verifiedOn: [Image as unknown as string],
    }),
  );
  const fitted = petrify(["audit", "--context", "docker", "--context", "podman", "--json"], { cwd: folder, env });
  const file = "web.strategy.yaml";
  // The same image by name, and another by its bytes.
  expect((JSON.parse(fitted.stdout) as Report).containers.map(({ strategy }) => strategy)).toEqual([
    { standing: "verified", file },
    { standing: "unverified", file },
  ]);
});
