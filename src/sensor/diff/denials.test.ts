import { expect, test } from "vitest";
import { denialsIn } from "./denials.ts";

test.each([
  [
    "nginx",
    `2026/11/26 15:00:00 [emerg] 1#1: open() "/run/nginx.pid" failed (30: Read-only file system)`,
    ["open /run/nginx.pid"],
  ],
  [
    "nginx, at its start",
    `nginx: [emerg] mkdir() "/var/lib/nginx/body" failed (30: Read-only file system)`,
    ["mkdir /var/lib/nginx/body"],
  ],
  [
    "nginx, of a request",
    `2026/11/26 15:00:00 [crit] 7#7: *3 open() "/var/lib/nginx/body/0000000001" failed (30: Read-only file system), client: 127.0.0.1, server: upload, request: "POST /upload HTTP/1.1", host: "/x"`,
    ["open /var/lib/nginx/body/0000000001"],
  ],
  ["Python", `OSError: [Errno 30] Read-only file system: '/srv/app/state'`, ["open /srv/app/state"]],
  [
    "Python, logged with where",
    `ERROR:root:File "/app/main.py" failed: [Errno 30] Read-only file system: '/srv/app/state'`,
    ["open /srv/app/state"],
  ],
  [
    "Python, a rename",
    `OSError: [Errno 30] Read-only file system: '/srv/a.tmp' -> '/srv/a'`,
    ["open /srv/a.tmp", "open /srv/a"],
  ],
  ["Python, an apostrophe", `OSError: [Errno 30] Read-only file system: "/srv/it's"`, ["open /srv/it's"]],
  [
    "Java, java.io",
    `java.io.FileNotFoundException: /srv/app/state.log (Read-only file system)`,
    ["open /srv/app/state.log"],
  ],
  [
    "Java, java.nio",
    `Caused by: java.nio.file.FileSystemException: /srv/app/tmp: Read-only file system`,
    ["open /srv/app/tmp"],
  ],
  ["Node", `Error: EROFS: read-only file system, open '/srv/app/cache.json'`, ["open /srv/app/cache.json"]],
  ["Node, a directory", `Error: EROFS: read-only file system, mkdir '/srv/app/cache'`, ["mkdir /srv/app/cache"]],
  [
    "Node, a rename",
    `Error: EROFS: read-only file system, rename '/srv/a.tmp' -> '/srv/a'`,
    ["rename /srv/a.tmp", "rename /srv/a"],
  ],
  [
    "PostgreSQL",
    `2026-11-26 15:00:00.000 UTC [1] FATAL:  could not create lock file "/var/run/postgresql/.s.PGSQL.5432.lock": Read-only file system`,
    ["open /var/run/postgresql/.s.PGSQL.5432.lock"],
  ],
  [
    "PostgreSQL, a directory",
    `FATAL:  could not create directory "/var/lib/postgresql/15/main/base/pgsql_tmp": Read-only file system`,
    ["mkdir /var/lib/postgresql/15/main/base/pgsql_tmp"],
  ],
  [
    "redis",
    `1:M 26 Nov 2026 15:00:00.000 # Failed opening the temp RDB file temp-12.rdb (in server root dir /var/lib/redis) for saving: Read-only file system`,
    ["open /var/lib/redis/temp-12.rdb"],
  ],
  ["busybox sh", `sh: can't create /run/app.pid: Read-only file system`, ["open /run/app.pid"]],
  [
    "busybox sh, a script",
    `/entrypoint.sh: line 3: can't create /run/app.pid: Read-only file system`,
    ["open /run/app.pid"],
  ],
  ["dash", `/entrypoint.sh: 3: cannot create /run/app.pid: Read-only file system`, ["open /run/app.pid"]],
  ["bash", `/entrypoint.sh: line 3: /run/app.pid: Read-only file system`, ["open /run/app.pid"]],
  ["coreutils, UTF-8", `touch: cannot touch \u2018/srv/a b\u2019: Read-only file system`, ["open /srv/a b"]],
  ["coreutils, a directory", `mkdir: cannot create directory '/srv/d/': Read-only file system`, ["mkdir /srv/d"]],
  ["coreutils, removal", `rm: cannot remove '/srv/old': Read-only file system`, ["unlink /srv/old"]],
  ["coreutils, mv", `mv: cannot move '/srv/a' to '/srv/b': Read-only file system`, ["rename /srv/a", "rename /srv/b"]],
  [
    "coreutils, ln",
    `ln: failed to create symbolic link '/srv/link' -> '/srv/target': Read-only file system`,
    ["symlink /srv/link"],
  ],
  ["coreutils, chown", `chown: changing ownership of '/srv/data': Read-only file system`, ["chown /srv/data"]],
  ["sed", `sed: couldn't open temporary file /etc/app/sedXyZ123: Read-only file system`, ["open /etc/app/sedXyZ123"]],
  ["Go", `panic: open /srv/app/state: read-only file system`, ["open /srv/app/state"]],
  [
    "Go, a directory, as JSON",
    `{"level":"error","msg":"mkdir /srv/app/cache: read-only file system"}`,
    ["mkdir /srv/app/cache"],
  ],
  [
    "nginx, as JSON",
    String.raw`{"log":"open() \"/run/nginx.pid\" failed (30: Read-only file system)\n"}`,
    ["open /run/nginx.pid"],
  ],
  [
    "perl",
    `Cannot open /srv/app/state: Read-only file system at /usr/local/bin/app.pl line 3.`,
    ["open /srv/app/state"],
  ],
  [
    "PHP",
    `PHP Warning:  fopen(/srv/app/state): Failed to open stream: Read-only file system in /var/www/index.php on line 3`,
    ["open /srv/app/state"],
  ],
  [
    "Ruby",
    `app.rb:1:in 'initialize': Read-only file system @ rb_sysopen - /srv/app/state (Errno::EROFS)`,
    ["open /srv/app/state"],
  ],
  [
    ".NET",
    `Unhandled exception. System.IO.IOException: Read-only file system : '/srv/app/state'`,
    ["open /srv/app/state"],
  ],
  [
    "Apache",
    `(30)Read-only file system: AH00091: apache2: could not open error log file /var/log/apache2/error.log.`,
    ["open /var/log/apache2/error.log"],
  ],
  ["a colour", `\u001b[31mError:\u001b[0m EROFS: read-only file system, open '/srv/x'`, ["open /srv/x"]],
])("%s", (_who, line, expected) => {
  const { denials, unplaced } = denialsIn(`before\n${line}\nafter /srv/other: No such file or directory\n`);
  expect(denials.map(({ operation, path }) => `${operation} ${path}`)).toEqual(expected);
  expect(unplaced).toBe(false);
});

test.each([
  ["a name without its directory", `FATAL:  could not create lock file "postmaster.pid": Read-only file system`],
  ["no name at all", `Can't open the log file: Read-only file system`],
  ["Rust", `Error: Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" }`],
  ["an escaped name", String.raw`OSError: [Errno 30] Read-only file system: '/srv/a\nb'`],
  ["the root itself", `mkdir: cannot create directory '/': Read-only file system`],
  ["a path that is not one", `sh: can't create ${"/x".repeat(3000)}: Read-only file system`],
])("a refusal that cannot be placed is told: %s", (_what, line) => {
  expect(denialsIn(line)).toEqual({ denials: [], unplaced: true });
});

test("each is told once, and what climbs is taken as the kernel would", () => {
  const line = "sh: can't create /srv/../run//x: Read-only file system";
  expect(denialsIn(`${line}\n${line}`).denials).toEqual([{ path: "/run/x", operation: "open" }]);
});

test("a hostile log is read in bounded time, and gives a bounded answer", () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `open /srv/${index}: read-only file system`);
  expect(denialsIn(lines.join("\n")).denials).toHaveLength(1000);
  for (const piece of [`"`, "/", "'/a' -> ", "`", " (in server dir ", "create the ", "\u001b["])
    expect(denialsIn(`${piece.repeat(1_000_000)} Read-only file system`).denials).toEqual([]);
});

test("other failures are no refusals", () => {
  expect(denialsIn("open /srv/x: permission denied\nread-only mode: /srv/x\n")).toEqual({
    denials: [],
    unplaced: false,
  });
});
