import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One call of a Docker API, without any of Petrify's own client: what tests look at an engine with. */
export async function dockerHttp(
  socketPath: string,
  method: string,
  path: string,
  body?: string | Buffer,
): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const contentType = typeof body === "string" ? "application/json" : "application/x-tar";
  const headers = body === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(body) };
  const call = request({ socketPath, method, path, agent: false, headers }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    response.on("error", reject);
  });
  call.on("error", reject);
  call.end(body);
  return promise;
}

/** Like `dockerHttp`, and throws the engine's message when it refuses. */
export async function dockerJson<T>(socketPath: string, method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await dockerHttp(
    socketPath,
    method,
    path,
    body === undefined ? undefined : JSON.stringify(body),
  );
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** Tar of a root with one static busybox and its usual names. */
export function busyboxTar(busybox: string): Buffer {
  const root = mkdtempSync(join(tmpdir(), "petrify-busybox-"));
  try {
    mkdirSync(join(root, "bin"));
    for (const name of ["tmp", "etc", "srv"]) mkdirSync(join(root, name));
    copyFileSync(busybox, join(root, "bin/busybox"));
    for (const name of BUSYBOX_NAMES) symlinkSync("busybox", join(root, "bin", name));
    const tar = spawnSync("tar", ["-C", root, "-c", "."], { maxBuffer: 64 * 2 ** 20 });
    if (tar.status !== 0) throw new Error(tar.stderr.toString());
    return tar.stdout;
  } finally {
    rmSync(root, { recursive: true });
  }
}
const BUSYBOX_NAMES =
  "sh ln cat echo sleep ls rm mv touch mkdir chmod chown stat id dd nc httpd mount true false".split(" ");
