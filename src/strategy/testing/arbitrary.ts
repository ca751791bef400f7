import * as fc from "fast-check";
import { OPERATIONS } from "../../model/event.ts";
import { unsafeText } from "../../model/plain-name.ts";
import type { EnvEntry, Strategy, StrategyEntry } from "../../model/strategy.ts";
import type { Workload } from "../../model/workload.ts";
import { compareText } from "../paths.ts";
import { mountAround } from "../seal.ts";

/** Any text that a container or a user could come up with: right-to-left marks, line breaks, YAML's own signs. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 10 }),
  fc.constantFrom(
    "no",
    "~",
    "0755",
    "1e3",
    "22:22",
    "- a",
    "a: b",
    "# c",
    "[x",
    "&a",
    "*a",
    "!!str",
    "a\r\nb",
    " ",
    "\u202egpj.exe",
    "\u0085",
  ),
);
const someText = anyText.filter((text) => text.length > 0);
const partOf = (text: string): string => text.replaceAll(/[/\0]/g, "_");

/** Absolute and normalised, with names as hostile as they come. */
export const anyPath: fc.Arbitrary<string> = fc
  .array(
    someText.map(partOf).filter((part) => part !== "." && part !== ".."),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => "/" + parts.join("/"));
const mountPath = anyPath.map((path) => path.replaceAll("*", "x"));

const sizeBytes = fc.integer({ min: 1, max: 2 ** 40 });
const owner = { mode: fc.integer({ min: 0, max: 0o7777 }), uid: fc.nat(2 ** 31 - 1), gid: fc.nat(2 ** 31 - 1) };
const textMap = fc.dictionary(
  anyText.filter((key) => key !== "__proto__"),
  anyText,
  { maxKeys: 3, noNullPrototype: true },
);
const optional = { requiredKeys: [] as never[] };

const operations = fc.subarray([...OPERATIONS], { minLength: 1 }).map((subset) => subset.toSorted(compareText));

const anyEntry: fc.Arbitrary<StrategyEntry> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("tmpfs" as const, "seeded" as const, "scratch" as const),
    path: mountPath,
    sizeBytes,
    ...owner,
    exec: fc.boolean(),
    why: someText,
  }),
  fc
    .tuple(
      fc.record({
        kind: fc.constant("volume" as const),
        path: mountPath,
        reason: fc.constantFrom("readBack", "declared", "assumed", "given"),
        seeded: fc.boolean(),
        ...owner,
        exec: fc.boolean(),
        why: someText,
      }),
      fc.record({ source: someText, driver: someText, options: textMap }, optional),
    )
    .map(([entry, given]) => ({ ...entry, ...given })),
  fc.record({
    kind: fc.constant("bind" as const),
    path: mountPath,
    source: someText,
    readOnly: fc.boolean(),
    why: someText,
  }),
  fc.record({
    kind: fc.constant("deny" as const),
    path: anyPath,
    operations,
    why: someText,
  }),
  fc.record({
    kind: fc.constant("image" as const),
    path: anyPath,
    operations,
    fix: fc.array(someText, { minLength: 1, maxLength: 3 }),
    why: someText,
  }),
);

const anySetting: fc.Arbitrary<EnvEntry> = fc.record({
  kind: fc.constant("env" as const),
  name: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/),
  value: anyText.filter((text) => !text.includes("\0")),
  paths: fc.uniqueArray(anyPath, { minLength: 1, maxLength: 3 }).map((paths) => paths.toSorted(compareText)),
  why: someText,
});

const texts = fc.array(anyText, { maxLength: 3 });
const anyMount: fc.Arbitrary<Workload["mounts"][number]> = fc
  .tuple(
    fc.record({
      type: fc.constantFrom("bind" as const, "volume" as const, "tmpfs" as const),
      target: someText,
      readOnly: fc.boolean(),
    }),
    fc.record({ source: anyText, options: anyText, driver: anyText, driverOptions: textMap }, optional),
  )
  .map(([mount, given]) => ({ ...mount, ...given }));
const anyPort: fc.Arbitrary<Workload["ports"][number]> = fc
  .tuple(
    fc.record({
      containerPort: fc.integer({ min: 1, max: 65_535 }),
      protocol: fc.constantFrom("tcp" as const, "udp" as const),
    }),
    fc.record({ hostIp: anyText, hostPort: fc.nat(65_535) }, optional),
  )
  .map(([port, given]) => ({ ...port, ...given }));

const anyWorkload = (name: string): fc.Arbitrary<Workload> =>
  fc
    .tuple(
      fc.record({
        image: someText,
        env: texts,
        mounts: fc.array(anyMount, { maxLength: 2 }),
        ports: fc.array(anyPort, { maxLength: 2 }),
        labels: textMap,
        capAdd: texts,
        capDrop: texts,
        securityOpt: texts,
        groupAdd: texts,
        sysctls: textMap,
        ulimits: fc.array(fc.record({ name: someText, soft: fc.integer(), hard: fc.integer() }), { maxLength: 2 }),
        extraHosts: texts,
        dns: texts,
        init: fc.boolean(),
        privileged: fc.boolean(),
        tty: fc.boolean(),
        openStdin: fc.boolean(),
      }),
      fc.record(
        {
          entrypoint: fc.array(anyText, { minLength: 1, maxLength: 3 }),
          command: fc.array(anyText, { minLength: 1, maxLength: 3 }),
          user: anyText,
          workingDir: anyText,
          hostname: anyText,
          network: anyText,
          memoryBytes: sizeBytes,
          userns: fc.constant("host" as const),
          shmSizeBytes: sizeBytes,
          nanoCpus: fc.nat(),
          pidsLimit: fc.integer(),
          runtime: anyText,
          stopSignal: anyText,
          stopTimeoutSeconds: fc.integer(),
          restart: anyText,
          platform: anyText,
        },
        optional,
      ),
    )
    .map(([run, given]) => ({ name, ...run, ...given }));

const uniquePaths = fc.uniqueArray(mountPath, { minLength: 1, maxLength: 3 }).map((list) => list.toSorted(compareText));
const uniqueTexts = fc.uniqueArray(someText, { maxLength: 4 }).map((list) => list.toSorted(compareText));

/** Any strategy that a file can hold. */
export const anyStrategy: fc.Arbitrary<Strategy> = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/).chain((name) =>
  fc
    .record({
      name: fc.constant(name),
      fits: fc.record({ repositories: uniqueTexts }),
      workload: anyWorkload(name),
      entries: fc
        .uniqueArray(anyEntry, { selector: (entry) => entry.path, maxLength: 6 })
        .map((entries) => entries.toSorted((a, b) => compareText(a.path, b.path))),
      profile: fc.record({
        file: someText.map(partOf).filter((text) => !/^\.{0,2}$/.test(text)),
        sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
      }),
      incomplete: uniqueTexts,
      test: fc.oneof(
        fc.record({ kind: fc.constant("command" as const), command: anyText }),
        fc.record({ kind: fc.constant("command" as const), exec: anyText }),
        fc.record({ kind: fc.constant("command" as const), command: anyText, exec: anyText }),
        fc.record({ kind: fc.constantFrom("healthcheck" as const, "none" as const) }),
      ),
      verifiedOn: uniqueTexts,
    })
    .chain((strategy) =>
      fc
        .uniqueArray(anySetting, { selector: ({ name: variable }) => variable, maxLength: 3 })
        .map((settings) => settings.toSorted((a, b) => compareText(a.name, b.name)))
        .map((settings) => (settings.length === 0 ? strategy : { ...strategy, settings })),
    )
    .chain((strategy) =>
      fc.record({ stream: fc.constantFrom("stdout" as const, "stderr" as const), why: someText }).map((log) => {
        const inside = strategy.entries.flatMap(({ kind, path }) => (kind === "seeded" ? [`${path}/x.log`] : []));
        const free = inside.filter(
          (path) => unsafeText(path) === undefined && !strategy.entries.some((entry) => entry.path === path),
        );
        return free.length === 0
          ? strategy
          : { ...strategy, logs: free.toSorted(compareText).map((path) => ({ kind: "log" as const, path, ...log })) };
      }),
    )
    .chain((strategy) =>
      uniquePaths.map((readOnlyPaths) =>
        readOnlyPaths.some((path) => mountAround(path, strategy.entries) !== undefined)
          ? strategy
          : { ...strategy, readOnlyPaths },
      ),
    ),
);
