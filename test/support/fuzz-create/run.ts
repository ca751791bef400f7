import { isDeepStrictEqual } from "node:util";
import { readCreate } from "../../../src/guard/docker-api/create/read.ts";
import type { CreateRequest } from "../../../src/guard/docker-api/create-request.ts";
import { readInspect } from "../../../src/guard/docker-api/inspect.ts";
import { PetrifyError } from "../../../src/model/errors.ts";
import type { Change } from "../../../src/policy/decision.ts";
import { randomBody } from "./body.ts";
import { FuzzEngine } from "./engine.ts";
import { asFilled, comparable, type Helper, sameAccount } from "./normal.ts";
import { Random } from "./random.ts";

/** Versions of the API that Docker 20.10 has. */
export const DOCKER_20 = [undefined, "1.24", "1.25", "1.39", "1.40", "1.41"];

export interface FuzzOptions {
  readonly socketPath: string;
  readonly busybox: string;
  readonly count: number;
  readonly seed: number;
  /** Of the API; undefined: none is named. */
  readonly versions: readonly (string | undefined)[];
  /** Cases at a time. */
  readonly atOnce: number;
  readonly onProgress?: (done: number, figures: FuzzFigures) => void;
}

/** What became of the cases. */
export interface FuzzFigures {
  readonly counts: ReadonlyMap<string, number>;
  /** Where our reading is not the engine's. */
  readonly differences: readonly Difference[];
}
export interface Difference {
  /** Number of the case; with the seed it comes again. */
  readonly at: number;
  readonly what: string;
  readonly body: string;
}

/** Bodies that the engine takes and that are refused all the same, each on purpose. */
const STRICTER: readonly { readonly why: string; readonly problem: RegExp }[] = [
  { why: "a field twice: readers differ in which counts", problem: / twice\b/ },
  { why: "a key that is not ASCII and no field: other readers fold it", problem: /is not ASCII/ },
  { why: "half of a surrogate pair: Go reads U+FFFD", problem: /half of a surrogate pair/ },
  { why: "bytes that are no UTF-8: Go reads U+FFFD", problem: /is not UTF-8/ },
  { why: "something after the body: Docker 20.10 does not look", problem: /goes on after its end/ },
  {
    why: "a volume on the root or on a relative path, or a target that begins with a backslash",
    problem: /must (?:not )?name (?:an absolute path|the container's root)/,
  },
  {
    why: "a field of newer versions, of the wrong type",
    problem:
      /(?:StartInterval|Annotations|ImageOptions|ClusterOptions|CreateMountpoint|Subpath|ReadOnly(?:Non|Force)Recursive|GwPriority|DNSNames|TmpfsOptions\.Options)\b.* must /,
  },
];

const CHANGES: readonly Change[] = [
  { kind: "readOnlyRoot" },
  { kind: "tmpfs", path: "/fuzz-tmp", sizeBytes: 2 ** 20, mode: 0o1777, uid: 0, gid: 0, exec: false },
  { kind: "volume", path: "/fuzz-volume" },
  { kind: "volume", path: "/fuzz-driver", driver: "local", options: {} },
  { kind: "env", name: "A", value: "changed=1" },
  { kind: "noNewPrivileges" },
  { kind: "pidsLimit", limit: 100 },
  { kind: "dropCapabilities", names: ["MKNOD"] },
  { kind: "logDriver", driver: "json-file", options: { "max-size": "1m" } },
];

/** Random create bodies, read by the engine and by us; every difference is told. */
export async function fuzzCreate(options: FuzzOptions): Promise<FuzzFigures> {
  const engine = new FuzzEngine(options.socketPath, options.atOnce * 2);
  const counts = new Map<string, number>();
  const differences: Difference[] = [];
  const figures: FuzzFigures = { counts, differences };
  await engine.prepare(options.busybox);
  const helper = await engine.helper();
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const at = next++;
      if (at >= options.count) return;
      const { outcome, difference, body } = await oneCase(engine, options, at, helper);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (difference !== undefined) differences.push({ at, what: difference, body: body.toString("latin1") });
      options.onProgress?.(++done, figures);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.atOnce }, worker));
  } finally {
    await engine.end();
  }
  return figures;
}

interface Case {
  readonly outcome: string;
  readonly body: Buffer;
  readonly difference?: string;
}

async function oneCase(engine: FuzzEngine, options: FuzzOptions, at: number, helper: Helper): Promise<Case> {
  const { seed } = options;
  const random = new Random(seed * 0x9e37_79b1 + at);
  const body = randomBody(random);
  const version = random.pick(options.versions);
  const name = `fuzz-${seed}-${at}`;
  const path = `${version === undefined ? "" : `/v${version}`}/containers/create?name=`;
  const ours = read(body, version, name);
  const { inspect, refusal } = await engine.create(`${path}${name}`, body);
  if (typeof ours === "string") {
    if (inspect === undefined) return { outcome: "both refuse", body };
    const reason = STRICTER.find(({ problem }) => problem.test(ours));
    if (reason !== undefined) return { outcome: `refused on purpose: ${reason.why}`, body };
    return { outcome: "DIFFERENT", body, difference: `refused without a written reason: ${ours}` };
  }
  const [container] = ours.containers;
  if (inspect !== undefined) {
    const told = comparable(readInspect(inspect).container, helper);
    const expected = asFilled(container as NonNullable<typeof container>, helper);
    if (!isDeepStrictEqual(told, expected))
      return { outcome: "DIFFERENT", body, difference: `read:\n${firstDifference(expected, told)}` };
  }
  const isChanged = at % 2 === 1;
  const sent = ours.body([isChanged ? CHANGES : []]);
  const again = await engine.create(`${path}${name}-again`, sent);
  if (isChanged) return { ...changedCase(ours, sent, version, name, again), body };
  if ((again.inspect === undefined) !== (inspect === undefined))
    return {
      outcome: "DIFFERENT",
      body,
      difference: `only one is taken: ${refusal ?? again.refusal}\n${sent.toString()}`,
    };
  if (inspect === undefined) return { outcome: "only the engine refuses", body };
  if (sameAccount(inspect) !== sameAccount(again.inspect))
    return {
      outcome: "DIFFERENT",
      body,
      difference: `canonical body is another:\n${firstDifference(JSON.parse(sameAccount(inspect)), JSON.parse(sameAccount(again.inspect)))}`,
    };
  return { outcome: "both take it", body };
}

function changedCase(
  ours: CreateRequest,
  sent: Buffer,
  version: string | undefined,
  name: string,
  { inspect }: { readonly inspect?: unknown },
): Omit<Case, "body"> {
  const read2 = read(sent, version, name);
  if (typeof read2 === "string") return { outcome: "DIFFERENT", difference: `our own body is refused: ${read2}` };
  if (read2.containers[0]?.readOnlyRoot !== true)
    return { outcome: "DIFFERENT", difference: "our own body is writable" };
  if (inspect === undefined) return { outcome: "changed: refused by the engine" };
  const { container } = readInspect(inspect);
  const isRight =
    container.readOnlyRoot &&
    (inspect as { HostConfig: { ReadonlyRootfs: unknown } }).HostConfig.ReadonlyRootfs === true &&
    container.noNewPrivileges === true &&
    container.pidsLimit === 100 &&
    container.env.includes("A=changed=1") &&
    container.capDrop.some((capability) => capability === "MKNOD") &&
    container.mounts.some(({ type, target }) => type === "tmpfs" && target === "/fuzz-tmp") &&
    container.mounts.some(({ type, target }) => type === "volume" && target === "/fuzz-volume");
  if (!isRight) return { outcome: "DIFFERENT", difference: `a change did not arrive:\n${sent.toString()}` };
  if (ours.containers.length !== 1) return { outcome: "DIFFERENT", difference: "not one container" };
  return { outcome: "changed: as asked" };
}

function read(body: Buffer, version: string | undefined, name: string): CreateRequest | string {
  try {
    const query = [["name", name]] as const;
    return readCreate(body, { ...(version === undefined ? {} : { version }), query, maxBytes: 2 ** 20 });
  } catch (error) {
    if (error instanceof PetrifyError && error.code === "E_REQUEST_BODY") return error.message;
    throw error;
  }
}

function part(value: object, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}

function firstDifference(expected: object, told: object): string {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(told)])];
  return names
    .filter((name) => !isDeepStrictEqual(part(expected, name), part(told, name)))
    .map(
      (name) => `${name}: expected ${JSON.stringify(part(expected, name))}, told ${JSON.stringify(part(told, name))}`,
    )
    .join("\n");
}
