import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { type DockerConfig, readDockerConfig } from "./docker-config.ts";

/** Docker Hub is kept under its oldest address (docker/cli, registry.IndexServer). */
const HUB_KEY = "https://index.docker.io/v1/";
const HELPER_NAME = /^[A-Za-z0-9_.-]+$/;

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });

interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** The header with which the engine logs in to `registry`; none when `docker login` was not run for it. */
export async function registryAuth(registry: string, env = process.env): Promise<Readonly<Record<string, string>>> {
  const key = registry === "docker.io" ? HUB_KEY : registry;
  // A public image needs no settings: a broken file must not stop it.
  const config = await readDockerConfig(env).catch((): DockerConfig => ({}));
  const found = (await fromHelper(config, key)) ?? fromFile(config, key);
  if (found === undefined) return {};
  const header = Buffer.from(JSON.stringify({ ...found, serveraddress: key })).toString("base64url");
  return { "x-registry-auth": header };
}

function fromFile(config: DockerConfig, key: string): Credentials | undefined {
  const entry = Object.entries(config.auths ?? {}).find(([name]) => name === key || hostOf(name) === hostOf(key))?.[1];
  if (entry?.identitytoken !== undefined) return { identitytoken: entry.identitytoken };
  if (entry?.auth === undefined) return undefined;
  const plain = Buffer.from(entry.auth, "base64").toString();
  const colon = plain.indexOf(":");
  if (colon < 0) return undefined;
  return { username: plain.slice(0, colon), password: plain.slice(colon + 1).replace(/\0+$/, "") };
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** Credential helpers read the key from stdin and answer with JSON (docker/docker-credential-helpers). */
async function fromHelper(config: DockerConfig, key: string): Promise<Credentials | undefined> {
  const helper = config.credHelpers?.[hostOf(key)] ?? config.credsStore;
  if (helper === undefined || !HELPER_NAME.test(helper)) return undefined;
  try {
    const child = spawn(`docker-credential-${helper}`, ["get"], { stdio: ["pipe", "pipe", "ignore"], timeout: 30_000 });
    const failed = new Promise<never>((_resolve, reject) => child.on("error", reject));
    child.stdin.on("error", () => undefined);
    child.stdin.end(key);
    const { Username, Secret } = helperAnswer.parse(JSON.parse(await Promise.race([text(child.stdout), failed])));
    // A helper says by this name that the secret is a token (docker/cli config/credentials/native_store.go).
    return Username === "<token>" ? { identitytoken: Secret } : { username: Username, password: Secret };
  } catch {
    return undefined;
  }
}
