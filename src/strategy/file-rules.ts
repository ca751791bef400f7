import { unsafeText } from "../model/plain-name.ts";
import { type EntryFile, isPlace, type StrategyFile } from "./file-schema.ts";
import { nearest, parentOf } from "./paths.ts";
import { mountAround } from "./seal.ts";

/** Something wrong with a file, and where. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The issue is this key of the map at `path`, not the map. */
  readonly key?: string;
}

/** What no single field can tell: contradictions between fields, in file order. */
export function contradictions(file: StrategyFile): readonly Issue[] {
  return [
    ...twice(file.readOnlyPaths ?? [], "readOnlyPaths"),
    ...overruled(file),
    ...duplicates(file.entries),
    ...unlinkable(file),
    ...twice(file.verifiedOn, "verifiedOn"),
    ...pointless(file),
  ];
}

function overruled({ readOnlyPaths = [], entries }: StrategyFile): readonly Issue[] {
  return readOnlyPaths.flatMap((path, index) => {
    const mount = mountAround(path, entries.filter(isPlace));
    return mount === undefined
      ? []
      : [{ path: ["readOnlyPaths", index], message: `${path} lies in the mount on ${mount}, which decides there` }];
  });
}

function duplicates(entries: readonly EntryFile[]): readonly Issue[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const [field, value] = entry.kind === "env" ? ["name", entry.name] : ["path", entry.path];
    if (seen.has(value)) return [{ path: ["entries", index, field], message: `there is another entry for ${value}` }];
    seen.add(value);
    return [];
  });
}

/** A link lies on a mount that starts with something, and its name is written into Dockerfiles and scripts. */
function unlinkable({ entries }: StrategyFile): readonly Issue[] {
  const mounts = new Map(
    entries.filter(isPlace).flatMap((entry) => (isMountKind(entry) ? [[entry.path, entry.kind] as const] : [])),
  );
  return entries.flatMap((entry, index) => {
    if (entry.kind !== "log") return [];
    const unsafe = unsafeText(entry.path);
    return [
      ...(nearest(parentOf(entry.path), mounts) === "seeded"
        ? []
        : [`${entry.path} lies in no seeded mount, which a log needs`]),
      ...(unsafe === undefined ? [] : [`this can be no log: ${unsafe}`]),
    ].map((message) => ({ path: ["entries", index, "path"], message }));
  });
}

function isMountKind({ kind }: EntryFile): boolean {
  return kind !== "deny" && kind !== "image";
}

function twice(values: readonly string[], field: string): readonly Issue[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [{ path: [field, index], message: `${value} is listed twice` }],
  );
}

function pointless({ test }: StrategyFile): readonly Issue[] {
  if (test.kind === "command")
    return test.command === undefined && test.exec === undefined
      ? [{ path: ["test"], message: "a test of kind command needs its command or its exec" }]
      : [];
  return (["command", "exec"] as const)
    .filter((field) => test[field] !== undefined)
    .map((field) => ({ path: ["test", field], message: `a test of kind ${test.kind} has no ${field}` }));
}
