import { describe, expect, test } from "vitest";
import {
  changed,
  dir,
  file,
  linesOf,
  passing,
  placesOf,
  readBack,
  socket,
  strategyOf,
  type World,
} from "./testing/world.ts";

const nginx = { exe: "/usr/sbin/nginx" };
const redis = { exe: "/usr/bin/redis-server" };
const postgres = { exe: "/usr/lib/postgresql/15/bin/postgres", uids: [102] };
const mosquitto = { exe: "/usr/sbin/mosquitto", uids: [106] };
const mariadb = { exe: "/usr/sbin/mariadbd", uids: [105] };
const apache = { exe: "/usr/sbin/apache2" };
const rabbitmq = { exe: "/usr/lib/erlang/erts-13.1.5/bin/beam.smp", uids: [110] };
const haproxy = { exe: "/usr/sbin/haproxy" };
const exim = { exe: "/usr/sbin/exim4" };
const postfix = { exe: "/usr/lib/postfix/sbin/master", uids: [106] };
const cups = { exe: "/usr/sbin/cupsd" };
const java = { exe: "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", uids: [996] };
const prometheus = { exe: "/usr/bin/prometheus", uids: [107] };
const dnsmasq = { exe: "/usr/sbin/dnsmasq" };
const fail2ban = { exe: "/usr/bin/fail2ban-server" };
const s6 = { exe: "/usr/bin/s6-supervise" };

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
      readBack("/var/lib/redis/*.aof", redis),
      file("/var/log/redis/redis-server.log", redis),
    ],
    expected: [
      "volume /var/lib/redis readBack 0750 101:101 | redis-server writes dump.rdb and *.aof, read again after a restart: data that must persist.",
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
      "volume /var/lib/postgresql/15/main readBack 0700 102:104 seeded | postgres writes global/pg_control and base/1/1259, read again after a restart: data that must persist.",
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
      "volume /var/lib/mosquitto assumed 0755 106:112 | mosquitto writes mosquitto.db, still there at the end: assumed to be data, because losing some is worse than a volume too many.",
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
      "volume /var/lib/mysql readBack 0755 105:113 seeded | mariadbd writes ibdata1, read again after a restart: data that must persist.",
    ],
  },
  "apache2 with PHP: sessions are forgotten, the empty shipped logs may vanish, the lock directory is made by root": {
    tree: [
      "/var/log/apache2/ 0750 0:4",
      "/var/log/apache2/error.log 0640 0:4 0",
      "/var/lib/php/sessions/ 1733",
      "/var/lib/php/modules/8.2/apache2/enabled_by_maint/opcache",
      "/var/www/html/index.php",
    ],
    records: [
      dir("/run/apache2", { exe: "/usr/bin/mkdir" }),
      passing("/run/apache2/apache2.pid", apache),
      dir("/run/lock/apache2", { exe: "/usr/bin/mkdir" }),
      changed("/var/log/apache2/error.log", { ...apache, createsItself: true }),
      file("/var/log/apache2/access.log", apache),
      file("/var/lib/php/sessions/sess_*", { ...apache, uids: [33] }),
      passing("/tmp/php*", { ...apache, uids: [33], sizeClassBytes: 2 ** 26 }),
    ],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | apache2 and mkdir write apache2/apache2.pid and apache2/: run-time files that are made anew at each start.",
      "tmpfs /run/lock 16MiB 1777 0:0 | mkdir writes apache2/: run-time files that are made anew at each start.",
      "tmpfs /tmp 128MiB 1777 0:0 | apache2 writes php*: temporary files.",
      "tmpfs /var/lib/php/sessions 64MiB 1733 0:0 | apache2 writes sess_*: sessions.",
      "tmpfs /var/log/apache2 64MiB 0750 0:4 | apache2 writes access.log and error.log: log files.",
    ],
  },
  "a PHP session that is read back after a restart is kept": {
    tree: ["/var/lib/php/sessions/ 1733"],
    records: [readBack("/var/lib/php/sessions/sess_*", { ...apache, uids: [33] })],
    expected: [
      "volume /var/lib/php/sessions readBack 1733 0:0 | apache2 writes sess_*, read again after a restart: data that must persist.",
    ],
  },
  "rabbitmq: cookie and tables share one volume": {
    tree: [
      "/var/lib/rabbitmq/ 0755 110:117",
      "/var/lib/rabbitmq/mnesia/ 0750 110:117",
      "/var/log/rabbitmq/ 0755 110:117",
    ],
    records: [
      readBack("/var/lib/rabbitmq/.erlang.cookie", rabbitmq),
      dir("/var/lib/rabbitmq/mnesia/rabbit@*", rabbitmq),
      readBack("/var/lib/rabbitmq/mnesia/rabbit@*/schema.DAT", rabbitmq),
      passing("/var/lib/rabbitmq/mnesia/rabbit@*.pid", rabbitmq),
      file("/var/log/rabbitmq/rabbit@*.log", rabbitmq),
    ],
    expected: [
      "volume /var/lib/rabbitmq readBack 0755 110:117 seeded | beam.smp writes .erlang.cookie and mnesia/rabbit@*/schema.DAT, read again after a restart: data that must persist.",
      "tmpfs /var/log/rabbitmq 64MiB 0755 110:117 | beam.smp writes rabbit@*.log: log files.",
    ],
  },
  "haproxy: the tmpfs on /run gives the shipped directory back, the chroot needs nothing": {
    tree: ["/run/haproxy/ 2775 105:113", "/var/lib/haproxy/"],
    records: [
      socket("/run/haproxy/admin.sock", haproxy),
      socket("/run/haproxy/admin.sock.*.tmp", {
        ...haproxy,
        done: ["bind", "rename"],
        movesTo: ["/run/haproxy/admin.sock"],
      }),
      passing("/run/haproxy.pid", haproxy),
    ],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | haproxy writes haproxy.pid: run-time files that are made anew at each start.",
      "tmpfs /run/haproxy 16MiB 2775 105:113 | haproxy writes admin.sock and admin.sock.*.tmp: run-time files that are made anew at each start.",
    ],
  },
  "postfix: mail is renamed from queue to queue, so the whole spool is one volume": {
    tree: [
      ...["active", "incoming", "maildrop", "defer"].map((queue) => `/var/spool/postfix/${queue}/ 0700 106:0`),
      "/var/spool/postfix/public/ 2710 106:116",
      "/var/spool/postfix/etc/resolv.conf",
      "/var/lib/postfix/ 0755 106:116",
    ],
    records: [
      passing("/var/spool/postfix/maildrop/*", {
        ...postfix,
        done: ["open", "rename", "write"],
        movesTo: ["/var/spool/postfix/incoming/*"],
      }),
      passing("/var/spool/postfix/incoming/*", {
        ...postfix,
        done: ["open", "rename", "write"],
        movesTo: ["/var/spool/postfix/active/*"],
      }),
      file("/var/spool/postfix/active/*", postfix),
      file("/var/spool/postfix/pid/unix.cleanup", postfix),
      socket("/var/spool/postfix/public/cleanup", postfix),
      file("/var/lib/postfix/master.lock", postfix),
    ],
    expected: [
      "tmpfs /var/lib/postfix 16MiB 0755 106:116 | master writes master.lock: nothing that lasts.",
      "volume /var/spool/postfix assumed 0755 0:0 seeded | master writes active/*, incoming/* and others: what waits there to be fetched or processed must not be lost with the container.",
    ],
  },
  "exim: a queue that the test saw drained is kept": {
    tree: ["input", "msglog", "db"].map((queue) => `/var/spool/exim4/${queue}/ 0750 100:102`),
    records: [
      passing("/var/spool/exim4/input/*-D", exim),
      passing("/var/spool/exim4/msglog/*", exim),
      file("/var/spool/exim4/db/retry.lockfile", exim),
    ],
    expected: [
      "tmpfs /var/spool/exim4/db 16MiB 0750 100:102 | exim4 writes retry.lockfile: nothing that lasts.",
      "volume /var/spool/exim4/input assumed 0750 100:102 | exim4 writes *-D: what waits there to be fetched or processed must not be lost with the container.",
      "volume /var/spool/exim4/msglog assumed 0750 100:102 | exim4 writes *: what waits there to be fetched or processed must not be lost with the container.",
    ],
  },
  "s6: what a supervisor knows of its processes goes with them": {
    tree: ["/etc/s6/tick/run 0755"],
    records: [
      dir("/etc/s6/tick/supervise", s6),
      ...["death_tally", "status"].flatMap((name) => [
        file(`/etc/s6/tick/supervise/${name}`, s6),
        passing(`/etc/s6/tick/supervise/${name}.new`, { ...s6, movesTo: [`/etc/s6/tick/supervise/${name}`] }),
      ]),
    ],
    expected: [
      "tmpfs /etc/s6/tick/supervise 16MiB 0755 0:0 | s6-supervise writes death_tally, death_tally.new and others: nothing that lasts.",
    ],
  },
  "s6: any other file there is data": {
    tree: ["/etc/s6/tick/run 0755"],
    records: [dir("/etc/s6/tick/supervise", s6), readBack("/etc/s6/tick/supervise/orders", s6)],
    expected: [
      "volume /etc/s6/tick/supervise readBack 0755 0:0 | s6-supervise writes orders, read again after a restart: data that must persist.",
    ],
  },
  "sshd: what a package ships for an init system that does not run is not given back": {
    tree: ["/run/sshd/", "/run/runit/supervise/"],
    records: [passing("/run/sshd.pid")],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | daemon writes sshd.pid: run-time files that are made anew at each start.",
      "tmpfs /run/sshd 16MiB 0755 0:0 | The image has this directory, and the mount on /run would hide it.",
    ],
  },
  "gunicorn: a SQLite database and uploads, in directories of its own making": {
    tree: ["/srv/app/app.py", "/srv/uploads/ 0755 33:33"],
    records: [
      dir("/srv/app/data", { exe: "/usr/bin/python3.11" }),
      readBack("/srv/app/data/notes.db", { exe: "/usr/bin/python3.11" }),
      file("/srv/uploads/first.jpg", { exe: "/usr/bin/python3.11" }),
    ],
    expected: [
      "volume /srv/app/data readBack 0755 0:0 | python3.11 writes notes.db, read again after a restart: data that must persist.",
      "volume /srv/uploads assumed 0755 33:33 | python3.11 writes first.jpg, still there at the end: assumed to be data, because losing some is worse than a volume too many.",
    ],
  },
  "cups: a configuration file is replaced by rename, so its directory is a seeded volume": {
    tree: [
      "/etc/cups/ 0755 0:7",
      "/etc/cups/cupsd.conf 0640 0:7",
      "/etc/cups/ppd/",
      "/var/cache/cups/ 0770 0:7",
      "/var/spool/cups/ 0710 0:7",
      "/run/cups/ 0755 0:7",
    ],
    records: [
      passing("/etc/cups/subscriptions.conf.N", {
        ...cups,
        done: ["open", "rename", "write"],
        movesTo: ["/etc/cups/subscriptions.conf"],
      }),
      file("/etc/cups/subscriptions.conf", { ...cups, done: ["rename"] }),
      file("/var/cache/cups/job.cache", cups),
      file("/var/spool/cups/d00001-001", cups),
      socket("/run/cups/cups.sock", cups),
    ],
    expected: [
      "volume /etc/cups assumed 0755 0:7 seeded | cupsd writes subscriptions.conf, still there at the end: assumed to be data, because losing some is worse than a volume too many.",
      "tmpfs /run/cups 16MiB 0755 0:7 | cupsd writes cups.sock: run-time files that are made anew at each start.",
      "tmpfs /var/cache/cups 64MiB 0770 0:7 | cupsd writes job.cache: a cache that can be made anew.",
      "volume /var/spool/cups assumed 0710 0:7 | cupsd writes d00001-001: what waits there to be fetched or processed must not be lost with the container.",
    ],
  },
  "tomcat: the work directory is a cache behind a symlink, unpacked libraries run from /tmp": {
    tree: [
      "/var/lib/tomcat10/work -> /var/cache/tomcat10",
      "/var/lib/tomcat10/webapps/ROOT/index.html",
      "/var/cache/tomcat10/ 0750 996:4",
      "/var/log/tomcat10/ 2770 996:4",
      "/etc/tomcat10/Catalina/localhost/ 0775 0:996",
    ],
    records: [
      dir("/var/cache/tomcat10/Catalina", java),
      dir("/var/cache/tomcat10/Catalina/localhost/ROOT", java),
      file("/var/log/tomcat10/catalina.*.log", java),
      dir("/tmp/hsperfdata_tomcat", { ...java, survived: false }),
      passing("/tmp/libjni*.so", { ...java, executed: true, done: ["mapexec", "open", "unlink", "write"] }),
    ],
    expected: [
      "tmpfs /tmp 64MiB 1777 0:0 exec | java writes libjni*.so and hsperfdata_tomcat/: temporary files; code in it is run.",
      "tmpfs /var/cache/tomcat10 64MiB 0750 996:4 | java writes Catalina/ and Catalina/localhost/ROOT/: a cache that can be made anew.",
      "tmpfs /var/log/tomcat10 64MiB 2770 996:4 | java writes catalina.*.log: log files.",
    ],
  },
  "prometheus: sparse segments are data": {
    tree: ["/var/lib/prometheus/ 0755 107:115", "/var/lib/prometheus/metrics2/ 0755 107:115"],
    records: [
      dir("/var/lib/prometheus/metrics2/wal", prometheus),
      readBack("/var/lib/prometheus/metrics2/wal/*", { ...prometheus, sizeClassBytes: 2 ** 27 }),
      passing("/var/lib/prometheus/metrics2/lock", prometheus),
      file("/var/lib/prometheus/metrics2/queries.active", prometheus),
    ],
    expected: [
      "volume /var/lib/prometheus/metrics2 readBack 0755 107:115 | prometheus writes wal/*, read again after a restart: data that must persist.",
    ],
  },
  "memcached: needs nothing": { records: [], expected: [] },
  "dnsmasq: leases in a directory that Debian ships empty": {
    records: [
      readBack("/var/lib/misc/dnsmasq.leases", dnsmasq),
      dir("/run/dnsmasq", { ...dnsmasq, done: ["chown", "mkdir"] }),
      passing("/run/dnsmasq/dnsmasq.pid", dnsmasq),
    ],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | dnsmasq writes dnsmasq/dnsmasq.pid and dnsmasq/: run-time files that are made anew at each start.",
      "volume /var/lib/misc readBack 0755 0:0 | dnsmasq writes dnsmasq.leases, read again after a restart: data that must persist.",
    ],
  },
  "fail2ban: a log straight in /var/log hides only what building the image left there, and gives the others' directories back":
    {
      tree: ["/var/log/nginx/ 0755 0:4", "/var/lib/fail2ban/"],
      records: [
        file("/var/log/fail2ban.log", fail2ban),
        readBack("/var/lib/fail2ban/fail2ban.sqlite3", fail2ban),
        socket("/run/fail2ban/fail2ban.sock", fail2ban),
        dir("/run/fail2ban", fail2ban),
      ],
      expected: [
        "tmpfs /run 16MiB 0755 0:0 | fail2ban-server writes fail2ban/fail2ban.sock and fail2ban/: run-time files that are made anew at each start.",
        "volume /var/lib/fail2ban readBack 0755 0:0 | fail2ban-server writes fail2ban.sqlite3, read again after a restart: data that must persist.",
        "tmpfs /var/log 64MiB 0755 0:0 | fail2ban-server writes fail2ban.log: log files.",
        "tmpfs /var/log/nginx 64MiB 0755 0:4 | The image has this directory, and the mount on /var/log would hide it.",
      ],
    },
  "sshd: /run ships a directory that it only looks at": {
    tree: ["/run/sshd/"],
    records: [passing("/run/sshd.pid", { exe: "/usr/sbin/sshd" })],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | sshd writes sshd.pid: run-time files that are made anew at each start.",
      "tmpfs /run/sshd 16MiB 0755 0:0 | The image has this directory, and the mount on /run would hide it.",
    ],
  },
};

describe("the strategy of a Debian package", () => {
  test.each(Object.entries(PACKAGES))("%s", (_name, { expected, ...world }) => {
    expect(linesOf(strategyOf(world))).toEqual(expected);
  });

  // A test that stores nothing would find a database alike in each fresh start.
  test.each(Object.entries(PACKAGES))("keeps the same if fresh starts made all of it alike: %s", (_name, world) => {
    const records = (world.records ?? []).map((record) => ({ ...record, regenerated: true }) as const);
    expect(placesOf({ ...world, records })).toEqual(placesOf(world));
  });
});
