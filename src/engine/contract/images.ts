import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { busyboxRoot } from "../../../test/support/test-image.ts";
import type { Bench } from "./bench.ts";

export function imageContract(bench: Bench): void {
  test("an imported image has the settings it was given", async () => {
    const root = busyboxRoot(bench.subject.busybox);
    const changes = [
      'ENTRYPOINT ["/bin/sh","-c"]',
      'CMD ["true"]',
      "ENV A=b",
      "USER 12:34",
      "WORKDIR /srv",
      "VOLUME /data /more",
      "EXPOSE 80 53/udp",
    ];
    const id = await bench.engine.importImage(root.tar, { reference: "petrify-contract/settings:1", changes });
    root.remove();
    const facts = await bench.engine.image("petrify-contract/settings:1");
    expect(facts).toMatchObject({
      id,
      repoTags: [expect.stringMatching(/^(docker\.io\/)?petrify-contract\/settings:1$/) as string],
      entrypoint: ["/bin/sh", "-c"],
      command: ["true"],
      user: "12:34",
      workingDir: "/srv",
    });
    expect(facts?.env).toContain("A=b");
    expect(facts?.volumes.toSorted()).toEqual(["/data", "/more"]);
    expect(facts?.exposedPorts.toSorted()).toEqual(["53/udp", "80/tcp"]);
    expect(facts?.sizeBytes).toBeGreaterThan(500_000);
    expect(await bench.engine.image(id)).toEqual(facts);
    await bench.engine.removeImage("petrify-contract/settings:1");
    expect(await bench.engine.image("petrify-contract/settings:1")).toBeUndefined();
    await expect(bench.engine.removeImage("petrify-contract/settings:1")).resolves.toBeUndefined();
  });

  test("a health check of an import is known", async ({ skip }) => {
    bench.need("health checks", skip);
    const root = busyboxRoot(bench.subject.busybox);
    const reference = "petrify-contract/checked:1";
    await bench.engine.importImage(root.tar, { reference, changes: ["HEALTHCHECK CMD true"] });
    root.remove();
    expect(await bench.engine.image(reference)).toMatchObject({ hasHealthcheck: true });
    await bench.engine.removeImage(reference);
  });

  test("a plain image has no health check, volumes or user", async () => {
    const facts = await bench.engine.image("petrify-contract:latest");
    expect(facts).toMatchObject({ hasHealthcheck: false, volumes: [], exposedPorts: [], user: "", command: ["sh"] });
  });

  test("a saved archive can be loaded and run", async () => {
    const archive = savedArchive(bench.subject.busybox, "petrify-contract/loaded:2");
    await bench.engine.loadImage(createReadStream(archive.path));
    archive.remove();
    const result = await bench.run("echo loaded", { workload: { image: "petrify-contract/loaded:2" } });
    expect(result).toMatchObject({ exitCode: 0, stdout: "loaded\n" });
    await bench.engine.removeImage("petrify-contract/loaded:2");
  });

  test("an archive that is none is refused", async () => {
    const folder = mkdtempSync(join(tmpdir(), "petrify-archive-"));
    writeFileSync(join(folder, "x.tar"), "no archive");
    await expect(bench.engine.loadImage(createReadStream(join(folder, "x.tar")))).rejects.toMatchObject({
      code: "E_ENGINE_API",
    });
    rmSync(folder, { recursive: true });
  });

  test("a file that cannot be read stops an import, and no image is made", async () => {
    const tar = createReadStream("/nonexistent/root.tar");
    await expect(
      bench.engine.importImage(tar, { reference: "petrify-contract/none", changes: [] }),
    ).rejects.toMatchObject({
      code: "E_IO",
    });
    expect(await bench.engine.image("petrify-contract/none")).toBeUndefined();
  });

  test("an image that nobody serves cannot be pulled", async () => {
    await expect(bench.engine.pull("127.0.0.1:1/nobody/nothing:1")).rejects.toMatchObject({
      code: "E_IMAGE_NOT_FOUND",
      hint: expect.stringContaining("registry") as string,
    });
  });

  test.each(["Upper", "a//b", "a:b:c", "", "../../containers/json", "a b", "name@sha256:12", "-x", "x\n"])(
    "%j is no image name",
    async (reference) => {
      await expect(bench.engine.image(reference)).rejects.toMatchObject({ code: "E_IMAGE_REFERENCE" });
      await expect(bench.engine.pull(reference)).rejects.toMatchObject({ code: "E_IMAGE_REFERENCE" });
    },
  );
}

/** What `docker save` writes (moby image/spec/v1.2.md), with one layer. */
function savedArchive(busybox: string, tag: string): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "petrify-archive-"));
  const write = (script: string): void => void execFileSync("sh", ["-c", script, "sh", busybox], { cwd: folder });
  write('mkdir -p root/bin && cp "$1" root/bin/sh && tar -C root --numeric-owner -cf layer.tar .');
  const digest = createHash("sha256")
    .update(readFileSync(join(folder, "layer.tar")))
    .digest("hex");
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
    history: [{ created: "2026-01-01T00:00:00Z" }],
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify([{ Config: "config.json", RepoTags: [tag], Layers: ["layer.tar"] }]),
  );
  write("tar -cf archive.tar manifest.json config.json layer.tar");
  return { path: join(folder, "archive.tar"), remove: () => rmSync(folder, { recursive: true }) };
}
