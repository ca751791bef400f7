import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureImage } from "../../demo/images/build.ts";
import type { ImageRecipe } from "../../demo/images/recipe.ts";
import { plainWorkload } from "../../demo/workloads.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { learnWorkload } from "../../src/learn/learn.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import { writeLearned } from "../../src/learn/write-learned.ts";
import type { Regression } from "../../src/model/verdict.ts";
import { verifyStrategy } from "../../src/verify/verify.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

// Images that do what a read-only root is against. Each ends in a strategy that works, in a plain statement of what has to
// change in the image and why, or in "not observed".

const PLAN = { exec: "true", readyTimeoutMs: 20_000, timeoutMs: 20_000 };
const DIRECTORY = { directory: true, mode: 0o755 } as const;

let shared: PrivateEngine;
let session: Session;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "petrify-hard-"));
  shared = await startPrivateEngine();
  session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await shared.stop();
  await rm(folder, { recursive: true, force: true });
});

interface HardImage {
  readonly does: string;
  readonly script: string;
  readonly files?: ImageRecipe["files"];
  /** Path -> kind of its entry, and what its sentence must say. */
  readonly entries: Readonly<Record<string, readonly [kind: string, why: RegExp]>>;
  readonly incomplete?: RegExp;
  /** What the test does in the container; absent: nothing. */
  readonly exec?: string;
  /** Absent: verify passes. */
  readonly fails?: Partial<Regression> & { readonly fix: unknown };
}

/** As a server unpacks an application: when its directory is not there. */
const UNPACKS =
  "[ -d /srv/apps/shop ] || { mkdir /srv/apps/shop; cp /srv/apps/shop.war /srv/apps/shop/page; }; cat /srv/apps/shop/page";
const ARCHIVE = { "/srv/apps/shop.war": { text: "page\n", mode: 0o644 } } as const;

const HARD: readonly HardImage[] = [
  {
    does: "writes below /usr",
    script: "mkdir -p /usr/lib/app/cache; echo c > /usr/lib/app/cache/x; echo 1 > /usr/lib/app/state",
    files: { "/usr/lib/app/code": { text: "code\n", mode: 0o644 } },
    entries: {
      "/usr/lib/app/cache": ["tmpfs", /cache/],
      "/usr/lib/app/state": [
        "(deny|image)",
        /holds the programs and libraries of the image; it belongs into the image/,
      ],
    },
  },
  {
    does: "edits /etc/passwd at its start",
    script: "sed -i 's/^root:x/root:x/' /etc/passwd; echo app:x:7:7::/:/bin/sh >> /etc/passwd",
    files: { "/etc/passwd": { text: "root:x:0:0::/:/bin/sh\n", mode: 0o644 } },
    entries: {
      "/etc/passwd": ["(deny|image)", /accounts belong into the image/],
      "/etc/passwd*": ["(deny|image)", /configuration of the whole image; it belongs into the image/],
    },
  },
  {
    does: "renames between two directories",
    script: "echo x > /srv/in/a; mv /srv/in/a /srv/out/a; ln /srv/out/a /srv/in/b",
    files: { "/srv/in": DIRECTORY, "/srv/out": DIRECTORY },
    entries: { "/srv": ["volume|seeded|tmpfs", /./] },
  },
  {
    does: "links between two directories of the root",
    script: "rm -f /in/* /out/*; echo x > /in/a; ln /in/a /out/a",
    files: { "/in": DIRECTORY, "/out": DIRECTORY },
    entries: { "/in": ["tmpfs|volume", /./], "/out": ["tmpfs|volume", /crosses mounts/] },
    fails: { errno: "EXDEV", fix: expect.stringContaining("the image has to keep both in one directory below it") },
  },
  {
    does: "fills its tmpfs",
    script: "i=0; while [ $i -lt 12 ]; do dd if=/dev/zero of=/tmp/f$i bs=1M count=64; i=$((i+1)); done",
    files: { "/tmp": { directory: true, mode: 0o1777 } },
    entries: { "/tmp": ["scratch", /on disk, because 1GiB|on disk, because 2GiB/] },
  },
  {
    does: "needs a writable /",
    script: "echo x > /state.db; echo z > /.lock",
    entries: {
      "/.lock": ["(deny|image)", /\/ is never writable, because it is the root itself; it belongs into the image/],
      "/state.db": ["(deny|image)", /\/ is never writable/],
    },
  },
  {
    does: "writes only at night",
    script: "mkdir -p /tmp/jobs; echo '0 3 * * * echo n > /srv/report' > /tmp/jobs/root; /usr/sbin/crond -c /tmp/jobs",
    files: { "/tmp": { directory: true, mode: 0o1777 }, "/usr/sbin/crond": { linkTo: "/bin/busybox" } },
    entries: { "/run": ["tmpfs", /pid/], "/tmp": ["tmpfs", /temporary/] },
    incomplete: /it runs crond: jobs that were not due meanwhile were not observed/,
  },
  {
    does: "replaces its own program",
    script: "cp /opt/app/app /opt/app/new; echo '# 2' >> /opt/app/new; mv /opt/app/new /opt/app/app; /opt/app/app",
    files: { "/opt/app/app": { text: "#!/bin/sh\nexit 0\n", mode: 0o755 } },
    entries: { "/opt/app": ["volume", /program files beside it become writable, and a new image does not renew them/] },
  },
  {
    does: "makes things once",
    script: [
      UNPACKS,
      "once() { [ -e $1 ] || cat > $1; }; once /data/settings </etc/defaults; cat /data/settings",
      "once /srv/key/key </proc/sys/kernel/random/uuid; cat /srv/key/key",
      "once /opt/db/db </etc/defaults; exec 3<>/opt/db/db; cat <&3",
    ].join("\n"),
    files: {
      ...ARCHIVE,
      "/etc/defaults": { text: "default\n", mode: 0o644 },
      "/data": DIRECTORY,
      "/opt/db": DIRECTORY,
      "/srv/key": DIRECTORY,
    },
    exec: "grep -q page /srv/apps/shop/page",
    entries: {
      "/data": ["volume", /makes it again, alike: .* but assumed to be data/],
      "/opt/db": ["volume", /data that must persist/],
      "/srv/apps": ["seeded", /a fresh start unpacks this from shop.war again, alike/],
      "/srv/key": ["volume", /data that must persist/],
    },
  },
  {
    does: "stores in what it unpacks",
    script: UNPACKS,
    files: ARCHIVE,
    exec: "grep -q page /srv/apps/shop/page && echo 1 >> /srv/apps/shop/orders",
    entries: { "/srv/apps": ["volume", /orders|data that must persist/] },
  },
];

test.each(HARD)("an image that $does", async ({ does, script, files = {}, entries, incomplete, exec, fails }) => {
  const plan = { ...PLAN, exec: exec ?? PLAN.exec };
  const text = `#!/bin/sh\ntrap 'exit 0' TERM\n${script}\nwhile :; do sleep 1000 & wait; done\n`;
  const recipe: ImageRecipe = {
    name: `hard-${does.replaceAll(/[^a-z]+/g, "-").replaceAll(/^-|-$/g, "")}`,
    base: "busybox",
    packages: [],
    files: { ...files, "/bin/hard": { text, mode: 0o755 } },
    run: () => ({ command: ["/bin/hard"] }),
    deviations: [],
  };
  const image = await ensureImage(session.engine, recipe, { onProgress: () => {} });
  const learned = await learnWorkload(session, { workload: plainWorkload(recipe.name, image), plan });
  const { strategy } = await writeLearned(learned, folder);
  expect(strategy.entries.map(({ path }) => path)).toEqual(Object.keys(entries).toSorted());
  for (const { path, kind, why } of strategy.entries) {
    expect(kind).toMatch(new RegExp(`^(${entries[path]?.[0]})$`));
    expect(why).toMatch(entries[path]?.[1] ?? /never/);
  }
  expect(strategy.incomplete.join()).toMatch(incomplete ?? /^$/);
  const options = { strategy, baseline: learned.profile, plan, minimal: false, environment: {} };
  const { verdict } = await verifyStrategy(session, options);
  expect(verdict.regressions).toMatchObject(fails === undefined ? [] : [fails]);
});
