import { spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../src/engine/contract/bench.ts";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import type { ContainerHandle, Engine } from "../../src/engine/engine.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { petrify } from "../support/cli.ts";
import { service } from "../support/loop-images.ts";
import {
  busyboxPath,
  type PrivateEngine,
  startPrivateEngine,
  startPrivateImageStore,
  startPrivatePodman,
} from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";
import { busyboxRoot } from "../support/test-image.ts";
import { containerSpec, plainWorkload } from "../support/workload.ts";

interface Result {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly outcome: string;
  readonly baked: readonly { readonly path: string; readonly what: string; readonly target?: string }[];
  readonly leftOut: readonly { readonly path: string; readonly kind: string; readonly reason: string }[];
  readonly before: { readonly writableMounts: number; readonly deniedWrites: number };
  readonly after?: { readonly writableMounts: number; readonly deniedWrites: number };
  readonly verdict?: { readonly outcome: string };
}

interface TestImage {
  readonly name: string;
  readonly arrange?: string;
  readonly script: string;
  readonly changes?: readonly string[];
}

const SESSION = "bake-test";
const folder = mkdtempSync(join(tmpdir(), "petrify-bake-test-"));
let count = 0;

/** One engine with ways to make an image, to bake it, and to run what came out. */
class Place {
  readonly #engine: PrivateEngine;
  readonly engine: Engine;
  readonly #made = new Set<string>();

  private constructor(own: PrivateEngine, engine: Engine) {
    this.#engine = own;
    this.engine = engine;
  }

  static async open(start: () => Promise<PrivateEngine>): Promise<Place> {
    const own = await start();
    return new Place(own, await connectDocker({ kind: "unix", path: own.socketPath }, "test"));
  }

  get host(): string {
    return `unix://${this.#engine.socketPath}`;
  }

  async close(): Promise<void> {
    await this.engine.removeSession(SESSION);
    for (const reference of this.#made) await this.engine.removeImage(reference);
    await this.engine[Symbol.asyncDispose]();
    await this.#engine.stop();
  }

  async make({ name, arrange = ":", script, changes = [] }: TestImage): Promise<string> {
    const root = busyboxRoot(await busyboxPath(), `mkdir -p tmp run etc var/log && chmod 1777 tmp && ${arrange}`);
    try {
      const reference = `petrify-bake-${name}:1`;
      await this.engine.importImage(root.tar, { reference, changes: [service(script), ...changes] });
      this.#made.add(reference).add(`${reference}-baked`);
      return reference;
    } finally {
      root.remove();
    }
  }

  bake(reference: string, ...args: readonly string[]): Result & { readonly files: string } {
    const files = join(folder, String(++count));
    const all = ["bake", reference, "--host", this.host, "--out", files, "--json", ...args];
    const { exitCode, stdout, stderr } = petrify(all, { cwd: folder, env: { DOCKER_HOST: undefined } });
    if (stdout === "" || exitCode === 1) throw new Error(`${stdout}${stderr}`);
    return { ...(JSON.parse(stdout) as Result), exitCode, stderr, files };
  }

  async run<T>(reference: string, use: (container: ContainerHandle) => Promise<T>): Promise<T> {
    const workload = plainWorkload(reference, { network: "none" });
    const container = await this.engine.createContainer(
      containerSpec(workload, { session: SESSION, readOnlyRoot: true }),
    );
    try {
      await container.start();
      return await use(container);
    } finally {
      await container.remove();
    }
  }
}

const dockerfileOf = (files: string): string => readFileSync(join(files, "Dockerfile"), "utf8");
const reasonFor = ({ leftOut }: Result, path: string): string => leftOut.find((one) => one.path === path)?.reason ?? "";
const pathsOf = ({ baked }: Result): readonly string[] => baked.map(({ path }) => path);

/** Renders its configuration at each start, from a template: what entrypoints do. */
const RENDERS: TestImage = {
  name: "renders",
  arrange: "mkdir -p etc/app srv && echo 'port=PORT' > etc/app/app.conf.template && chown -R 1000:1000 etc/app",
  script:
    "sed s/PORT/8080/ /etc/app/app.conf.template > /etc/app/app.conf.new; chmod 640 /etc/app/app.conf.new; mv /etc/app/app.conf.new /etc/app/app.conf",
  changes: ["USER 1000:1000"],
};
const READS = ["--exec", "grep -q port=8080 /etc/app/app.conf"];

afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ["Docker", startPrivateEngine],
  ["Docker with the containerd image store", startPrivateImageStore],
  ["Podman", startPrivatePodman],
])("on %s", (_name, start) => {
  let place: Place;
  beforeAll(async () => (place = await Place.open(start)));
  afterAll(() => place.close());

  test("a configuration that is rendered alike at each start is in the image, and its mount is gone", async () => {
    const result = place.bake(await place.make(RENDERS), ...READS);
    expect(result).toMatchObject({ outcome: "baked", exitCode: 0, verdict: { outcome: "passed" } });
    expect(pathsOf(result)).toEqual(["/etc/app/app.conf"]);
    expect([result.before.writableMounts, result.after?.writableMounts]).toEqual([1, 0]);
    expect(readFileSync(join(result.files, "root/etc/app/app.conf"), "utf8")).toBe("port=8080\n");
    expect(dockerfileOf(result.files)).toContain(
      'COPY --chown=1000:1000 --chmod=0640 ["root/etc/app/app.conf","/etc/app/"]',
    );
    const file = join(result.files, "petrify-bake-renders.strategy.yaml");
    const strategy = parseStrategy(readFileSync(file, "utf8"), file);
    expect(strategy.entries.every(({ kind }) => kind === "deny")).toBe(true);
    expect(strategy.verifiedOn).toHaveLength(1);
    const image = await place.engine.image("petrify-bake-renders:1-baked");
    const tree = await place.engine.imageTree(image as NonNullable<typeof image>, SESSION);
    expect(tree.entry("/etc/app/app.conf")).toMatchObject({ type: "file", mode: 0o640, uid: 1000, gid: 1000 });
    expect(image?.user).toBe("1000:1000");
  });

  test("a log file is a link to the container's own log, which shows its lines", async () => {
    const reference = await place.make({
      name: "logs",
      arrange: "mkdir var/log/app && chown 1000:1000 var/log/app",
      script: "echo 'a line of the log' >> /var/log/app/app.log; echo 'an error' >> /var/log/app/error.log",
      changes: ["USER 1000:1000"],
    });
    const result = place.bake(reference, "--exec", "true");
    expect(result).toMatchObject({ outcome: "baked", exitCode: 0 });
    expect(result.baked).toMatchObject([
      { path: "/var/log/app/app.log", what: "log", target: "/dev/stdout" },
      { path: "/var/log/app/error.log", what: "log", target: "/dev/stderr" },
    ]);
    expect(dockerfileOf(result.files)).toContain("USER 0:0\nRUN ln -sfn /dev/stdout /var/log/app/app.log");
    expect(result.after?.writableMounts).toBe(0);
    await place.run(`${reference}-baked`, async (container) => {
      const lines = await eventually(async () => {
        const text = await container.logs(10);
        return text.includes("an error") ? text : undefined;
      });
      expect(lines).toContain("a line of the log");
    });
  });
});

test("the folder builds the same image by another builder", async () => {
  const place = await Place.open(startPrivatePodman);
  try {
    const { files } = place.bake(await place.make({ ...RENDERS, name: "folder" }), "--dry-run", ...READS);
    const context = spawn("tar", ["-C", files, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
    const built = await place.engine.buildImage(context.stdout, "petrify-bake-folder:1-baked");
    const tree = await place.engine.imageTree(built, SESSION);
    expect(tree.entry("/etc/app/app.conf")).toMatchObject({ type: "file", mode: 0o640, uid: 1000, gid: 1000 });
  } finally {
    await place.close();
  }
});

describe("on Docker:", () => {
  let place: Place;
  beforeAll(async () => (place = await Place.open(startPrivateEngine)));
  afterAll(() => place.close());

  test("keys, identifiers and what tells of one container or host are never in an image, each with its reason", async () => {
    const result = place.bake(
      await place.make({
        name: "secrets",
        arrange: "mkdir -p etc/ssh etc/same etc/host var/lib/dbus",
        script: [
          "{ echo '-----BEGIN OPENSSH PRIVATE KEY-----'; head -c 300 /dev/urandom | base64; echo '-----END OPENSSH PRIVATE KEY-----'; } > /etc/ssh/ssh_host_ed25519_key",
          "tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id",
          // The same in each start, and still secrets, or of one host.
          "{ echo '-----BEGIN RSA PRIVATE KEY-----'; echo AAAA; } > /etc/same/server.pem",
          "echo 'password = hunter22' > /etc/same/app.conf",
          'echo "$APP_LICENCE" | base64 > /etc/same/licence',
          "uname -r > /etc/same/kernel; hostname > /etc/host/name; hostname -i > /etc/host/address",
          "echo started $(date -u +%Y-%m-%d) > /etc/same/banner",
        ].join("; "),
      }),
      "-e",
      "APP_LICENCE=given-to-this-run",
      "--dry-run",
    );
    expect(result).toMatchObject({ outcome: "nothing", exitCode: 2, baked: [] });
    expect(reasonFor(result, "/etc/ssh/ssh_host_ed25519_key")).toContain("host key");
    expect(reasonFor(result, "/etc/machine-id")).toContain("identifies one machine");
    expect(reasonFor(result, "/etc/same/server.pem")).toBe("it holds a private key");
    expect(reasonFor(result, "/etc/same/app.conf")).toBe("it sets a password, a token or a key");
    expect(reasonFor(result, "/etc/same/licence")).toBe(
      "it holds the value of the variable that was given as APP_LICENCE",
    );
    expect(reasonFor(result, "/etc/same/kernel")).toContain("kernel");
    expect(reasonFor(result, "/etc/same/banner")).toBe("it holds the date of the run");
    expect(reasonFor(result, "/etc/host/name")).toContain("the container's id");
    expect(reasonFor(result, "/etc/host/address")).toContain("address");
    expect(existsSync(join(result.files, "root"))).toBe(false);
    expect(JSON.stringify(result)).not.toContain("given-to-this-run");
  });

  test("a directory that an application makes as its user is there, and where it keeps data the volume is narrower", async () => {
    const reference = await place.make({
      name: "directories",
      arrange: "mkdir -p home/app srv/app && echo shipped > srv/app/page && chown -R 1000:1000 home/app srv/app",
      script:
        "mkdir -p /home/app/.config/app || exit 9; mkdir -p /srv/app/data || exit 9; cat /srv/app/data/state 2>/dev/null; echo 1 >> /srv/app/data/state",
      changes: ["USER 1000:1000"],
    });
    const result = place.bake(reference, "--exec", "cat /srv/app/data/state");
    expect(result).toMatchObject({ outcome: "baked", exitCode: 0 });
    expect(pathsOf(result)).toEqual(
      expect.arrayContaining(["/home/app/.config", "/home/app/.config/app", "/srv/app/data"]),
    );
    const file = join(result.files, "petrify-bake-directories.strategy.yaml");
    const { entries } = parseStrategy(readFileSync(file, "utf8"), file);
    expect(entries.filter(({ kind }) => kind !== "deny").map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "volume /srv/app/data",
    ]);
    expect(reasonFor(result, "/srv/app/data/state")).not.toBe("");
  });

  test("an image without a shell gets all of it by COPY", async () => {
    const reference = await place.make({
      name: "no-shell",
      arrange:
        "mkdir -p app etc/app && mv bin/busybox app/busybox && rm -r bin && ln -s busybox app/sh && chown 1000:1000 app etc/app && mkdir -p var/log/app && chown 1000:1000 var/log/app",
      script:
        "P=/app/busybox; echo conf > /etc/app/conf; $P mkdir -p /app/made; $P ln -sf conf /etc/app/current; echo line >> /var/log/app/app.log",
      changes: ["USER 1000:1000", `ENTRYPOINT ["/app/busybox"]`],
    });
    const result = place.bake(reference, "--exec", "/app/busybox cat /etc/app/current");
    expect(dockerfileOf(result.files)).not.toMatch(/^RUN/m);
    expect(result).toMatchObject({ outcome: "baked", exitCode: 0 });
    const image = await place.engine.image(`${reference}-baked`);
    const tree = await place.engine.imageTree(image as NonNullable<typeof image>, SESSION);
    expect(tree.entry("/app/made")).toMatchObject({ type: "dir", uid: 1000, gid: 1000 });
    expect(tree.entry("/app")).toMatchObject({ uid: 1000, gid: 1000 });
    expect(tree.entry("/etc/app/current")).toMatchObject({ type: "symlink", linkTarget: "conf" });
    expect(tree.entry("/var/log/app/app.log")).toMatchObject({ linkTarget: "/dev/stdout" });
  });

  test("names and content that are traps are told, escaped, and are in no file", async () => {
    const reference = await place.make({
      name: "traps",
      arrange: "mkdir -p srv/t srv/ok",
      script: [
        String.raw`cd /srv/t; for n in "$(printf 'a\nRUN touch x')" 'q"uote' "q'uote" '$(touch pwned)' '$HOME' 'back\slash' '*' "$(printf 'not\377utf8')"; do echo x > "$n"; done`,
        "ln -s ../../../../../../etc/shadow out; ln -s 'a; touch /pwned' shell; mkfifo fifo; echo x > setuid; chmod 4755 setuid",
        "dd if=/dev/zero of=sparse bs=1 count=0 seek=1099511627776 2>/dev/null; echo fine > /srv/ok/file",
      ].join("; "),
    });
    const result = place.bake(reference, "--dry-run");
    expect(result).toMatchObject({ outcome: "planned", exitCode: 0 });
    expect(pathsOf(result)).toEqual(["/srv/ok/file"]);
    expect(readdirSync(join(result.files, "root/srv"))).toEqual(["ok"]);
    expect(
      dockerfileOf(result.files)
        .split("\n")
        .filter((line) => /^[A-Z]/.test(line)),
    ).toHaveLength(2);
    const unsafe = result.leftOut
      .filter(({ kind }) => kind === "unsafe")
      .map(({ path }) => path.replace("/srv/t/", ""));
    expect(unsafe.toSorted()).toEqual(
      ["a\nRUN touch x", 'q"uote', "q'uote", "$(touch pwned)", "$HOME", "back\\slash", "*", "not\uFFFDutf8", "out", "shell", "fifo", "setuid", "sparse"].toSorted(),
    ); // prettier-ignore
    expect(reasonFor(result, "/srv/t/out")).toBe("it is a link that leads out of the root");
    expect(reasonFor(result, "/srv/t/sparse")).toContain("larger than");
  });

  test("the same image gives the same bytes, and an earlier bake is replaced", async () => {
    const reference = await place.make(RENDERS);
    const [one, two] = [place.bake(reference, "--dry-run", ...READS), place.bake(reference, "--dry-run", ...READS)];
    expect(dockerfileOf(two.files)).toBe(dockerfileOf(one.files));
    writeFileSync(join(one.files, "root/etc/app/stale"), "");
    place.bake(reference, "--dry-run", ...READS, "--out", one.files);
    expect(readdirSync(join(one.files, "root/etc/app"))).toEqual(["app.conf"]);
    expect(lstatSync(join(one.files, "root/etc/app/app.conf")).mode & 0o777).toBe(0o640);
  });

  test("a program that ends when it may not write is no success: exit 2, the image gone, its name given back, files kept", async () => {
    const reference = await place.make({
      ...RENDERS,
      name: "strict",
      script: `{ ${RENDERS.script.replaceAll(";", " &&")}; } || exit 1`,
    });
    const other = await place.make({ ...RENDERS, name: "other", script: "true" });
    const id = (await place.engine.image(other))?.id;
    await place.engine.tagImage(id ?? "", `${reference}-baked`);
    const result = place.bake(reference, ...READS);
    expect(result).toMatchObject({ outcome: "failed", exitCode: 2, verdict: { outcome: "failed" } });
    expect((await place.engine.image(`${reference}-baked`))?.id).toBe(id);
    expect(dockerfileOf(result.files)).toContain("app.conf");
  });

  test("what could not work read-only for want of a file that no mount may hold works when it is baked", async () => {
    const reference = await place.make({ name: "etc", script: "echo port=1 > /etc/app.conf" });
    const result = place.bake(reference, "--exec", "grep -q port=1 /etc/app.conf");
    expect(result).toMatchObject({ outcome: "baked", exitCode: 0, verdict: { outcome: "passed" } });
    expect([result.before.writableMounts, result.after?.writableMounts]).toEqual([0, 0]);
  });

  test("interrupted while the new image is tried, it leaves neither image nor container", async () => {
    const reference = await place.make({ ...RENDERS, name: "interrupted" });
    const args = ["bake", reference, "--host", place.host, "--out", join(folder, "interrupted"), ...READS];
    const running = startPetrify(args, { cwd: folder, env: { DOCKER_HOST: undefined } });
    expect(await running.shows(`learning and verifying ${reference}-baked`)).toBe(true);
    running.interrupt();
    expect((await running.ended).exitCode).toBe(130);
    expect(await place.engine.image(`${reference}-baked`)).toBeUndefined();
    expect(await place.engine.listSessions()).toEqual([]);
    expect(readdirSync(join(folder, "interrupted")).toSorted()).toEqual(["Dockerfile", "root"]);
  });

  test("what would spare no mount is not baked", async () => {
    const result = place.bake(
      await place.make({ name: "needless", arrange: "mkdir etc/app", script: "echo conf > /etc/app/conf; echo $$ > /etc/app/run.pid" }),
    ); // prettier-ignore
    expect(result).toMatchObject({ outcome: "nothing", exitCode: 2, baked: [] });
    expect(reasonFor(result, "/etc/app/conf")).toBe(
      "the mount on /etc/app stays and would hide it, because /etc/app/run.pid is written there",
    );
  });

  test("content that may come from this host's files is not baked", async () => {
    const mine = join(folder, "mine");
    mkdirSync(mine);
    writeFileSync(join(mine, "conf"), "of this host\n");
    const result = place.bake(
      await place.make({ name: "binds", arrange: "mkdir etc/app mnt", script: "cp /mnt/conf /etc/app/conf" }),
      "-v",
      `${mine}:/mnt:ro`,
    );
    expect(result).toMatchObject({ outcome: "nothing", exitCode: 2 });
    expect(reasonFor(result, "/etc/app/conf")).toContain("mounts files of this host");
  });

  test("a folder that holds something else, and an image that ends by itself, are refused in a sentence", async () => {
    const reference = await place.make({ name: "ends", script: "exit 0" });
    const taken = join(folder, "taken");
    mkdirSync(taken);
    writeFileSync(join(taken, "notes"), "");
    expect(() => place.bake(reference, "--out", taken)).toThrow(/E_USAGE.*not empty|not empty.*E_USAGE/s);
    expect(readdirSync(taken)).toEqual(["notes"]);
    expect(() => place.bake(reference)).toThrow(/ended before it was up/);
  });
});
