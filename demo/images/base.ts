import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archiveSources, type Distribution, proxyEnvironment } from "./apt.ts";
import { run, runIsolated } from "./sandbox.ts";

export interface BaseBuild {
  /** Where the tree is made; must not exist. */
  readonly tree: string;
  /** A folder for downloads. */
  readonly work: string;
  readonly distribution: Distribution;
  readonly signal: AbortSignal | undefined;
}

/** Packages that decide the version of a base. */
export const BASE_PACKAGES = { debian: ["base-files", "libc6"], busybox: ["busybox-static"] } as const;

// Documentation is a third of a small image. Essential packages are there already when the rule for later ones is written.
const WITHOUT_DOCUMENTATION = `cd "$1"
for kind in doc man locale info; do
  echo "path-exclude=/usr/share/$kind/*" >>etc/dpkg/dpkg.cfg.d/without-documentation
  rm -rf "usr/share/$kind"/*
done`;

/** Makes the root file system of the host's own distribution: what apt calls essential, and apt. The package lists stay for the next step. */
export async function buildDebianTree({ tree, work, distribution, signal }: BaseBuild): Promise<void> {
  // One Perl script: unpacked, not installed, because the demo leaves the host's packages alone.
  await fetchAndUnpack("mmdebstrap", work, signal);
  const options = [
    "--mode=root",
    "--variant=apt",
    "--format=directory",
    "--skip=cleanup/apt",
    '--aptopt=Acquire::Languages "none"',
    "--dpkgopt=force-unsafe-io",
    `--extract-hook=${WITHOUT_DOCUMENTATION}`,
  ];
  const [sources, env] = await Promise.all([archiveSources(distribution), proxyEnvironment()]);
  await runIsolated(["perl", join(work, "mmdebstrap/usr/bin/mmdebstrap"), ...options, distribution.suite, tree, "-"], {
    what: "building the Debian base image",
    stdin: `${sources.join("\n")}\n`,
    env,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Makes a root file system of one static busybox with all its applets. */
export async function buildBusyboxTree({ tree, work, signal }: BaseBuild): Promise<void> {
  await fetchAndUnpack("busybox-static", work, signal);
  for (const directory of ["bin", "dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "var", "var/tmp"])
    await mkdir(join(tree, directory), { recursive: true, mode: 0o755 });
  for (const directory of ["tmp", "var/tmp"]) await chmod(join(tree, directory), 0o1777);
  await symlink("/run", join(tree, "var/run"));
  await writeFile(join(tree, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
  await writeFile(join(tree, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
  const unpacked = join(work, "busybox-static");
  const binary = (await readdir(unpacked, { recursive: true })).find((path) => /(^|\/)bin\/busybox$/.test(path));
  await run(["install", "-m", "755", join(unpacked, binary ?? "bin/busybox"), join(tree, "bin/busybox")], {
    what: "unpacking busybox",
  });
  const applets = (await run([join(tree, "bin/busybox"), "--list"], { what: "listing busybox' applets" })).split("\n");
  for (const applet of applets)
    if (applet !== "" && applet !== "busybox") await symlink("busybox", join(tree, "bin", applet));
}

async function fetchAndUnpack(name: string, work: string, signal: AbortSignal | undefined): Promise<void> {
  const folder = join(work, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const options = { what: `fetching ${name}`, cwd: folder, ...(signal === undefined ? {} : { signal }) };
  // The unprivileged download user cannot write into a folder of root's.
  await run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", name], options);
  const deb = (await readdir(folder)).find((file) => file.endsWith(".deb"));
  await run(["dpkg", "-x", deb ?? `${name}.deb`, "."], options);
}
