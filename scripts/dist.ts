/**
 * `npm run dist`: dist/petrify-VERSION-linux-ARCH.tar.gz for hosts without Node: launcher, bundle, Node, koffi's native part,
 * BPF object, licences. The same commit gives the same bytes: names sorted, one owner, one time.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VERSION } from "../src/version.ts";
import { bundle } from "./bundle.ts";
import { thirdPartyNotices } from "./notices.ts";

const ROOT = join(import.meta.dirname, "..");
const MODULES = join(ROOT, "node_modules");

/** Builds the tarball into `outDir` and returns its path. */
export async function buildTarball(outDir: string): Promise<string> {
  const name = `petrify-${VERSION}-linux-${process.arch}`;
  const work = mkdtempSync(join(tmpdir(), "petrify-dist-"));
  try {
    await assemble(join(work, name));
    mkdirSync(outDir, { recursive: true });
    const tarball = join(outDir, `${name}.tar.gz`);
    writeFileSync(tarball, packDeterministically(work, name));
    return tarball;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function assemble(root: string): Promise<void> {
  await bundle(join(root, "dist"));
  for (const path of shippedFiles()) cpSync(join(ROOT, path), join(root, path), { recursive: true });
  mkdirSync(join(root, "node/bin"), { recursive: true });
  copyFileSync(join(MODULES, `node-linux-${process.arch}`, "bin/node"), join(root, "node/bin/node"));
  for (const name of ["koffi", `@koromix/koffi-linux-${process.arch}`]) {
    cpSync(join(MODULES, name), join(root, "node_modules", name), { recursive: true, filter: isLoadedAtRunTime });
  }
  writeFileSync(
    join(root, "package.json"),
    `${JSON.stringify({ name: "petrify", version: VERSION, type: "module" }, null, 2)}\n`,
  );
  writeFileSync(join(root, "THIRD-PARTY-NOTICES"), thirdPartyNotices(ROOT));
}

/** What the npm package brings beside the bundle; the README it takes along unasked. */
function shippedFiles(): readonly string[] {
  const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: readonly string[] };
  return ["README.md", ...files.filter((path) => !path.startsWith("dist/"))];
}

/** koffi's package also brings the C++ sources, headers of Node and documents, which weigh as much again. */
function isLoadedAtRunTime(path: string): boolean {
  const inside = path.slice(MODULES.length);
  return statSync(path).isDirectory()
    ? !/\/koffi\/(?:doc|vendor|lib)$/.test(inside)
    : /\.(?:c?js|node)$|\/package\.json$/.test(inside);
}

function packDeterministically(directory: string, name: string): Buffer {
  const flags = [
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u+rwX,go+rX,go-w",
    `--mtime=@${sourceEpoch()}`,
  ];
  const tar = execFileSync("tar", ["-C", directory, "--format=gnu", ...flags, "-cf", "-", name], {
    maxBuffer: 2 ** 30,
  });
  return execFileSync("gzip", ["-n", "-6"], { input: tar, maxBuffer: 2 ** 30 });
}

/** Seconds since 1970 that stand for the source: SOURCE_DATE_EPOCH (reproducible-builds.org), else the time of the commit. */
function sourceEpoch(): string {
  const given = process.env["SOURCE_DATE_EPOCH"];
  return given ?? execFileSync("git", ["-C", ROOT, "log", "-1", "--format=%ct"], { encoding: "utf8" }).trim();
}

if (import.meta.main) {
  const tarball = await buildTarball(join(ROOT, "dist"));
  console.log(`${readFileSync(tarball).length}  ${tarball}`);
}
