import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { registryAuth } from "./registry-auth.ts";

let folder = "";
const path = process.env["PATH"];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-auth-"));
  mkdirSync(join(folder, "bin"));
  process.env["PATH"] = `${join(folder, "bin")}:${path}`;
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true });
});

async function login(registry: string, config: unknown): Promise<unknown> {
  writeFileSync(join(folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  const header = (await registryAuth(registry, { DOCKER_CONFIG: folder }))["x-registry-auth"];
  return header === undefined ? undefined : JSON.parse(Buffer.from(header, "base64url").toString());
}

function helper(name: string, script: string): void {
  const file = join(folder, "bin", `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

const auth = Buffer.from("me:pass:word").toString("base64");

test.each<[string, string, unknown, unknown]>([
  [
    "a registry by its host",
    "r.example:5000",
    { auths: { "r.example:5000": { auth } } },
    { username: "me", password: "pass:word" },
  ],
  ["a registry by its address", "r.example", { auths: { "https://r.example/v2/": { auth } } }, { username: "me" }],
  ["Docker Hub", "docker.io", { auths: { "https://index.docker.io/v1/": { auth } } }, { username: "me" }],
  ["a token", "r.example", { auths: { "r.example": { identitytoken: "t" } } }, { identitytoken: "t" }],
])("%s", async (_what, registry, config, expected) => {
  expect(await login(registry, config)).toMatchObject(expected as object);
});

test.each<[string, unknown]>([
  ["another registry", { auths: { "other.example": { auth } } }],
  ["no login", {}],
  ["an entry of a helper's", { auths: { "r.example": {} } }],
  ["half a login", { auths: { "r.example": { auth: Buffer.from("me").toString("base64") } } }],
  ["a broken file", "{"],
])("nothing is sent for %s: no registry gets another one's password", async (_what, config) => {
  expect(await login("r.example", config)).toBeUndefined();
});

test("a helper is asked for its registry, and its answer goes before the file's", async () => {
  helper("ok", `read key; echo "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$key\\"}"`);
  const config = { auths: { "r.example": { auth } }, credHelpers: { "r.example": "ok" } };
  expect(await login("r.example", config)).toMatchObject({ username: "get", password: "r.example" });
});

test.each([
  ["fails", "echo credentials not found; exit 1"],
  ["says nonsense", "echo '[]'"],
  ["ends unread", "exec <&-; exit 1"],
])("a helper that %s leaves the file's login", async (_what, script) => {
  helper("bad", script);
  expect(await login("r.example", { auths: { "r.example": { auth } }, credsStore: "bad" })).toMatchObject({
    username: "me",
  });
});

test.each(["../evil", "a b", "absent"])("a helper named %j is not run", async (credsStore) => {
  writeFileSync(join(folder, "evil"), '#!/bin/sh\necho \'{"Username":"evil","Secret":"x"}\'');
  chmodSync(join(folder, "evil"), 0o755);
  expect(await login("r.example", { credsStore })).toBeUndefined();
});
