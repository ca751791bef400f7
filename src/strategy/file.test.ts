import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PetrifyError } from "../model/errors.ts";
import { formatStrategy, parseStrategy } from "./file.ts";
import { anyStrategy } from "./testing/arbitrary.ts";
import { strategyOf, file, passing, readBack } from "./testing/world.ts";

const RUNS = { numRuns: 60 };
const TIMEOUT_MS = 60_000;

test(
  "a strategy survives its file, whatever names a container or a user came up with",
  () => {
    fc.assert(
      fc.property(anyStrategy, (strategy) => {
        expect(parseStrategy(formatStrategy(strategy), "x.yaml")).toEqual(strategy);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "the file shows every sign as it is: nothing runs backwards, hides, or steers a terminal",
  () => {
    fc.assert(
      fc.property(anyStrategy, (strategy) => {
        expect(formatStrategy(strategy)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test("the layout is made for review", () => {
  const strategy = strategyOf({
    workload: { ports: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }], env: ["TZ=UTC", "DB_PASSWORD=x"] },
    tree: ["/var/lib/app/ 0750 7:8"],
    records: [passing("/run/app.pid"), readBack("/var/lib/app/data.db"), file("/etc/app.conf")],
  });
  expect(formatStrategy(strategy)).toMatchInlineSnapshot(`
    "# Where app may write while its root file system is read-only, and why. Made to be reviewed, edited and committed.
    # The fields are described in Petrify's docs/reference/strategy.md.
    apiVersion: petrify.dev/v1
    kind: WriteStrategy
    name: app
    fits:
      repositories:
        - docker.io/library/app

    entries:
      - kind: image
        path: /etc/app.conf
        operations:
          - open
          - write
        fix:
          - "RUN mkdir -p /var/lib/app && ln -s /var/lib/app/app.conf /etc/app.conf"
        why: "daemon writes this: /etc is never writable, because it holds the configuration of the whole image; it belongs into the image, or a setting moves it."

      - kind: tmpfs
        path: /run
        size: 16MiB
        mode: "0755"
        uid: 0
        gid: 0
        exec: false
        why: "daemon writes app.pid: run-time files that are made anew at each start."

      - kind: volume
        path: /var/lib/app
        reason: readBack
        seeded: false
        mode: "0750"
        uid: 7
        gid: 8
        exec: false
        why: "daemon writes data.db, read again after a restart: data that must persist."

    workload:
      image: app:latest
      env:
        - TZ=UTC
        - DB_PASSWORD
      ports:
        - hostPort: 8080
          containerPort: 80
          protocol: tcp

    profile:
      file: app.profile.ndjson.zst
      sha256: "0000000000000000000000000000000000000000000000000000000000000000"

    test:
      kind: command
      command: "true"

    incomplete: []

    verifiedOn: []
    "
  `);
});

const WRITTEN_BY_HAND = `apiVersion: petrify.dev/v1
kind: WriteStrategy
name: hand
fits: {repositories: [docker.io/library/hand]}
entries:
- {kind: tmpfs, path: /tmp, size: 1.5GiB, why: scratch}   # the rest has defaults
- why: >-
    kept
    here
  path: /data
  kind: volume
- {kind: bind, path: /etc/app, source: ./conf, why: given}
- {kind: deny, path: /app/*, operations: [open, mkdir], why: harmless}
workload: {image: hand}
profile:
  file: hand.profile.ndjson.zst
  sha256: '${"0".repeat(64)}'
test: {kind: none}
incomplete: []
verifiedOn: []
`;

test("a test may be a command inside the container alone", () => {
  const text = WRITTEN_BY_HAND.replace("{kind: none}", "{kind: command, exec: 'app check'}");
  expect(parseStrategy(text, "hand.strategy.yaml").test).toEqual({ kind: "command", exec: "app check" });
});

test("a file written by hand may leave out what has a default, and is put in order", () => {
  const owner = { uid: 0, gid: 0 };
  expect(parseStrategy(WRITTEN_BY_HAND, "x.yaml").entries).toEqual([
    { kind: "deny", path: "/app/*", operations: ["mkdir", "open"], why: "harmless" },
    {
      kind: "volume",
      path: "/data",
      reason: "given",
      seeded: false,
      mode: 0o755,
      ...owner,
      exec: true,
      why: "kept here",
    },
    { kind: "bind", path: "/etc/app", source: "./conf", readOnly: false, why: "given" },
    { kind: "tmpfs", path: "/tmp", sizeBytes: 1.5 * 2 ** 30, mode: 0o755, ...owner, exec: false, why: "scratch" },
  ]);
  expect(parseStrategy(WRITTEN_BY_HAND.replaceAll("\n", "\r\n"), "x.yaml").entries).toHaveLength(4);
});

test("single read-only paths are written before the entries, and put in order", () => {
  const text = WRITTEN_BY_HAND.replace("entries:\n", "readOnlyPaths: [/usr, /etc/passwd]\nentries:\n");
  const read = parseStrategy(text, "x.yaml");
  expect(read.readOnlyPaths).toEqual(["/etc/passwd", "/usr"]);
  expect(formatStrategy(read)).toContain("\nreadOnlyPaths:\n  - /etc/passwd\n  - /usr\n\nentries:\n");
  expect(parseStrategy(formatStrategy(read), "x.yaml")).toEqual(read);
  expect(parseStrategy(WRITTEN_BY_HAND, "x.yaml")).not.toHaveProperty("readOnlyPaths");
});

const readOnly = (list: string): string => WRITTEN_BY_HAND.replace("entries:\n", `readOnlyPaths: ${list}\nentries:\n`);
const path = (text: string): string => WRITTEN_BY_HAND.replace("path: /tmp", `path: ${text}`);
const tmpfs = (text: string): string => WRITTEN_BY_HAND.replace("why: scratch", `why: scratch, ${text}`);
const BAD_PATH = "entries[0].path: must be an absolute path";

/** What is done to the file, and what must be said of it. */
const REFUSED: Readonly<Record<string, readonly [text: string, message: string]>> = {
  "an empty file": ["", "1:1: it is not a map of fields"],
  "a list": ["- a", "1:1: it is not a map of fields"],
  "no YAML": ["a: [", "1:5: "],
  "a misspelt field": [WRITTEN_BY_HAND.replace("name:", "nmae:"), '3:1: there is no field "nmae"'],
  "a field too many in an entry": [tmpfs("sizes: 3"), '6:57: entries[0]: there is no field "sizes"'],
  "a field of another kind": [tmpfs("seeded: true"), '6:57: entries[0]: there is no field "seeded"'],
  "a missing field": [WRITTEN_BY_HAND.replace("test: {kind: none}\n", ""), "1:1: test: this field is missing"],
  "an unknown kind": [WRITTEN_BY_HAND.replace("kind: bind", "kind: overlay"), "12:10: entries[2].kind: "],
  "another version": [WRITTEN_BY_HAND.replace("/v1", "/v2"), "1:13: apiVersion: "],
  "a relative path": [path("tmp"), `6:23: ${BAD_PATH}`],
  "the root": [path("/"), `6:23: ${BAD_PATH}`],
  "a path that climbs": [path("/tmp/../etc"), `6:23: ${BAD_PATH}`],
  "a path with a dot": [path("/tmp/./x"), `6:23: ${BAD_PATH}`],
  "a double slash": [path("/tmp//x"), `6:23: ${BAD_PATH}`],
  "a slash at the end": [path("/tmp/"), `6:23: ${BAD_PATH}`],
  "NUL in a path": [path(String.raw`"/tmp/\0x"`), `6:23: ${BAD_PATH}`],
  "a pattern to mount on": [path('"/tmp/*"'), "6:23: entries[0].path: must be one path"],
  "two entries for one path": [path("/data"), "10:9: entries[1].path: there is another entry for /data"],
  "a log on a mount that starts empty": [
    WRITTEN_BY_HAND.replace("entries:\n", "entries:\n- {kind: log, path: /tmp/x.log, stream: stdout, why: x}\n"),
    "6:21: entries[0].path: /tmp/x.log lies in no seeded mount, which a log needs",
  ],
  "a log whose name would end a line of a Dockerfile": [
    WRITTEN_BY_HAND.replace(
      "entries:\n",
      'entries:\n- {kind: seeded, path: /var/log/app, size: 1MiB, why: x}\n- {kind: log, path: "/var/log/app/a\\nRUN x", stream: stdout, why: x}\n',
    ),
    "7:21: entries[1].path: this can be no log: its name holds characters that a Dockerfile or a shell would read otherwise",
  ],
  "an unbounded tmpfs": [WRITTEN_BY_HAND.replace("size: 1.5GiB, ", ""), "6:3: entries[0].size: this field is missing"],
  "a size without unit": [WRITTEN_BY_HAND.replace("1.5GiB", "64"), "6:35: entries[0].size: "],
  "no size at all": [WRITTEN_BY_HAND.replace("1.5GiB", "0MiB"), "6:35: entries[0].size: must be a size"],
  "a mode that YAML reads as a number": [tmpfs("mode: 0755"), "6:63: entries[0].mode: "],
  "a mode that is none": [tmpfs('mode: "0999"'), "6:63: entries[0].mode: must be an octal mode"],
  "an owner that means nobody": [tmpfs("uid: 4294967295"), "6:62: entries[0].uid: "],
  "text for a switch": [tmpfs('exec: "false"'), "6:63: entries[0].exec: "],
  "a profile in another folder": [
    WRITTEN_BY_HAND.replace(/file: [^,]+/, "file: ../../etc/shadow"),
    "16:9: profile.file: must be the name of a file beside this one",
  ],
  "NUL in the profile's name": [
    WRITTEN_BY_HAND.replace(/file: [^,]+/, String.raw`file: "a\0b"`),
    "16:9: profile.file: must be the name of a file beside this one",
  ],
  "a hash that is none": [WRITTEN_BY_HAND.replace("0".repeat(64), "0".repeat(63)), "17:11: profile.sha256: "],
  "a test without command": [WRITTEN_BY_HAND.replace("{kind: none}", "{kind: command}"), "18:7: test: "],
  "an inner command without a test": [
    WRITTEN_BY_HAND.replace("{kind: none}", "{kind: none, exec: x}"),
    "18:26: test.exec: a test of kind none has no exec",
  ],
  "the root as a single path": [readOnly("[/]"), "5:17: readOnlyPaths[0]: must be an absolute path"],
  "a pattern as a single path": [readOnly('["/etc/*"]'), "5:17: readOnlyPaths[0]: must be one path"],
  "no single path": [readOnly("[]"), "5:16: readOnlyPaths: "],
  "a single path twice": [readOnly("[/etc, /etc]"), "5:23: readOnlyPaths[1]: /etc is listed twice"],
  "a single path on a mount": [readOnly("[/data]"), "5:17: readOnlyPaths[0]: /data lies in the mount on /data"],
  "a single path in a mount": [readOnly("[/data/x]"), "5:17: readOnlyPaths[0]: /data/x lies in the mount on /data"],
  "a digest twice": [WRITTEN_BY_HAND.replace("verifiedOn: []", "verifiedOn: [a, a]"), "20:17: verifiedOn[1]: "],
  "an alias": [WRITTEN_BY_HAND.replace("why: given", "why: &a given"), "12:56: anchors and aliases are not allowed"],
  "a merge key": [
    WRITTEN_BY_HAND.replace("test: {kind: none}", "test: {<<: {kind: none}}"),
    '18:8: test: there is no field "<<"',
  ],
  "a tag": [WRITTEN_BY_HAND.replace("why: given", "why: !run given"), "12:53: unresolved tag"],
  "a prototype": [
    WRITTEN_BY_HAND.replace("{image: hand}", "{image: hand, labels: {__proto__: x}}"),
    "14:34: this key is not allowed",
  ],
  "a key twice": [`${WRITTEN_BY_HAND}name: two\n`, "21:1: map keys must be unique"],
  "two documents": [`${WRITTEN_BY_HAND}---\n${WRITTEN_BY_HAND}`, "21:1: it holds more than one document"],
  "1 MiB": [`#${"x".repeat(2 ** 20)}`, "1:1: the file is larger than 1 MiB"],
  "nesting without end": [`a: ${"[".repeat(20_000)}`, "it is nested too deep"],
  "nesting without end, in lines": [`a:\n ${"- ".repeat(20_000)}`, "it is nested too deep"],
  "an alias bomb": [
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n`,
    "1:7: anchors and aliases are not allowed",
  ],
  "an escape sequence for the terminal": ['"\\e[2J": x', String.raw`1:1: there is no field "\u001b[2J"`],
};

test.each(Object.entries(REFUSED))(
  "refused, with the place: %s",
  (_name, [text, message]) => {
    expect(() => parseStrategy(text, "x.yaml")).toThrow(
      expect.objectContaining({ code: "E_STRATEGY_INVALID", message: expect.stringContaining(`x.yaml:`) }),
    );
    expect(() => parseStrategy(text, "x.yaml")).toThrow(message);
  },
  TIMEOUT_MS,
);

test(
  "nesting of any depth ends with the one error",
  () => {
    for (let depth = 50; depth < 1500; depth += 50)
      for (const text of ["[".repeat(depth) + "]".repeat(depth), "- ".repeat(depth), "? ".repeat(depth)])
        expect(outcome(`a: ${text}`)).toBe("E_STRATEGY_INVALID");
  },
  TIMEOUT_MS,
);

test(
  "random damage is either harmless or refused with the one error",
  () => {
    const good = formatStrategy(strategyOf({ records: [passing("/run/app.pid"), readBack("/srv/state")] }));
    const damage = fc.record({
      at: fc.nat(good.length),
      cut: fc.nat(8),
      put: fc.string({ unit: "binary", maxLength: 3 }),
    });
    fc.assert(
      fc.property(damage, ({ at, cut, put }) => {
        expect(outcome(good.slice(0, at) + put + good.slice(at + cut))).toMatch(/^(?:read|E_STRATEGY_INVALID)$/);
      }),
    );
  },
  TIMEOUT_MS,
);

function outcome(text: string): string {
  try {
    parseStrategy(text, "x.yaml");
    return "read";
  } catch (error) {
    return error instanceof PetrifyError ? error.code : String(error);
  }
}
