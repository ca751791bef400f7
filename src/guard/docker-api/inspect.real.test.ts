import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { busyboxTar, dockerHttp, dockerJson } from "../../../test/support/docker-http.ts";
import {
  busyboxPath,
  type PrivateEngine,
  startPrivateEngine,
  startPrivatePodman,
} from "../../../test/support/private-engine.ts";
import type { RequestedMount } from "../../policy/request.ts";
import { readImageInspect, readInspect } from "./inspect.ts";

const IMAGE = "localhost/petrify-inspect:1";
const REPOSITORY = "/images/create?fromSrc=-&repo=";

test.each<[string, () => Promise<PrivateEngine>]>([
  ["Docker", () => startPrivateEngine()],
  ["Podman", startPrivatePodman],
])("%s tells what a container was made with", async (kind, start) => {
  const engine = await start();
  const { socketPath } = engine;
  const folder = mkdtempSync(join(tmpdir(), "petrify-inspect-"));
  const name = `inspect-${process.pid}`;
  try {
    const tar = busyboxTar(await busyboxPath());
    const repository = kind === "Docker" ? "localhost/petrify-inspect&tag=1" : IMAGE;
    await dockerHttp(socketPath, "POST", `${REPOSITORY}${repository}`, tar);
    await dockerJson(socketPath, "POST", `/containers/create?name=${name}`, {
      Image: IMAGE,
      Cmd: ["sleep", "1"],
      Labels: { a: "b" },
      Env: ["A=1"],
      HostConfig: {
        NetworkMode: "none",
        ReadonlyRootfs: true,
        Binds: [`${folder}:/bind:ro`],
        Mounts: [{ Type: "volume", Source: name, Target: "/volume" }],
        Tmpfs: { "/scratch": "size=1m" },
        CapAdd: ["NET_ADMIN"],
        SecurityOpt: ["no-new-privileges"],
        PidsLimit: 50,
      },
    });
    const { container, imageId } = readInspect(await dockerJson(socketPath, "GET", `/containers/${name}/json`));
    const image = readImageInspect(await dockerJson(socketPath, "GET", `/images/${encodeURIComponent(IMAGE)}/json`));
    expect(imageId).toBe(image.id);
    expect(image.repoTags).toContain(IMAGE);
    expect(container).toMatchObject({
      name,
      labels: { a: "b" },
      imageReference: IMAGE,
      command: ["sleep", "1"],
      readOnlyRoot: true,
      privileged: false,
      noNewPrivileges: true,
      pidsLimit: 50,
    });
    expect(container.env).toContain("A=1");
    expect(container.capAdd).toEqual(["NET_ADMIN"]);
    const at = (target: string): RequestedMount | undefined => container.mounts.find((one) => one.target === target);
    expect(at("/bind")).toMatchObject({ type: "bind", source: folder, readOnly: true });
    expect(at("/volume")).toMatchObject({ type: "volume", source: name, readOnly: false });
    expect(at("/scratch")).toMatchObject({ type: "tmpfs", readOnly: false });
  } finally {
    await dockerHttp(socketPath, "DELETE", `/containers/${name}?force=1&v=1`);
    await dockerHttp(socketPath, "DELETE", `/volumes/${name}`);
    await dockerHttp(socketPath, "DELETE", `/images/${encodeURIComponent(IMAGE)}`);
    await engine.stop();
    rmSync(folder, { recursive: true });
  }
});
