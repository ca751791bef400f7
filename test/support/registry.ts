import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request, type RequestOptions } from "node:http";
import { request as requestTls } from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";

/** Debian's docker-registry on this host's loopback, unpacked and not installed. */
export interface Registry {
  readonly port: number;
  /** Uploads an image of one layer; returns the digest of its manifest. */
  push(repository: string, tag: string, layerTar: Buffer): Promise<string>;
  stop(): Promise<void>;
}

export async function startRegistry(tls?: { readonly certificate: string; readonly key: string }): Promise<Registry> {
  const packages = await unpackPackages(["docker-registry"], join(defaultCacheDir(), "packages"));
  const directory = mkdtempSync(join(tmpdir(), "petrify-registry-"));
  const port = await freePort();
  const settings = {
    version: "0.1",
    log: { accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, "data") } },
    http: { addr: `127.0.0.1:${port}`, ...(tls !== undefined && { tls }) },
  };
  // JSON is YAML.
  writeFileSync(join(directory, "config.yml"), JSON.stringify(settings));
  const child: ChildProcess = spawn(
    join(packages.root, "usr/bin/docker-registry"),
    ["serve", join(directory, "config.yml")],
    {
      stdio: "ignore",
    },
  );
  const call = (method: string, path: string, headers: Record<string, string>, body?: Buffer) =>
    send(tls !== undefined, { host: "127.0.0.1", port, method, path, headers, rejectUnauthorized: false }, body);
  for (let tries = 0; ; tries++) {
    const answer = await call("GET", "/v2/", {}).catch(() => undefined);
    if (answer?.status === 200) break;
    if (tries === 200 || child.exitCode !== null) throw new Error("docker-registry did not start");
    await sleep(50);
  }
  async function upload(repository: string, blob: Buffer): Promise<string> {
    const digest = digestOf(blob);
    const { location } = await call("POST", `/v2/${repository}/blobs/uploads/`, { "content-length": "0" });
    const url = new URL(location);
    url.searchParams.set("digest", digest);
    const { status } = await call("PUT", url.pathname + url.search, { "content-length": String(blob.length) }, blob);
    if (status !== 201) throw new Error(`upload to the registry: ${status}`);
    return digest;
  }
  return {
    port,
    async push(repository, tag, layerTar) {
      const config = Buffer.from(
        JSON.stringify({
          architecture: process.arch === "x64" ? "amd64" : process.arch,
          os: "linux",
          config: { Cmd: ["sh"] },
          rootfs: { type: "layers", diff_ids: [digestOf(layerTar)] },
        }),
      );
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MANIFEST,
          config: {
            mediaType: "application/vnd.docker.container.image.v1+json",
            size: config.length,
            digest: await upload(repository, config),
          },
          layers: [
            {
              mediaType: "application/vnd.docker.image.rootfs.diff.tar",
              size: layerTar.length,
              digest: await upload(repository, layerTar),
            },
          ],
        }),
      );
      const headers = { "content-type": MANIFEST, "content-length": String(manifest.length) };
      const { status } = await call("PUT", `/v2/${repository}/manifests/${tag}`, headers, manifest);
      if (status !== 201) throw new Error(`manifest to the registry: ${status}`);
      return digestOf(manifest);
    },
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

function digestOf(blob: Buffer): string {
  return `sha256:${createHash("sha256").update(blob).digest("hex")}`;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function send(
  isTls: boolean,
  options: RequestOptions & { rejectUnauthorized: boolean },
  body: Buffer | undefined,
): Promise<{ readonly status: number; readonly location: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; location: string }>();
  const outgoing = (isTls ? requestTls : request)(options, (response) => {
    response.resume();
    response.on("end", () => resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? "" }));
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}
