import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { unpackPackages } from "../../engine/embedded/packages.ts";
import { defaultCacheDir } from "../../engine/embedded/layout.ts";
import { overlaidScript } from "../../../test/support/overlaid.ts";
import { installPlan } from "./install-plan.ts";
import { factsOf, fakeHost } from "./testing.ts";
import { unitWord } from "./units.ts";

const root = fakeHost();
const folder = mkdtempSync(join(tmpdir(), "petrify-units-"));
afterAll(() => {
  for (const path of [root, folder]) rmSync(path, { recursive: true });
});

/** What systemd says of the units, with Docker's own beside them. */
async function verify(units: Readonly<Record<string, string>>): Promise<string> {
  const systemd = await unpackPackages(["systemd"], join(defaultCacheDir(), "packages"), { dependencies: "all" });
  const script = Object.entries(units)
    .map(([name, text]) => {
      const file = join(folder, basename(name));
      writeFileSync(file, text);
      return `mkdir -p $(dirname /etc/systemd/system/${name}) && cp ${file} /etc/systemd/system/${name}`;
    })
    .join("\n");
  const names = Object.keys(units)
    .filter((name) => !name.includes("/"))
    .map((name) => `/etc/systemd/system/${name}`);
  return overlaidScript([systemd.root], `${script}\nsystemd-analyze verify --man=no ${names.join(" ")} 2>&1 || true`);
}

const DOCKER_SERVICE = "[Unit]\nRequires=docker.socket\n[Service]\nExecStart=/bin/true -H fd://\n";
const DOCKER_SOCKET = "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n";

test("systemd takes the units and drop-ins without a word", async () => {
  const facts = { ...factsOf(root), node: "/bin/true", main: "/a path/with%specifier/$and.mjs" };
  const ways = { docker: true, authz: true, podman: false, strict: false, policy: "/etc/petrify/policy.yaml" };
  const units = installPlan(facts, ways).files.filter(({ path }) => path.startsWith("/etc/systemd/system/"));
  const own = Object.fromEntries(
    units.map(({ path, content }) => [path.slice("/etc/systemd/system/".length), content]),
  );
  expect(Object.keys(own).toSorted()).toEqual([
    "docker.service.d/50-petrify.conf",
    "docker.socket.d/50-petrify.conf",
    "petrify-guard-authz.service",
    "petrify-guard.service",
    "petrify-guard.socket",
  ]);
  const all = { "docker.service": DOCKER_SERVICE, "docker.socket": DOCKER_SOCKET };
  expect(await verify({ ...all, ...own })).toBe("");
  // It does say something where there is something to say.
  expect(
    await verify({ ...all, ...own, "petrify-guard.service": "[Service]\nExecStart=relative\nNoSuch=1\n" }),
  ).toMatch(/NoSuch|relative/);
});

test("a word of a command line is the very text", () => {
  expect(unitWord("/plain")).toBe("/plain");
  expect(unitWord('/a b%$"\\')).toBe('"/a b%%$$\\"\\\\"');
});
