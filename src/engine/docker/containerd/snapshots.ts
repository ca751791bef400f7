import http2 from "node:http2";
import net from "node:net";
import { readFields, stringField } from "./protobuf.ts";

/** A containerd's snapshots of one namespace and snapshotter: what the image store keeps layers in. */
export interface SnapshotStore {
  /** The path of containerd's socket. */
  readonly address: string;
  readonly namespace: string;
  readonly snapshotter: string;
}

/** What containerd would mount for a snapshot (mount(2)). */
export interface SnapshotMount {
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * The mounts of a snapshot that can be written, by its key; undefined when this containerd has none or cannot be asked.
 * Source of the call: containerd api/services/snapshots/v1/snapshots.proto.
 */
export async function snapshotMounts(store: SnapshotStore, key: string): Promise<readonly SnapshotMount[] | undefined> {
  const answer = await call(store, "Mounts", key);
  if (answer === undefined) return undefined;
  return all(answer, 1).map((mount) => ({
    type: String(all(mount, 1)[0] ?? ""),
    options: all(mount, 4).map(String),
  }));
}

/** The key of the snapshot below; undefined when there is none, or this one is not known. */
export async function snapshotParent(store: SnapshotStore, key: string): Promise<string | undefined> {
  const answer = await call(store, "Stat", key);
  const info = answer === undefined ? undefined : all(answer, 1)[0];
  return info === undefined ? undefined : all(info, 2).map(String)[0];
}

function all(message: Buffer, field: number): Buffer[] {
  return readFields(message).flatMap(([number, value]) => (number === field ? [value] : []));
}

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT_BYTES = 2 ** 20;
/** One byte that says "not compressed", four of the length (grpc PROTOCOL-HTTP2.md). */
const PREFIX_BYTES = 5;

/** The message that a unary call of gRPC is answered with; undefined for every failure. */
async function call(store: SnapshotStore, method: "Mounts" | "Stat", key: string): Promise<Buffer | undefined> {
  const message = Buffer.concat([stringField(1, store.snapshotter), stringField(2, key)]);
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const session = http2.connect("http://containerd", { createConnection: () => net.connect(store.address) });
  session.on("error", () => resolve(undefined));
  session.setTimeout(TIMEOUT_MS, () => resolve(undefined));
  const stream = session.request({
    ":method": "POST",
    ":path": `/containerd.services.snapshots.v1.Snapshots/${method}`,
    "content-type": "application/grpc",
    te: "trailers",
    "containerd-namespace": store.namespace,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let status: unknown;
  stream.on("error", () => resolve(undefined));
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_LIMIT_BYTES) resolve(undefined);
    else chunks.push(chunk);
  });
  stream.on("trailers", (trailers) => (status = trailers["grpc-status"]));
  stream.on("close", () => resolve(status === "0" ? unframed(Buffer.concat(chunks)) : undefined));
  stream.end(framed(message));
  try {
    return await promise;
  } finally {
    session.destroy();
  }
}

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function unframed(body: Buffer): Buffer | undefined {
  if (body.length < PREFIX_BYTES || body[0] !== 0) return undefined;
  const message = body.subarray(PREFIX_BYTES);
  return message.length === body.readUInt32BE(1) ? message : undefined;
}
