import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unpackBase } from "../../demo/images/build.ts";
import { buildTarball } from "../../scripts/dist.ts";
import { ROOT } from "../support/cli.ts";
import { SHIPPED_FILES, testShipped } from "./shipped.ts";

const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("the release tarball, unpacked in a bare Debian root", () => {
  let folder: string;
  let tarball: string;
  const tree = () => join(folder, "root");
  const release = () => join("/opt", basename(tarball, ".tar.gz"));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "petrify-tarball-"));
    tarball = await buildTarball(join(folder, "one"));
    await unpackBase("debian", tree(), { onProgress: () => {} });
    mkdirSync(join(tree(), "opt"), { recursive: true });
    execFileSync("tar", ["-C", join(tree(), "opt"), "-xzf", tarball]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** In namespaces of its own: the root has its own /proc, and no network. */
  function inside(command: readonly string[]) {
    const namespaces = ["--mount", "--pid", "--net", "--fork", "--kill-child", `--mount-proc=${join(tree(), "proc")}`];
    const environment = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"];
    const result = spawnSync("unshare", [...namespaces, "chroot", tree(), ...environment, ...command], {
      encoding: "utf8",
    });
    return { exitCode: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  testShipped(() => ({
    petrify: (...args) => inside([join(release(), "bin/petrify"), ...args]),
    folder: { here: join(tree(), "srv/work"), there: "/srv/work" },
  }));

  test("the root has no Node of its own", () => {
    expect(inside(["sh", "-c", "command -v node npm"])).toMatchObject({ stdout: "" });
  });

  test("runs through a symlink", () => {
    const link = ["sh", "-c", `ln -sf ${release()}/bin/petrify /usr/local/bin/petrify && exec petrify --version`];
    expect(inside(["env", "PATH=/usr/local/bin:/usr/bin:/bin", ...link])).toMatchObject({ exitCode: 0 });
  });

  test("loads koffi's native part", () => {
    const script = `import("koffi").then(({ default: koffi }) => console.log(koffi.load("libc.so.6").func("int getpid()")() > 0))`;
    const node = ["sh", "-c", `cd ${release()} && exec node/bin/node -e '${script}'`];
    expect(inside(node)).toMatchObject({ stdout: "true\n", stderr: "" });
  });

  test("names nothing of the machine that built it, and brings every licence", () => {
    const root = join(tree(), release());
    expect(globSync("**", { cwd: root, exclude: ["node_modules"] })).toEqual(
      expect.arrayContaining([...SHIPPED_FILES]),
    );
    const code = globSync("{dist,bin}/*", { cwd: root });
    expect(code.filter((file) => readFileSync(join(root, file)).includes(ROOT))).toEqual([]);
    const notices = readFileSync(join(root, "THIRD-PARTY-NOTICES"), "utf8");
    for (const name of ["commander", "koffi", "yaml", "zod", "node-linux-"]) expect(notices).toContain(name);
  });

  test("is built again to the same bytes", async () => {
    expect(sha256(await buildTarball(join(folder, "two")))).toBe(sha256(tarball));
  });
});
