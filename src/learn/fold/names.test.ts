import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generaliseName, generalisePath, generaliseTemporaryFile, generaliseTemporaryName } from "./names.ts";

describe("names that mean something stay", () => {
  test.each([
    ..."php8.2 15 main x86_64 x86_64-linux-gnu python3.11 libssl.so.3 libfoo.so.1.0.12345 node_modules pg_wal PG_VERSION pg_hba.conf".split(
      " ",
    ),
    ..."redis-6379.pid mongodb-27017.sock .s.PGSQL.5432 .s.PGSQL.5432.lock mysqlx.sock.lock .X11-unix .X99-lock 1 00 c 29 0000".split(
      " ",
    ),
    ..."access.log access.log.1 access.log.2.gz app.conf.d README LICENSE.txt Makefile Cargo.lock package-lock.json".split(
      " ",
    ),
    ..."dump.rdb appendonly.aof.1.base.rdb appendonly.aof.2.incr.aof mosquitto.db.new ib_logfile0 undo_001 mysql.ibd".split(
      " ",
    ),
    ..."1259_fsm 1259_vm pg_internal.init replorigin_checkpoint PostgreSQL.conf".split(" "),
    ..."com.example.MyApplication ExampleUnitTest.class GeoLite2-City.mmdb utf8mb4 base64 sha256sums i18n log4j2.xml".split(
      " ",
    ),
    ..."deadbeef facade feedface cafe body proxy fastcgi .cache .config .bash_history tmp temp lost+found".split(" "),
    ..."systemd-resolved.service app.service.d db.backup app.config.json session store 2024 v1.2.3 1.22.1 linux-6.18.44".split(
      " ",
    ),
    ..."ccache.conf cc cc1plus account.c ccsimple.conf cctools.log rapid2 stupid-1 my_tmp_uploads tmp_uploads tmpfiles.d template-12 attempt-3 foo.bar.bazqux".split(
      " ",
    ),
  ])("%s", (name) => {
    expect(generaliseName(name)).toBe(name);
  });
});

describe("variable parts become *", () => {
  test.each([
    [".nfs000000000123abcd00000007", ".nfs*"],
    ["app.tmp.123", "app.tmp.*"],
    ["temp-123.rdb", "temp-*.rdb"],
    ["temp-7.rdb", "temp-*.rdb"],
    ["temp-rewriteaof-bg-17.aof", "temp-rewriteaof-bg-*.aof"],
    ["pgsql_tmp17.0", "pgsql_tmp*.*"],
    ["xlogtemp.23", "xlogtemp.*"],
    ["000000010000000000000001", "*"],
    ["0000000100000000000000AB.partial", "*.partial"],
    ["0000000000000000-0000000000000000.wal", "*.wal"],
    ["0000000001", "*"],
    ["16384", "*"],
    ["16384_fsm", "*_fsm"],
    ["binlog.000001", "binlog.*"],
    ["#ib_16384_0.dblwr", "#ib_*_0.dblwr"],
    ["#sql-1f_3.ibd", "#sql-*.ibd"],
    ["#sql-alter-1f-3.frm", "#sql-alter-*.frm"],
    ["#sql-temptable-1-b-bd.MAD", "#sql-temptable-*.MAD"],
    ["#123456", "#*"],
    ["#77 (deleted)", "#*"],
    ["core.7", "core.*"],
    ["hs_err_pid17.log", "hs_err_pid*.log"],
    [".java_pid17", ".java_pid*"],
    [".attach_pid4", ".attach_pid*"],
    ["dotnet-diagnostic-17-123456-socket", "dotnet-diagnostic-*-socket"],
    ["mutex.lock.44", "mutex.lock.*"],
    ["app.pid.44", "app.pid.*"],
    ["worker-123456.sock", "worker-*.sock"],
    ["sess_0123456789abcdefghijklmnop", "sess_*"],
    ["tmp.aB3dE9xK1z", "tmp.*"],
    ["tmp.abcdefghij", "tmp.*"],
    ["tmpk3j2_x9q", "tmp*"],
    ["tmpabcdefgh", "tmp*"],
    ["tmpabcdefgh.so", "tmp*.so"],
    ["phpAb3dEf", "php*"],
    ["upload_4b8ddf1a_00f6_4ae6_a0a1_9bd0adbd4f21_00000003.tmp", "upload_*.tmp"],
    ["tmp-4b8ddf1a07", "tmp-*"],
    ["sedXk2PqR", "sed*"],
    ["state.aB3dE9", "state.*"],
    ["state-aB3dE9.json", "state-*.json"],
    ["magick-Xy12Zw34", "magick-*"],
    [".org.chromium.Chromium.aBcDeF", ".org.chromium.Chromium.*"],
    ["550e8400-e29b-41d4-a716-446655440000.json", "*.json"],
    ["550E8400-E29B-41D4-A716-446655440000", "*"],
    ["rabbit@1a2b3c4d5e6f", "rabbit@*"],
    ["1xV5JI-00000x-21-D", "*-D"],
    ["tmp-QrkuHaxjAP", "tmp-*"],
    ["476829.155", "*.*"],
    ["app-2024-01-01.1", "app-*.*"],
    ["tmp-CbO1osKZ3z", "tmp-*"],
    ["upload.tmp-aB3dE9", "upload.tmp-*"],
    ["1xV5JI-00000000x2C-21aB", "*"],
    ["b7f54b2df7773722d382f4809d65029c", "*"],
    ["01HXYZ3K9QJ7M2N4P5R6S7T8V9", "*"],
    ["systemd-private-0123456789abcdef0123456789abcdef-app.service-aB3dE9", "systemd-private-*-app.service-*"],
    ["access.log-20240131", "access.log-*"],
    ["localhost.2024-01-31.log", "localhost.*.log"],
    ["2024-01-31T12_34_56_789Z-debug-0.log", "*-debug-0.log"],
    ["backup_2024-01-31_12-34-56.sql", "backup_*.sql"],
    ["backup-20240131-123456.tar.gz", "backup-*.tar.gz"],
    ["app-2024-01.log", "app-*.log"],
    ["peer-192.168.1.17.log", "peer-*.log"],
    ["foo.cpython-311.pyc.140234234234", "foo.cpython-311.pyc.*"],
    ["go-build1234567", "go-build*"],
  ])("%s -> %s", (name, expected) => {
    expect(generaliseName(name)).toBe(expected);
  });
});

/** What mkstemp and its relatives draw from, each as prefix, generator and the pattern it must always give. */
const ALNUM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
function drawn(letters: string, length: number): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...letters.split("")), { minLength: length, maxLength: length })
    .map((all) => all.join(""));
}

describe("every name that a generator can give becomes one pattern", () => {
  test.each<[string, fc.Arbitrary<string>, string]>([
    ["mktemp", drawn(ALNUM, 10).map((text) => `tmp.${text}`), "tmp.*"],
    [
      "Python's tempfile",
      drawn("abcdefghijklmnopqrstuvwxyz0123456789_", 8)
        .filter((text) => !/^_[a-z]+$/.test(text))
        .map((text) => `tmp${text}`),
      "tmp*",
    ],
    ["gcc's object", drawn(ALNUM, 6).map((text) => `cc${text}.o`), "cc*.o"],
    ["collect2's source", drawn(ALNUM, 6).map((text) => `cc${text}.cdtor.c`), "cc*.cdtor.c"],
    ["PHP session", drawn("0123456789abcdefghijklmnopqrstuv", 26).map((text) => `sess_${text}`), "sess_*"],
    ["uuid", fc.uuid().map((text) => `${text}.json`), "*.json"],
    ["pid behind temp", fc.nat(4_194_304).map((pid) => `temp-${pid}.rdb`), "temp-*.rdb"],
    ["sha256", drawn("0123456789abcdef", 63).map((text) => `1${text}`), "*"],
    [
      "day",
      fc
        .date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true })
        .map((day) => `app.${day.toISOString().slice(0, 10)}.log`),
      "app.*.log",
    ],
    [
      "time stamp",
      fc
        .date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true })
        .map((day) => day.toISOString()),
      "*",
    ],
    ["counter", fc.nat(9_999_999_999).map((n) => String(n).padStart(10, "0")), "*"],
  ])("%s", (_, names, pattern) => {
    fc.assert(
      fc.property(names, (name) => {
        expect(generaliseName(name)).toBe(pattern);
      }),
    );
  });

  test("a template's random part, known by the name it is renamed to, even when it looks like a word", () => {
    fc.assert(
      fc.property(drawn(ALNUM, 6), (random) => {
        expect(generaliseTemporaryName(`state.json.${random}`, "state.json")).toBe("state.json.*");
        expect(generaliseTemporaryName(`.${random}-state.json`, "state.json")).toBe(".*-state.json");
      }),
    );
  });
});

describe("a name straight in a directory of temporary files", () => {
  const PYTHON = "abcdefghijklmnopqrstuvwxyz0123456789_";
  test.each<[string, fc.Arbitrary<string>, string]>([
    ["Python's probe for a directory", drawn(PYTHON, 8), "*"],
    ["Python with a prefix", drawn(PYTHON, 8).map((text) => `worker-${text}`), "worker-*"],
    ["Python with prefix and suffix", drawn(PYTHON, 8).map((text) => `page-${text}.html`), "page-*.html"],
    ["Perl's File::Temp", drawn(`${ALNUM}_`, 10), "*"],
    ["mkstemp", drawn(ALNUM, 6).map((text) => `app.${text}`), "app.*"],
    ["mkstemp behind a program's name", drawn(ALNUM, 6).map((text) => `php${text}`), "php*"],
  ])("%s, even when chance made it look like a word", (_, names, pattern) => {
    fc.assert(
      fc.property(names, (name) => {
        expect(generaliseTemporaryFile(name)).toBe(pattern);
      }),
    );
  });

  test.each([
    "hsperfdata_root",
    ".X11-unix",
    "mysql.sock",
    "gunicorn.sock",
    "app-gunicorn.sock",
    ".s.PGSQL.5432",
    "mysqlx.sock.lock",
  ])("%s stays", (name) => {
    expect(generaliseTemporaryFile(name)).toBe(name);
  });
});

describe("a name that is renamed", () => {
  test.each([
    ["x.tmp", "x", "x.tmp"],
    ["x.new", "x", "x.new"],
    ["log", "log.1", "log"],
    ["other", "x", "other"],
    ["x.tmp.17", "x", "x.tmp.*"],
    ["pg_internal.init.12", "pg_internal.init", "pg_internal.init.*"],
    ["7-state", "state", "*-state"],
    ["x2", "x", "x*"],
    ["known_hosts.FbK78gsrzSW", "known_hosts", "known_hosts.*"],
    ["olcDatabase={1}mdb.qcfkxd", "olcDatabase={1}mdb.ldif", "olcDatabase={1}mdb.*"],
    ["qcfkxd", "config.ldif", "qcfkxd"],
    ["tmp.mloytv", "root", "tmp.*"],
    ["phpFSSO16", "photo.jpg", "php*"],
    ["upload_4b8ddf1a_00f6_4ae6_a0a1_9bd0adbd4f21_00000003.tmp", "photo.jpg", "upload_*.tmp"],
    ["upload.mloytv.tmp", "photo.jpg", "upload.*.tmp"],
    ["config.new", "active", "config.new"],
    ["data.new", "data.db", "data.new"],
    ["app.log.1", "app.log.2", "app.log.1"],
  ])("%s to %s", (name, finalName, expected) => {
    expect(generaliseTemporaryName(name, finalName)).toBe(expected);
  });
});

test("a generalised name stays as it is, and never gets longer or another directory", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40, unit: "binary" }), (name) => {
      const once = generaliseName(name);
      expect(generaliseName(once)).toBe(once);
      expect(once.split("/").length).toBe(name.split("/").length);
    }),
    { numRuns: 2_000 },
  );
});

test("names made to be slow are not", () => {
  for (const part of ["a", "1", "-", "aA", "0-", "Aa1", "2024-", ".1"]) {
    const name = part.repeat(4_000 / part.length);
    expect(generaliseName(name).length).toBeLessThanOrEqual(name.length);
  }
});

test("a path is generalised name by name", () => {
  expect(generalisePath("/tmp/tmp.aB3dE9xK1z/bin/app-8.2")).toBe("/tmp/tmp.*/bin/app-8.2");
});
