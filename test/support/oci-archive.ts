import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An image for this processor and another one, as builders write it: an index of two manifests over one layer. */
export interface OciArchive {
  /** A tar of an OCI image layout. */
  readonly tar: Buffer;
  /** Digest of the index. */
  readonly digest: string;
}

const TYPE = "application/vnd.oci.image";
const ARCHITECTURES = ["amd64", "arm64"] as const;

/** Source: opencontainers/image-spec, image-layout.md; the annotation with the name is containerd's. */
export function ociArchive(reference: string, layer: Buffer, config: object): OciArchive {
  const folder = mkdtempSync(join(tmpdir(), "petrify-oci-"));
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const blob = (mediaType: string, content: Buffer | object): { mediaType: string; digest: string; size: number } => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const hash = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(folder, "blobs/sha256", hash), bytes);
    return { mediaType: `${TYPE}.${mediaType}`, digest: `sha256:${hash}`, size: bytes.length };
  };
  try {
    const layers = [blob("layer.v1.tar", layer)];
    const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
    const manifests = ARCHITECTURES.map((architecture) => {
      const described = blob("config.v1+json", { architecture, os: "linux", config, rootfs });
      const manifest = blob("manifest.v1+json", {
        schemaVersion: 2,
        mediaType: `${TYPE}.manifest.v1+json`,
        config: described,
        layers,
      });
      return { ...manifest, platform: { architecture, os: "linux" } };
    });
    const index = blob("index.v1+json", { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests });
    const annotations = { "io.containerd.image.name": `docker.io/library/${reference}` };
    writeFileSync(
      join(folder, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...index, annotations }] }),
    );
    writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    const archive = join(folder, "archive.tar");
    const { status, stderr } = spawnSync("tar", ["-C", folder, "-cf", archive, "oci-layout", "index.json", "blobs"]);
    if (status !== 0) throw new Error(String(stderr));
    return { tar: readFileSync(archive), digest: index.digest };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
