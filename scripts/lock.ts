/**
 * `npm run lock`: writes package-lock.json so that `npm ci` accepts it everywhere.
 *
 * A registry mirror may lack the packages of foreign platforms. npm then writes no entry for them, and `npm ci` refuses its own
 * lock ("Missing: ... from lock file"). This adds the entries by name: version, system, processor. They hold no integrity,
 * and no supported platform (linux x64 and arm64, glibc) installs one of them; a run against a full registry replaces them.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

interface Entry {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Lock {
  packages: Record<string, Entry & Record<string, unknown>>;
}

const LOCK_FILE = "package-lock.json";
const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm", "arm64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"];

function platformEntry(name: string, version: string): Entry & Record<string, unknown> {
  const parts = name.split(/[-/]/);
  const os = SYSTEMS.find((system) => parts.includes(system));
  const cpu = PROCESSORS.find((processor) => parts.includes(processor));
  if (os === undefined || cpu === undefined)
    throw new Error(`${name} names no platform; is it optional for another reason?`);
  const musl = parts.some((part) => part.startsWith("musl")) ? { libc: ["musl"] } : {};
  return { version, cpu: [cpu], dev: true, ...musl, optional: true, os: [os] };
}

execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts"], { stdio: "inherit" });
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm's own file
const lock = JSON.parse(readFileSync(LOCK_FILE, "utf8")) as Lock;
for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    lock.packages[`node_modules/${name}`] ??= platformEntry(name, version);
  }
}
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(LOCK_FILE, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
