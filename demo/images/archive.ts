import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { Layer } from "./cache.ts";
import type { ImageRun } from "./recipe.ts";

export interface ImageContent {
  readonly reference: string;
  /** From the lowest to the topmost. */
  readonly layers: readonly Layer[];
  readonly run: ImageRun;
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The image as `docker save` would write it (moby image/spec/v1.2.md), streamed from the layers on disk. */
export function imageArchive(content: ImageContent): Readable {
  return Readable.from(archiveParts(content), { objectMode: false });
}

async function* archiveParts(content: ImageContent): AsyncGenerator<Buffer> {
  const config = JSON.stringify(imageConfig(content));
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  const layerNames = content.layers.map((layer) => `${layer.diffId.slice("sha256:".length)}/layer.tar`);
  yield* textFile(configName, config);
  for (const [index, layer] of content.layers.entries()) {
    yield tarHeader(layerNames[index] as string, layer.sizeBytes);
    for await (const chunk of createReadStream(layer.tar, { highWaterMark: 1 << 20 })) yield chunk as Buffer;
    yield padding(layer.sizeBytes);
  }
  yield* textFile(
    "manifest.json",
    JSON.stringify([{ Config: configName, RepoTags: [content.reference], Layers: layerNames }]),
  );
  // Two zero blocks end an archive (POSIX.1, pax "ustar Interchange Format").
  yield Buffer.alloc(1024);
}

function imageConfig({ layers, run, architecture, labels }: ImageContent): unknown {
  return {
    architecture,
    os: "linux",
    created: layers.at(-1)?.created,
    config: {
      Cmd: run.command,
      User: run.user ?? "",
      Env: run.env ?? ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      WorkingDir: run.workingDir ?? "/",
      ExposedPorts: emptyObjects(run.exposedPorts),
      Volumes: emptyObjects(run.volumes),
      StopSignal: run.stopSignal,
      Labels: labels,
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created: layer.created, created_by: "petrify demo" })),
  };
}

/** A set as Go's JSON writes it: each member is a key with an empty object. */
function emptyObjects(keys: readonly string[] | undefined): unknown {
  return keys === undefined ? undefined : Object.fromEntries(keys.map((key) => [key, {}]));
}

function* textFile(name: string, text: string): Generator<Buffer> {
  const content = Buffer.from(text);
  yield tarHeader(name, content.length);
  yield content;
  yield padding(content.length);
}

const BLOCK_BYTES = 512;

function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** A ustar header of a regular file: offsets and widths as POSIX.1 gives them. */
function tarHeader(name: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, offset: number, width: number): void => {
    header.write(value.toString(8).padStart(width - 1, "0"), offset);
  };
  header.write(name, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(sizeBytes, 124, 12);
  octal(0, 136, 12);
  // The checksum is taken with its own field full of spaces.
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return header;
}
