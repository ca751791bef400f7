import { appendFileSync, chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeHost, snapshot } from "../guard/install/testing.ts";
import { guardInstallCommands } from "./guard-install.ts";

let root: string;
let output: string;
beforeEach(() => {
  root = fakeHost();
  output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(root, { recursive: true });
});

async function guard(...args: readonly string[]): Promise<void> {
  const command = new Command("guard").exitOverride();
  guardInstallCommands(command);
  await command.parseAsync([...args, "--root", root], { from: "user" });
}

test("a dry run tells what would be changed, and changes nothing", async () => {
  const before = snapshot(root);
  await guard("install", "--docker", "--authz", "--podman", "--strict", "--dry-run");
  expect(output).toContain("would write /etc/docker/daemon.json\n");
  expect(output).toContain("now run: systemctl daemon-reload\n");
  expect(snapshot(root)).toEqual(before);
});

test("what is installed is told, with what puts it in force, and goes again", async () => {
  const before = snapshot(root);
  await guard("install", "--docker");
  expect(output).toContain("wrote /etc/systemd/system/petrify-guard.service\n");
  expect(output).toContain("live-restore");
  output = "";
  await guard("install", "--docker");
  expect(output).toContain("is so already: /etc/systemd/system/petrify-guard.service\n");
  output = "";
  await guard("uninstall");
  expect(output).toContain("put back /etc/systemd/system/petrify-guard.service\n");
  expect(output).toContain("now run: systemctl start docker.socket docker.service\n");
  expect(snapshot(root)).toEqual(before);
  await guard("uninstall");
  expect(output).toContain("nothing is installed\n");
});

test("what was changed since ends with exit code 2", async () => {
  await guard("install", "--authz");
  appendFileSync(join(root, "/etc/docker/daemon.json"), " ");
  await guard("uninstall");
  expect(process.exitCode).toBe(2);
  expect(output).toMatch(
    /changed since, kept: \/etc\/docker\/daemon\.json \(before: \/var\/lib\/petrify\/install\/\d+-daemon\.json\)/,
  );
});

test("no policy, or a broken one, installs nothing", async () => {
  await expect(guard("install", "--docker", "--policy", "/etc/none.yaml")).rejects.toMatchObject({ code: "E_IO" });
  writeFileSync(join(root, "/etc/petrify/policy.yaml"), "kind: Nonsense\n");
  await expect(guard("install", "--docker")).rejects.toThrow("policy.yaml");
  await expect(guard("install", "--docker", "--restart")).rejects.toThrow("policy.yaml");
  expect(existsSync(join(root, "/var/lib/petrify"))).toBe(false);
});

test("a policy that others can change guards nothing", async () => {
  chmodSync(join(root, "/etc/petrify"), 0o777);
  await expect(guard("install", "--docker")).rejects.toThrow("/etc/petrify can be changed by others than root");
  chmodSync(join(root, "/etc/petrify"), 0o755);
  chmodSync(join(root, "/etc/petrify/policy.yaml"), 0o664);
  await expect(guard("install", "--docker")).rejects.toThrow("/etc/petrify/policy.yaml can be changed");
  expect(existsSync(join(root, "/var/lib/petrify"))).toBe(false);
});

test("nothing to guard, and a restart of another host, are wrong", async () => {
  await expect(guard("install")).rejects.toMatchObject({ code: "E_USAGE" });
  await expect(guard("install", "--authz", "--restart")).rejects.toMatchObject({ code: "E_USAGE" });
});
