import { describe, expect, test } from "vitest";
import { changed, dir, file, linesOf, passing, readBack, socket, strategyOf, type World } from "./testing/world.ts";

const nginx = { exe: "/usr/sbin/nginx" };
const redis = { exe: "/usr/bin/redis-server" };
const postgres = { exe: "/usr/lib/postgresql/15/bin/postgres", uids: [102] };
const mosquitto = { exe: "/usr/sbin/mosquitto", uids: [106] };
const mariadb = { exe: "/usr/sbin/mariadbd", uids: [105] };

/** What a Debian package ships, what its daemon was seen doing, and the whole strategy that must follow. */
const PACKAGES: Readonly<Record<string, World & { readonly expected: readonly string[] }>> = {
  "nginx: empty shipped logs may vanish, temporary directories come anew": {
    tree: [
      "/etc/nginx/nginx.conf",
      "/var/lib/nginx/",
      "/var/log/nginx/ 0755 0:4",
      "/var/log/nginx/access.log 0640 33:4 0",
      "/var/log/nginx/error.log 0640 33:4 0",
    ],
    records: [
      file("/run/nginx.pid", { ...nginx, survived: false }),
      changed("/var/log/nginx/access.log", { ...nginx, createsItself: true }),
      changed("/var/log/nginx/error.log", { ...nginx, createsItself: true }),
      ...["body", "fastcgi", "proxy", "scgi", "uwsgi"].map((name) =>
        dir(`/var/lib/nginx/${name}`, { ...nginx, done: ["chown", "mkdir"], owner: { uid: 33, gid: 0, mode: 0o700 } }),
      ),
      passing("/var/lib/nginx/body/*", nginx),
    ],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | nginx writes nginx.pid: run-time files that are made anew at each start.",
      "tmpfs /var/lib/nginx 16MiB 0755 0:0 | nginx writes body/*, body/ and others: nothing that lasts.",
      "tmpfs /var/log/nginx 64MiB 0755 0:4 | nginx writes access.log and error.log: log files.",
    ],
  },
  "redis: the dump is read back, the log directory keeps its owner and setgid": {
    tree: ["/var/lib/redis/ 0750 101:101", "/var/log/redis/ 2750 101:4"],
    records: [
      passing("/var/lib/redis/temp-*.rdb", {
        ...redis,
        done: ["open", "rename", "write"],
        movesTo: ["/var/lib/redis/dump.rdb"],
      }),
      readBack("/var/lib/redis/dump.rdb", redis),
      file("/var/log/redis/redis-server.log", redis),
    ],
    expected: [
      "volume /var/lib/redis readBack 0750 101:101 | redis-server writes dump.rdb and reads it after a restart: data that must persist.",
      "tmpfs /var/log/redis 64MiB 2750 101:4 | redis-server writes redis-server.log: log files.",
    ],
  },
  "postgres: the volume goes on exactly the shipped cluster, the socket directory keeps its owner": {
    tree: [
      "/var/lib/postgresql/15/main/ 0700 102:104",
      "/var/lib/postgresql/15/main/PG_VERSION 0600 102:104 3",
      "/var/lib/postgresql/15/main/base/1/1259 0600 102:104 8192",
      "/var/lib/postgresql/15/main/global/pg_control 0600 102:104 8192",
      "/run/postgresql/ 2775 102:104",
      "/var/log/postgresql/ 1775 0:104",
    ],
    records: [
      readBack("/var/lib/postgresql/15/main/base/1/1259", { ...postgres, created: false, createsItself: false }),
      readBack("/var/lib/postgresql/15/main/global/pg_control", { ...postgres, created: false, createsItself: false }),
      passing("/var/lib/postgresql/15/main/postmaster.pid", postgres),
      passing("/var/lib/postgresql/15/main/pg_stat_tmp/global.tmp", postgres),
      socket("/run/postgresql/.s.PGSQL.5432", postgres),
      passing("/run/postgresql/.s.PGSQL.5432.lock", postgres),
      file("/var/log/postgresql/postgresql-15-main.log", postgres),
    ],
    expected: [
      "tmpfs /run/postgresql 16MiB 2775 102:104 | postgres writes .s.PGSQL.5432 and .s.PGSQL.5432.lock: run-time files that are made anew at each start.",
      "volume /var/lib/postgresql/15/main readBack 0700 102:104 seeded | postgres writes global/pg_control and base/1/1259 and reads it after a restart: data that must persist.",
      "tmpfs /var/log/postgresql 64MiB 1775 0:104 | postgres writes postgresql-15-main.log: log files.",
    ],
  },
  "mosquitto: persistence that the test did not read back is assumed": {
    tree: ["/var/lib/mosquitto/ 0755 106:112", "/var/log/mosquitto/ 0755 106:0", "/run/mosquitto/ 0755 106:0"],
    records: [
      file("/var/lib/mosquitto/mosquitto.db", mosquitto),
      file("/var/log/mosquitto/mosquitto.log", mosquitto),
      passing("/run/mosquitto/mosquitto.pid", mosquitto),
    ],
    expected: [
      "tmpfs /run/mosquitto 16MiB 0755 106:0 | mosquitto writes mosquitto.pid: run-time files that are made anew at each start.",
      "volume /var/lib/mosquitto assumed 0755 106:112 | mosquitto writes mosquitto.db and leaves it: assumed to be data, because losing some is worse than a volume too many.",
      "tmpfs /var/log/mosquitto 64MiB 0755 106:0 | mosquitto writes mosquitto.log: log files.",
    ],
  },
  "mariadb: a log preallocated with 96 MiB sizes nothing, it is in the volume; the socket directory is made by root": {
    tree: ["/var/lib/mysql/ 0755 105:113", "/var/lib/mysql/ibdata1 0660 105:113 12582912", "/run/mysqld/ 0755 105:0"],
    records: [
      readBack("/var/lib/mysql/ibdata1", { ...mariadb, created: false, createsItself: false }),
      file("/var/lib/mysql/ib_logfile0", { ...mariadb, sizeClassBytes: 2 ** 27 }),
      passing("/run/mysqld/mysqld.pid", mariadb),
      socket("/run/mysqld/mysqld.sock", mariadb),
      passing("/tmp/ib*", { ...mariadb, sizeClassBytes: 4096 }),
    ],
    expected: [
      "tmpfs /run/mysqld 16MiB 0755 105:0 | mariadbd writes mysqld.pid and mysqld.sock: run-time files that are made anew at each start.",
      "tmpfs /tmp 64MiB 1777 0:0 | mariadbd writes ib*: temporary files.",
      "volume /var/lib/mysql readBack 0755 105:113 seeded | mariadbd writes ibdata1 and reads it after a restart: data that must persist.",
    ],
  },
};

describe("the strategy of a Debian package", () => {
  test.each(Object.entries(PACKAGES))("%s", (_name, { expected, ...world }) => {
    expect(linesOf(strategyOf(world))).toEqual(expected);
  });
});
