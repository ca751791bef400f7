import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureImage } from "../../demo/images/build.ts";
import type { ImageRecipe } from "../../demo/images/recipe.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { type CliResult, petrify } from "../support/cli.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

/** Building a Debian base, and several starts of the engine. */
const TIMEOUT_MS = 300_000;

/** python3-minimal has no module of the standard library that a service would need: _signal is built in. */
const APPLICATION = `
import _signal, os, sys
import helper
helper.work()
print("bytecode:", os.environ.get("PYTHONDONTWRITEBYTECODE"), flush=True)
_signal.signal(_signal.SIGTERM, lambda *_: sys.exit(0))
while "ONCE" not in os.environ:
    _signal.pause()
`;
const HELPER = `
def work():
    with open("/srv/app/state", "a+") as state:
        state.write("started\\n")
        state.seek(0)
        state.read()
`;
const PYTHON: ImageRecipe = {
  name: "kinds-python",
  base: "debian",
  packages: ["python3-minimal"],
  files: {
    "/app": { directory: true, mode: 0o755 },
    "/app/main.py": { text: APPLICATION, mode: 0o644 },
    "/app/helper.py": { text: HELPER, mode: 0o644 },
    "/srv/app": { directory: true, mode: 0o755 },
  },
  run: () => ({ command: ["python3", "/app/main.py"] }),
  deviations: [],
};

/** An entrypoint as many images have it: it adds an account, and counts its starts in the root. */
const ENTRYPOINT = service(
  "grep -q ^app: /etc/passwd || echo app:x:7:7::/:/bin/sh >> /etc/passwd; echo started >> /state; cat /state",
);
const WITH_PASSWD = "echo root:x:0:0::/root:/bin/sh > etc/passwd";

const folder = mkdtempSync(join(tmpdir(), "petrify-kinds-test-"));
let engine: PrivateEngine;
let env: NodeJS.ProcessEnv;
let python: string;

beforeAll(async () => {
  engine = await startPrivateEngine();
  env = { PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined };
  await importImages(engine.cacheDir, [
    { reference: "kinds-lasting:1", arrange: WITH_PASSWD, changes: [ENTRYPOINT] },
    {
      // What the fix says, done by hand.
      reference: "kinds-lasting:2",
      arrange: `${WITH_PASSWD}; echo app:x:7:7::/:/bin/sh >> etc/passwd; mkdir -p var/lib/kinds-lasting; ln -s /var/lib/kinds-lasting/state state`,
      changes: [ENTRYPOINT],
    },
    {
      reference: "kinds-cache:1",
      changes: [service('cache="${XDG_CACHE_HOME:-/.cache}"; mkdir -p "$cache"; echo x > "$cache/x"; echo t > /tmp/t')],
    },
    {
      reference: "kinds-stubborn:1",
      changes: [service("mkdir -p /.cache; echo x > /.cache/x; echo t > /tmp/t")],
    },
    {
      reference: "kinds-breaks:1",
      changes: [service('cache="${XDG_CACHE_HOME:-/.cache}"; mkdir -p "$cache"; echo x > "$cache/x"; echo t > /tmp/t')],
    },
  ]);
  await using own = await startEmbeddedEngine({ cacheDir: engine.cacheDir });
  python = await ensureImage(own, PYTHON, { onProgress: () => {} });
}, TIMEOUT_MS);
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

function run(verb: string, ...args: string[]): CliResult {
  return petrify([verb, ...(verb === "export" ? [] : ["--host", "embedded"]), ...args], { env, cwd: folder });
}
function fileOf(name: string): string {
  return readFileSync(join(folder, `${name}.strategy.yaml`), "utf8");
}
function strategyOf(name: string): Strategy {
  return parseStrategy(fileOf(name), name);
}
function kindsOf({ entries, settings = [] }: Strategy): readonly string[] {
  return [
    ...entries.map(({ kind, path }) => `${kind} ${path}`),
    ...settings.map(({ name, value, paths }) => `${name}=${value} ${paths.join(",")}`),
  ];
}

describe("a setting that makes a write disappear", { timeout: TIMEOUT_MS }, () => {
  const exercise = ["--exec", "cat /srv/app/state"];
  const kept = ["volume /srv/app", "PYTHONDONTWRITEBYTECODE=1 /app/__pycache__"];

  test("is tried, kept, and the same when it is learned again", () => {
    const learned = run("learn", ...exercise, python);
    expect(learned.stderr).toContain("trying PYTHONDONTWRITEBYTECODE=1 in one more run");
    expect(learned.exitCode).toBe(0);
    expect(kindsOf(strategyOf("kinds-python"))).toEqual(kept);
    const before = fileOf("kinds-python");
    expect(run("learn", ...exercise, python).stdout).toContain("Unchanged: ");
    expect(fileOf("kinds-python")).toBe(before);
  });

  test("is part of what is verified, checked, run and exported", () => {
    const verified = run("verify", "kinds-python.strategy.yaml");
    expect(verified.stdout).toContain("passed: kinds-python runs read-only");
    expect(verified.stdout).not.toContain("Denied");
    expect(run("check", python).stdout).toContain("check passed");
    const started = run("run", "--rm", "-e", "ONCE=1", python);
    expect(started.stdout).toBe("bytecode: 1\n");
    expect(run("run", "--rm", "-e", "ONCE=1", "-e", "PYTHONDONTWRITEBYTECODE=", python).stdout).toBe("bytecode: \n");
    expect(run("export", "kinds-python.strategy.yaml", "--to", "docker").stdout).toContain(
      "--env PYTHONDONTWRITEBYTECODE=1",
    );
  });

  test("is derived again from the profile", () => {
    const before = kindsOf(strategyOf("kinds-python"));
    expect(run("learn", "--from", "--out", ".", "kinds-python.profile.ndjson.zst").exitCode).toBe(0);
    expect(kindsOf(strategyOf("kinds-python"))).toEqual(before);
  });

  test("is not tried with --no-env, and not when the run has it", () => {
    const denied = ["deny /app/__pycache__", "volume /srv/app"];
    const learned = run("learn", "--no-env", ...exercise, python);
    expect(learned.stderr).not.toContain("trying");
    expect(kindsOf(strategyOf("kinds-python"))).toEqual(denied);
    expect(run("verify", "kinds-python.strategy.yaml").stdout).toContain(
      "Denied on purpose, and everything tested works without it:\n- /app/__pycache__",
    );
    run("learn", "-e", "PYTHONDONTWRITEBYTECODE=", ...exercise, python);
    expect(kindsOf(strategyOf("kinds-python"))).toEqual(denied);
  });
});

describe("a setting that moves a cache out of the root", { timeout: TIMEOUT_MS }, () => {
  test("is kept when the cache lands where a mount is anyway", () => {
    const learned = run("learn", "--exec", "cat /tmp/t", "kinds-cache:1");
    expect(learned.exitCode).toBe(0);
    expect(kindsOf(strategyOf("kinds-cache"))).toEqual(["tmpfs /tmp", "XDG_CACHE_HOME=/tmp/.cache /.cache"]);
    expect(run("verify", "kinds-cache.strategy.yaml").stdout).toContain("passed: ");
  });

  test.for([
    ["kinds-stubborn", "cat /tmp/t", "the same is written with it"],
    ["kinds-breaks", "cat /.cache/x", "the test fails with it"],
  ] as const)("is not kept by %s, where %s shows why", ([name, exec, because]) => {
    const learned = run("learn", "--exec", exec, `${name}:1`);
    expect(learned.stdout).toContain(`XDG_CACHE_HOME=/tmp/.cache was tried and not kept: ${because}`);
    expect(kindsOf(strategyOf(name))).toEqual(["tmpfs /.cache", "tmpfs /tmp"]);
  });
});

describe("what no mount can help", { timeout: TIMEOUT_MS }, () => {
  test("must change in the image, and everybody says so", () => {
    const learned = run("learn", "--exec", "test -e /etc/passwd", "kinds-lasting:1");
    expect(learned.exitCode).toBe(0);
    expect(kindsOf(strategyOf("kinds-lasting"))).toEqual(["image /etc/passwd", "image /state"]);
    expect(learned.stdout).toMatch(/MUST CHANGE IN THE IMAGE: \/etc\/passwd\. .*\n.*\n +RUN groupadd/);
    const link = "RUN mkdir -p /var/lib/kinds-lasting && ln -s /var/lib/kinds-lasting/state /state";
    expect(learned.stdout).toContain(link);
    const verified = run("verify", "kinds-lasting.strategy.yaml");
    expect(verified.stdout).toContain("passed: ");
    expect(verified.stdout).toContain("MUST CHANGE IN THE IMAGE, refused, and everything tested works without it: ");
    expect(verified.stdout).toContain(link);
    expect(run("export", "kinds-lasting.strategy.yaml", "--to", "compose").stderr).toContain(
      "Must change in the image",
    );
  });

  test("works once the image has what the fix says", () => {
    expect(run("learn", "--exec", "test -s /state", "kinds-lasting:2").exitCode).toBe(0);
    expect(kindsOf(strategyOf("kinds-lasting"))).toEqual(["volume /var/lib/kinds-lasting"]);
    expect(run("verify", "kinds-lasting.strategy.yaml").stdout).toContain("passed: ");
  });
});
