import { readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { DOCKERD } from "../../src/engine/embedded/dockerd.ts";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";
import { busyboxTar } from "../support/docker-http.ts";
import { ociArchive } from "../support/oci-archive.ts";
import { OwnHost, type Service } from "../support/own-host.ts";
import { busyboxPath } from "../support/private-engine.ts";

const packages = async (...names: readonly string[]): Promise<string> =>
  (await unpackPackages(names, `${defaultCacheDir()}/packages`)).root;

const POLICY = "/etc/petrify/policy.yaml";
const WATCHED = ["/etc", "/usr/local", "/usr/lib/systemd", "/var/cache"];
const SOCKET = "unix:///var/run/docker.sock";

let host: OwnHost | undefined;
afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  host = undefined;
});

async function startHost(daemonJson: object = {}): Promise<OwnHost> {
  const own = await OwnHost.start([await packages(...DOCKERD.packages), await packages("strace")]);
  host = own;
  own.ok("install", "-d", "/etc/petrify", "/etc/docker");
  writeFileSync(own.at(POLICY), policyText("enforce"));
  const settings = {
    bridge: "none",
    iptables: false,
    "shutdown-timeout": 1,
    "cgroup-parent": `/${own.cgroup}`,
    ...daemonJson,
  };
  writeFileSync(own.at("/etc/docker/daemon.json"), `${JSON.stringify(settings, undefined, 4)}\n`, { mode: 0o640 });
  return own;
}

function policyText(mode: string): string {
  return `apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata: {name: house}\nmode: ${mode}\n`;
}

/** A dockerd as an init script starts it. */
async function startDockerd(own: OwnHost, at = SOCKET): Promise<Service> {
  const service = own.start(["dockerd", "-p", "/run/docker.pid"], "/run/test/dockerd.log");
  await untilAnswers(own, at);
  return service;
}

async function untilAnswers(own: OwnHost, at: string): Promise<void> {
  const script = `for i in $(seq 200); do docker -H ${at} version && exit; sleep 0.1; done; cat /run/test/*.log >&2; exit 1`;
  own.ok("sh", "-c", script);
}

/** The commands that an output tells the user to run. */
function told(output: string): readonly string[] {
  return [...output.matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command);
}

function idOf(own: OwnHost, name: string): string {
  return own.ok("docker", "inspect", "--format", "{{.Id}}", name).slice(0, 12);
}

function pidOf(own: OwnHost, name: string, at = SOCKET): string {
  return own.ok("docker", "-H", at, "inspect", "--format", "{{.State.Pid}}", name).trim();
}

test.each([true, false])("a host without systemd, live-restore %s: installed, used and put back", async (live) => {
  const own = await startHost({ "live-restore": live });
  let dockerd = await startDockerd(own);
  const before = own.tree(...WATCHED);
  writeFileSync(own.at("/run/test/app.tar"), busyboxTar(await busyboxPath()));
  own.ok("docker", "import", "-c", "ENV PATH=/bin", "/run/test/app.tar", "app:1");
  const runs: Readonly<Record<string, readonly string[]>> = {
    old: [],
    again: ["--restart", "always"],
    watcher: ["-v", "/var/run/docker.sock:/var/run/docker.sock"],
    wide: ["-v", "/var/run:/host"],
  };
  for (const [name, flags] of Object.entries(runs))
    own.ok("docker", "run", "-d", "--stop-timeout", "1", "--name", name, ...flags, "app:1", "sleep", "1000");
  const oldPid = pidOf(own, "old");
  const watcherPid = pidOf(own, "watcher");

  const installed = own.petrify("guard", "install", "--docker", "--authz", "--strict");
  expect(installed).toMatchObject({ status: 0, stderr: "" });
  for (const name of ["watcher", "wide"]) expect(installed.stdout).toContain(`${idOf(own, name)} (/run/docker.sock)`);
  // What a running engine does is as before until it is restarted.
  own.ok("docker", "run", "--rm", "app:1", "sh", "-c", "echo x > /srv/a");

  const commands = told(installed.stdout);
  await dockerd.stop();
  for (const command of commands.filter((line) => line.startsWith("install "))) own.ok("sh", "-c", command);
  const [guardCommand = "", authzCommand = ""] = [/^petrify guard --/, /^petrify guard authz/].map(
    (pattern) => commands.find((line) => pattern.test(line)) ?? "",
  );
  const authz = own.start(authzCommand.split(" "), "/run/test/authz.log");
  own.ok("sh", "-c", "until [ -S /run/docker/plugins/petrify.sock ]; do sleep 0.1; done");
  const engine = "unix:///run/petrify-guard/docker.sock";
  dockerd = await startDockerd(own, engine);
  const guard = own.start(guardCommand.split(" "), "/run/test/guard.log");
  await untilAnswers(own, SOCKET);

  // Containers go on where the engine keeps them alive; else those with a restart policy come back.
  expect(pidOf(own, "old")).toBe(live ? oldPid : "0");
  expect(pidOf(own, "again")).not.toBe("0");
  // Who had the old socket mounted reaches nobody by it; who had its directory reaches the engine.
  const reaches = (pid: string, path: string): boolean =>
    own.run(["docker", "-H", `unix:///proc/${pid}/root${path}`, "version"]).status === 0;
  const widePid = pidOf(own, "wide");
  expect({
    watcher: reaches(watcherPid, "/var/run/docker.sock"),
    wide: widePid !== "0" && reaches(widePid, "/host/petrify-guard/docker.sock"),
  }).toEqual({ watcher: false, wide: live });

  const write = ["run", "--rm", "app:1", "sh", "-c", "echo x > /srv/a"];
  expect(own.run(["docker", ...write]).stderr).toContain("Read-only file system");
  expect(own.run(["docker", "-H", engine, ...write]).stderr).toContain("authorization denied by plugin petrify");
  expect(own.ok("docker", "run", "--rm", "app:1", "sh", "-c", "echo x > /tmp/a; cat /tmp/a")).toBe("x\n");
  expect(own.run(["docker", "restart", "-t", "0", "old"]).status).not.toBe(0);
  const status = own.petrify("guard", "status", "--json");
  const { ways } = JSON.parse(status.stdout) as { ways: { way: string; guarded: string }[] };
  expect(ways).toContainEqual(expect.objectContaining({ way: "docker socket /run/docker.sock", guarded: "yes" }));
  const wide = `container ${idOf(own, "wide")} with /run/petrify-guard/docker.sock`;
  expect(ways.some(({ way, guarded }) => way === wide && guarded === "no")).toBe(live);

  own.ok("docker", "create", "--name", "wrapped", "app:1", "true");
  const removed = own.petrify("guard", "uninstall");
  expect(removed).toMatchObject({ status: 0, stderr: "" });
  expect(removed.stdout).toMatch(/made with the runtime wrapper, .*: wrapped\.\n/);
  expect(removed.stdout).toContain("restart it");
  await guard.stop();
  await dockerd.stop();
  await authz.stop();
  dockerd = await startDockerd(own);
  own.ok("docker", ...write);
  // As was told: what depends on the wrapper does not start without it.
  expect(own.run(["docker", "start", "wrapped"]).status).not.toBe(0);
  own.ok("docker", "rm", "-f", "wrapped", "old", "again", "watcher", "wide");
  await dockerd.stop();
  expect(own.tree(...WATCHED)).toEqual(before);
  // Since when the policy is known is the guard's own.
  expect(Object.keys(own.tree("/var/lib/petrify")).filter((path) => !path.includes("/guard"))).toEqual([]);
});

test("containerd takes the launcher as runc's binary: a container of ctr is read-only", async () => {
  const own = await startHost();
  expect(own.petrify("guard", "install", "--docker", "--strict").status).toBe(0);
  const launcher = "/usr/local/libexec/petrify/docker/runc";
  own.start(["containerd"], "/run/test/containerd.log");
  // Its namespace is the parent of its cgroups.
  const ctr = ["ctr", "--namespace", own.cgroup];
  own.ok("sh", "-c", `for i in $(seq 100); do ctr version >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1`);
  const { tar } = ociArchive("app:1", busyboxTar(await busyboxPath()), { Env: ["PATH=/bin"] });
  writeFileSync(own.at("/run/test/app.tar"), tar);
  own.ok(...ctr, "images", "import", "/run/test/app.tar");
  const run = (id: string, script: string, ...flags: readonly string[]) =>
    own.run([...ctr, "run", "--rm", ...flags, "docker.io/library/app:1", id, "/bin/sh", "-c", script]);
  const write = "echo x > /srv/a";
  expect(run("plain", write)).toMatchObject({ status: 0 });
  const guarded = ["--runc-binary", launcher];
  expect(run("a", write, ...guarded).stderr).toContain("Read-only file system");
  expect(run("b", "echo x > /tmp/a && cat /tmp/a", ...guarded)).toMatchObject({ status: 0, stdout: "x\n" });
  const bind = "type=bind,src=/run/containerd,dst=/x,options=rbind:ro";
  expect(run("c", "true", ...guarded, "--mount", bind).stderr).toContain("petrify: policy house");

  writeFileSync(own.at(POLICY), policyText("audit"));
  expect(run("d", write, ...guarded)).toMatchObject({ status: 0, stderr: "" });
  const log = readFileSync(own.at("/var/log/petrify/runtime.log"), "utf8").trimEnd().split("\n");
  const decided = log.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(decided.map((line) => [line["container.id"], line["petrify.mode"], line["event.outcome"]])).toEqual([
    ["a", "enforce", "patch"],
    ["b", "enforce", "patch"],
    ["c", "enforce", "deny"],
    ["d", "audit", "patch"],
  ]);
  expect(statSync(own.at("/var/log/petrify/runtime.log")).mode & 0o077).toBe(0);
});

/** Calls by which something of a host changes, and which Node makes nowhere else when it starts. */
const CHANGING = "mkdir,rename,unlink,unlinkat,rmdir,symlink,fsync,fchmod,fchown";

test("the authorization plugin comes before the first dockerd of a host, and makes its directory", async () => {
  const own = await startHost();
  own.start(["petrify", "guard", "authz", "--policy", POLICY], "/run/test/authz.log");
  own.ok(
    "sh",
    "-c",
    "for i in $(seq 100); do [ -S /run/docker/plugins/petrify.sock ] && exit; sleep 0.1; done; exit 1",
  );
  expect(statSync(own.at("/run/docker")).mode & 0o777).toBe(0o711);
  expect(statSync(own.at("/run/docker/plugins/petrify.sock")).mode & 0o777).toBe(0o600);
});

/** A call and its number among those of its name in its thread: by which strace finds it again. */
interface Place {
  readonly call: string;
  readonly when: number;
}

/** Each call of a trace. */
function placesIn(trace: string): readonly Place[] {
  const seen = new Map<string, number>();
  return [...trace.matchAll(/^(\d+) +(\w+)\(/gm)].map(([, thread = "", call = ""]) => {
    const when = (seen.get(thread + call) ?? 0) + 1;
    seen.set(thread + call, when);
    return { call, when };
  });
}

/** Some of them, the same ones for the same seed. */
function some<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return all[(state >>> 8) % all.length];
  }).filter((item) => item !== undefined);
}

test("installations and removals that are killed at any point leave nothing that the next removal does not put back", async () => {
  const own = await startHost();
  own.ok("mkdir", "-p", "/run/systemd/system");
  const before = own.tree(...WATCHED, "/var/lib");
  const words = { install: ["guard", "install", "--docker", "--authz", "--strict"], uninstall: ["guard", "uninstall"] };
  const traced = (verb: keyof typeof words, ...flags: readonly string[]) =>
    own.run([
      "strace",
      "-f",
      "-qq",
      "-o",
      "/run/test/calls",
      "-e",
      `trace=${CHANGING}`,
      ...flags,
      "petrify",
      ...words[verb],
    ]);
  const placesOf = (verb: keyof typeof words): readonly Place[] => {
    expect(traced(verb).status).toBe(0);
    return placesIn(readFileSync(own.at("/run/test/calls"), "utf8"));
  };
  const places = { install: placesOf("install"), uninstall: placesOf("uninstall") };
  expect(places.install.length).toBeGreaterThan(30);
  expect(own.tree(...WATCHED, "/var/lib")).toEqual(before);
  for (const verb of ["install", "uninstall"] as const)
    for (const { call, when } of some(places[verb], 15, 7)) {
      if (verb === "uninstall") own.petrify(...words.install);
      const { status } = traced(verb, "-e", `inject=${call}:signal=KILL:when=${when}`);
      expect(status, `${verb}, ${call} number ${when}`).not.toBe(0);
      expect(own.petrify(...words.uninstall), `${verb}, ${call} number ${when}`).toMatchObject({
        status: 0,
        stderr: "",
      });
      expect(own.tree(...WATCHED, "/var/lib"), `${verb}, ${call} number ${when}`).toEqual(before);
    }
});

test("with systemd its units are written beside Docker's own, which systemd takes without a word", async () => {
  const own = await startHost();
  own.ok("mkdir", "-p", "/run/systemd/system");
  const verify = () =>
    own.ok(
      "sh",
      "-c",
      "systemd-analyze verify --man=no docker.service docker.socket $(cd /etc/systemd/system; ls -d petrify-* 2>/dev/null) 2>&1 || true",
    );
  const said = verify();
  const before = own.tree(...WATCHED, "/var/lib");
  const { status, stdout } = own.petrify("guard", "install", "--docker", "--authz", "--strict");
  expect(status).toBe(0);
  expect(stdout).toContain("now run: systemctl daemon-reload");
  expect(verify()).toBe(said);
  expect(readFileSync(own.at("/etc/systemd/system/petrify-guard.service"), "utf8")).toContain(
    "ExecStart=/opt/petrify/node/bin/node /opt/petrify/bin/petrify.mjs guard",
  );
  expect(own.petrify("guard", "uninstall").status).toBe(0);
  expect(own.tree(...WATCHED, "/var/lib")).toEqual(before);
  // Here systemd does not run.
  const failed = own.petrify("guard", "install", "--docker", "--restart");
  expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("E_GUARD_INSTALL") });
  expect(failed.stderr).toContain("then run: systemctl daemon-reload; systemctl stop docker.socket docker.service;");
  expect(own.petrify("guard", "uninstall").status).toBe(0);
  expect(own.tree(...WATCHED, "/var/lib")).toEqual(before);
});
