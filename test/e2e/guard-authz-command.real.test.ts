import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AuthzPlugin, startAuthzPlugin } from "../support/authorized-docker.ts";
import { petrify } from "../support/cli.ts";
import { HOSTILE_POLICY } from "./guard-attacks/attack.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-authz-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (): Promise<AuthzPlugin> =>
  startAuthzPlugin({ upstream: join(folder, "engine.sock"), folder, policy: HOSTILE_POLICY });

/** What dockerd would be told of a call without a body. */
async function ask({ socketPath }: AuthzPlugin, method: string, uri: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const call = request({ socketPath, method: "POST", path: "/AuthZPlugin.AuthZReq", agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.on("end", () => resolve(JSON.parse(text)));
  });
  call.on("error", reject);
  call.end(JSON.stringify({ RequestMethod: method, RequestUri: uri }));
  return promise;
}
const PULL = ["POST", "/v1.41/plugins/pull?remote=x"] as const;

test("answers until SIGTERM, stays through SIGHUP, and takes its socket away", async () => {
  const plugin = await start();
  expect(statSync(plugin.socketPath).mode & 0o777).toBe(0o600);
  expect(await ask(plugin, ...PULL)).toMatchObject({ Allow: false });
  writeFileSync(plugin.policyFile, HOSTILE_POLICY.replace("mode: enforce", "mode: audit"));
  plugin.kill("SIGHUP");
  await expect.poll(() => ask(plugin, ...PULL)).toEqual({ Allow: true });
  expect(await plugin.stop()).toMatchObject({ exitCode: 0 });
  expect(existsSync(plugin.socketPath)).toBe(false);
});

test("a second one does not take the first one's place, until that is dead", async () => {
  const first = await start();
  await expect(start()).rejects.toThrow("E_SOCKET_IN_USE");
  expect(await ask(first, "GET", "/_ping")).toEqual({ Allow: true });
  first.kill("SIGKILL");
  await expect.poll(() => ask(first, "GET", "/_ping").catch(() => "nobody")).toBe("nobody");
  expect(existsSync(first.socketPath)).toBe(true);
  const next = await start();
  expect(await ask(next, "GET", "/_ping")).toEqual({ Allow: true });
  await next.stop();
});

test("an engine that is gone denies what would have to be looked at, and reads go on", async () => {
  const plugin = await start();
  expect(await ask(plugin, "POST", "/v1.41/containers/web/start")).toMatchObject({ Allow: false });
  expect(await ask(plugin, "GET", "/v1.41/containers/json")).toEqual({ Allow: true });
  await plugin.stop();
});

test("the help names what it needs, and what becomes of calls without it", () => {
  const { stdout, exitCode } = petrify(["guard", "authz", "--help"]);
  expect(exitCode).toBe(0);
  for (const words of ["--policy <file>", "--socket <path>", "--upstream <path>", "/run/docker/plugins/petrify.sock"])
    expect(stdout).toContain(words);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain("While it does not run, dockerd denies every call.");
});
