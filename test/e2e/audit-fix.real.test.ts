import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixFiles } from "../../bench/audit-fix/fix-files.ts";
import { COMPOSE_FILE } from "../../bench/audit-fix/plain-files.ts";
import { checkCompose } from "../../bench/fidelity/compose.ts";
import { corpusWorkload } from "../../demo/corpus.ts";
import { ensureImage } from "../../demo/images/build.ts";
import { planOf, workloadOf } from "../../demo/workloads.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { learnWorkload } from "../../src/learn/learn.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import { writeLearned } from "../../src/learn/write-learned.ts";
import { petrify } from "../support/cli.ts";
import { type DockerTools, dockerTools } from "../support/docker-compose.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

/** An image that is built anew, on a busy machine. */
const TIMEOUT_MS = 300_000;
const IMAGE = "petrify-audit-fix:1";

let shared: PrivateEngine;
let session: Session;
let folder: string;
let tools: DockerTools;
beforeAll(async () => {
  // The clients of the functional tests are TypeScript.
  process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  folder = await mkdtemp(join(tmpdir(), "petrify-audit-fix-"));
  shared = await startPrivateEngine();
  tools = await dockerTools(shared);
  session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await shared.stop();
  await rm(folder, { recursive: true, force: true });
});

/** `npm run bench:audit-fix` tries all applications of the corpus, and starts their manifests, too. */
test.for(["nginx", "redis"])(
  "%s, written down plainly, starts and works read-only after --fix, also in a replaced container",
  { timeout: TIMEOUT_MS },
  async (name) => {
    const application = corpusWorkload(name);
    const own = join(folder, name);
    await mkdir(own);
    const image = await ensureImage(session.engine, application.recipe, { onProgress: () => {} });
    const plan = planOf(application);
    await writeLearned(await learnWorkload(session, { workload: workloadOf(application, image), plan }), own);
    expect(await fixFiles(application, image, own)).toEqual({ holds: true, detail: "" });
    expect(await checkCompose(session.engine, join(own, COMPOSE_FILE), name, plan)).toEqual({
      holds: true,
      detail: "",
    });
  },
);

test(
  "--learn learns a project and a pod that have no strategy, and then fixes them",
  { timeout: TIMEOUT_MS },
  async () => {
    const script = service("echo 1 > /run/app.pid; echo x >> /srv/data/log; cat /srv/data/log");
    await importImages(shared.cacheDir, [{ reference: IMAGE, arrange: "mkdir -p srv/data", changes: [script] }]);
    const own = join(folder, "shop");
    await mkdir(own);
    const pod = `apiVersion: v1
kind: Pod
metadata: {name: job}
spec:
  containers:
    - name: job
      image: ${IMAGE}
      command: [sh, -c, "echo y > /tmp/y; sleep 2"]
    - name: gone
      image: petrify-audit-fix-none:1
      command: [x]
`;
    await writeFile(join(own, "docker-compose.yml"), `version: "2.4"\nservices:\n  web:\n    image: ${IMAGE}\n`);
    await writeFile(join(own, "pod.yaml"), pod);
    const env = { ...tools.onPath(folder), DOCKER_HOST: `unix://${shared.socketPath}`, PETRIFY_CACHE: shared.cacheDir };
    const files = ["docker-compose.yml", "pod.yaml"];
    const { stderr } = petrify(["audit", "--fix", "--learn", ...files], { cwd: own, env });
    expect(stderr).toContain("fixed: docker-compose.yml:3:3 web, by ");
    expect(stderr).toContain("fixed: pod.yaml:6:7 Pod job/job, by ");
    expect(stderr).toMatch(/not learned: petrify-audit-fix-none:1 \(gone\): .*\[E_IMAGE_NOT_FOUND\]/);
    expect(stderr).toContain("not fixed: pod.yaml:9:7 Pod job/gone: No strategy fits");
    const compose = await readFile(join(own, "docker-compose.yml"), "utf8");
    expect(compose).toMatch(
      /read_only: true\n {4}tmpfs:\n.*\n {6}- \/run:rw.*\n {4}volumes:\n.*\n {6}- web_srv-data:\/srv\/data/,
    );
    expect(await readFile(join(own, "pod.yaml"), "utf8")).toMatch(/readOnlyRootFilesystem: true[^]*mountPath: \/tmp/);
  },
);
