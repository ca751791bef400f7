import { expect, test } from "vitest";
import type { LayerChange } from "../model/change.ts";
import type { PathRecord } from "../model/profile.ts";
import { couldDecide, regeneratedPaths, withRegenerated } from "./regenerated.ts";
import { dir, file, inputOf, passing, readBack, socket } from "./testing/world.ts";

const APP = "/srv/webapps/app";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function made(path: string, parts: Partial<LayerChange> = {}): LayerChange {
  const entry = { type: "file", mode: 0o644, uid: 997, gid: 997, sizeBytes: 9 } as const;
  return { path, kind: "added", entry, content: bytes(`of ${path}`), ...parts };
}
function madeDirectory(path: string, mode = 0o750): LayerChange {
  return { path, kind: "added", entry: { type: "dir", mode, uid: 997, gid: 997, sizeBytes: 0 } };
}

/** What a server leaves that has unpacked an archive. */
const LAYER: readonly LayerChange[] = [
  madeDirectory(APP),
  made(`${APP}/index.jsp`),
  madeDirectory(`${APP}/lib`),
  made(`${APP}/lib/a.jar`),
];
const RECORDS: readonly PathRecord[] = [
  dir(APP),
  readBack(`${APP}/index.jsp`),
  dir(`${APP}/lib`),
  file(`${APP}/lib/*.jar`),
];
const ALL = RECORDS.map(({ path }) => path);

interface Case {
  readonly records?: readonly PathRecord[];
  /** Beside those of RECORDS. */
  readonly madeOnce?: readonly string[];
  readonly touched?: readonly string[];
  readonly used?: readonly LayerChange[];
  readonly fresh?: readonly LayerChange[];
  readonly expected: readonly string[];
}

function without(layer: readonly LayerChange[], path: string): readonly LayerChange[] {
  return layer.filter((change) => change.path !== path);
}
function replaced(change: LayerChange): readonly LayerChange[] {
  return [...without(LAYER, change.path), change];
}

const INDEX = `${APP}/index.jsp`;
const CASES: Readonly<Record<string, Case>> = {
  "a tree that a fresh start makes again": { expected: ALL },
  "with what comes and goes in it": { records: [...RECORDS, passing(`${APP}/x.tmp`)], expected: ALL },
  "with the socket of the one that still runs": {
    records: [...RECORDS, socket(`${APP}/x.sock`)],
    fresh: [
      ...LAYER,
      { ...made(`${APP}/x.sock`), entry: { type: "socket", mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 } },
    ],
    expected: ALL,
  },
  "whatever else differs elsewhere": {
    records: [...RECORDS, readBack("/srv/notes/n")],
    madeOnce: ["/srv/notes/n"],
    used: [...LAYER, made("/srv/notes/n", { content: bytes("stored") })],
    fresh: [...LAYER, made("/srv/notes/n", { content: bytes("empty") })],
    expected: ALL,
  },
  "a single file straight in a directory of the image": {
    records: [readBack("/srv/conf/defaults.xml")],
    madeOnce: ["/srv/conf/defaults.xml"],
    used: [made("/srv/conf/defaults.xml")],
    fresh: [made("/srv/conf/defaults.xml")],
    expected: ["/srv/conf/defaults.xml"],
  },
  "not what the use changed": { used: replaced(made(INDEX, { content: bytes("stored") })), expected: [] },
  "not what has a name that stands for several": {
    records: [...RECORDS, readBack(`${APP}/\uFFFD`)],
    madeOnce: [`${APP}/\uFFFD`],
    used: [...LAYER, made(`${APP}/\uFFFD`), made(`${APP}/\uFFFD`)],
    fresh: [...LAYER, made(`${APP}/\uFFFD`)],
    expected: [],
  },
  "not what changed its owner": {
    used: replaced(made(INDEX, { entry: { type: "file", mode: 0o644, uid: 0, gid: 0, sizeBytes: 9 } })),
    expected: [],
  },
  "not what became a link": {
    used: replaced({
      path: INDEX,
      kind: "added",
      entry: { type: "symlink", mode: 0o777, uid: 997, gid: 997, sizeBytes: 0, linkTarget: "/data/index.jsp" },
    }),
    expected: [],
  },
  "not when the use removed a file, such as an installer's": { used: without(LAYER, INDEX), expected: [] },
  "not when the use left a file in it": {
    records: [...RECORDS, file(`${APP}/upload.jpg`)],
    used: [...LAYER, made(`${APP}/upload.jpg`)],
    expected: [],
  },
  "not even one that nobody was seen to write": { used: [...LAYER, made(`${APP}/upload.jpg`)], expected: [] },
  "not when a later run opened one for writing, as databases do": { touched: [INDEX], expected: [] },
  "not when the fresh start makes it later": { fresh: [madeDirectory(APP)], expected: [] },
  "not when the fresh start makes nothing": { fresh: [], expected: [] },
  "not what is too large to be read": {
    used: replaced(made(INDEX, { content: "too large" })),
    fresh: replaced(made(INDEX, { content: "too large" })),
    expected: [],
  },
  "not what went away while it was read": {
    used: replaced({ path: INDEX, kind: "added", entry: made(INDEX).entry as NonNullable<LayerChange["entry"]> }),
    fresh: replaced({ path: INDEX, kind: "added", entry: made(INDEX).entry as NonNullable<LayerChange["entry"]> }),
    expected: [],
  },
  "not a file of the image that is changed in place": {
    records: [readBack("/etc/app.conf", { created: false })],
    madeOnce: ["/etc/app.conf"],
    used: [made("/etc/app.conf", { kind: "changed" })],
    fresh: [made("/etc/app.conf", { kind: "changed" })],
    expected: [],
  },
  "not what lies on a volume": {
    records: RECORDS.map((record) => ({ ...record, mount: APP })),
    expected: [],
  },
};

test.each(Object.entries(CASES))("regenerated: %s", (_, one) => {
  const { records = RECORDS, used = LAYER, fresh = LAYER, touched = [] } = one;
  const madeOnce = new Set([...ALL, ...(one.madeOnce ?? [])].filter((path) => !touched.includes(path)));
  expect([...regeneratedPaths({ records, madeOnce, used, fresh })]).toEqual(one.expected);
});

test("a fresh start is asked only where its answer counts", () => {
  const data = [readBack("/srv/data/db"), readBack("/srv/data/defaults")];
  expect(couldDecide(inputOf({ records: data }), new Set(["/srv/data/defaults"]))).toBe(false);
  expect(couldDecide(inputOf({ records: data }), new Set(data.map(({ path }) => path)))).toBe(true);
  expect(couldDecide(inputOf({ records: [file("/run/x.pid")] }), new Set(["/run/x.pid"]))).toBe(false);
});

test("only the records at the paths are marked", () => {
  const marked = withRegenerated([file("/a"), file("/b")], new Set(["/b"]));
  expect(marked.map(({ regenerated }) => regenerated)).toEqual([undefined, true]);
});
