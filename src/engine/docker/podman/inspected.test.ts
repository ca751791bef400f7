import { expect, test } from "vitest";
import { inspectedAnswer, libpodFound } from "../schemas.ts";
import { withPodmansOwn } from "./inspected.ts";

const told = inspectedAnswer.parse({
  Id: "a".repeat(64),
  Name: "/web",
  Image: "sha256:",
  State: { Status: "running" },
  Config: { Image: "nginx:1" },
  HostConfig: { PidsLimit: 0, Tmpfs: { "/tmp": "rw,rprivate,nosuid,nodev,tmpcopyup" }, CgroupParent: "machine.slice" },
});
const own = (CreateCommand: readonly string[], more: object = {}) =>
  libpodFound.parse({ OCIRuntime: "crun", Config: { CreateCommand }, ...more });
const afar = { image: undefined, isLocal: false };
const run = (...options: readonly string[]) => own(["podman", "run", ...options, "nginx:1"]);

test("what Podman adds by itself is there, and its own cgroup is none that somebody chose", async () => {
  const { answer } = await withPodmansOwn(told, run(), afar);
  expect(answer.HostConfig).toMatchObject({ PidsLimit: -1, Tmpfs: told.HostConfig.Tmpfs, CgroupParent: "" });
});

test.each([
  ["nothing", [], {}],
  ["two words", ["--security-opt", "unmask=ALL"], { unmaskedPaths: { value: true } }],
  ["one word", ["--security-opt=unmask=/proc/sys"], { unmaskedPaths: { value: true } }],
  [
    "several",
    ["--security-opt=seccomp=unconfined", "--security-opt", "no-new-privileges"],
    { seccomp: { value: "unconfined" }, noNewPrivileges: { value: true } },
  ],
])("of a command line: %s", async (_, options, settings) => {
  expect(await withPodmansOwn(told, run(...options), afar)).toMatchObject({ settings, unknown: [] });
});

test("of what an API made, masks and filter are not known", async () => {
  const found = await withPodmansOwn(told, own(["podman", "system", "service"]), afar);
  expect(found).toMatchObject({ settings: {}, unknown: ["unmaskedPaths", "seccomp"] });
  // A path that an engine makes up is not read.
  const elsewhere = own(["podman", "system", "service"], { OCIConfigPath: "config.json" });
  expect((await withPodmansOwn(told, elsewhere, { ...afar, isLocal: true })).unknown).toHaveLength(2);
});
