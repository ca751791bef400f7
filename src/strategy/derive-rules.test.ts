import { unseen } from "../model/unseen.ts";
import { describe, expect, test } from "vitest";
import { changed, dir, file, linesOf, passing, readBack, socket, strategyOf, type World } from "./testing/world.ts";

type Cases = Readonly<Record<string, World & { readonly expected: readonly string[] }>>;

const python = { exe: "/usr/bin/python3.11" };
const PYTHON_DENIED = "python3.11 writes this: Python keeps compiled code beside its source and runs as well without.";

const ACCOUNTS =
  "# Make the accounts while the image is built, not when it starts: / RUN groupadd --system <group> && useradd --system --gid <group> --no-create-home <user>";
const TRUSTED =
  "# Programs and what decides who may do what come with the image (petrify bake takes what each start makes alike):";

/** What a program does to so many files of its own that it only reads. */
function askedOf(count: number): World["records"] & object {
  const failed = [{ operation: "access", errno: "EACCES" }] as const;
  return Array.from({ length: count }, (_, n) =>
    changed(`/usr/lib/app/${n}`, n % 2 === 0 ? { done: [], failed } : { done: ["access", "read"] }),
  );
}

const PLACES: Cases = {
  "a script that writes /srv/state and reads it back": {
    records: [readBack("/srv/state", { exe: "/bin/sh" })],
    expected: ["volume /srv readBack 0755 0:0 | sh writes state, read again after a restart: data that must persist."],
  },
  "a tmpfs that Podman lends a read-only container is none that is there elsewhere; one that the workload mounts is": {
    tree: ["/run/"],
    records: [
      file("/run/daemon.pid", { mount: "/run", mountType: "tmpfs" }),
      file("/run/user/0/socket", { mount: "/run/user/0", mountType: "tmpfs" }),
    ],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | daemon writes daemon.pid: run-time files that are made anew at each start.",
    ],
  },
  "a configuration that the entrypoint renders at each start is no data": {
    tree: ["/etc/nginx/conf.d/"],
    records: [file("/etc/nginx/conf.d/app.conf", { exe: "/usr/bin/envsubst", renewed: true })],
    expected: [
      "tmpfs /etc/nginx/conf.d 16MiB 0755 0:0 | envsubst writes app.conf: files that are made anew at each start.",
    ],
  },
  "a directory on which there is a mount is not denied as well, whatever else was done to it": {
    tree: ["/var/spool/cron/crontabs/ 1730 0:101"],
    records: [
      changed("/var/spool/cron/crontabs", { type: "dir", done: ["utimes"] }),
      readBack("/var/spool/cron/crontabs/root", { exe: "/usr/bin/crontab" }),
    ],
    expected: [
      "volume /var/spool/cron/crontabs readBack 1730 0:101 | crontab writes root, read again after a restart: data that must persist.",
    ],
  },
  "log rotation moves away the image's empty files, which are no reason to keep the logs": {
    tree: ["/var/log/btmp 0660 0:43 0", "/var/log/README"],
    records: [
      changed("/var/log/btmp", {
        done: ["chmod", "open", "rename"],
        movesTo: ["/var/log/btmp.1"],
        exe: "/usr/sbin/logrotate",
      }),
      file("/var/log/btmp.1", { done: ["rename"], exe: "/usr/sbin/logrotate" }),
      file("/var/log/syslog", { exe: "/usr/sbin/rsyslogd" }),
    ],
    expected: ["tmpfs /var/log 64MiB 0755 0:0 | logrotate and rsyslogd write btmp, btmp.1 and others: log files."],
  },
  "a directory of its own below the root, owned by whom it was given to": {
    records: [dir("/data", { done: ["chown", "mkdir"], owner: { uid: 999, gid: 999, mode: 0o700 } }), file("/data/db")],
    expected: [
      "volume /data assumed 0700 999:999 | daemon writes db, still there at the end: assumed to be data, because losing some is worse than a volume too many; the image does not have the directory, and a new volume is root's: make it in the image, owned by 999:999.",
    ],
  },
  "a data directory that an app makes that is not root: the volume goes where the image has an owner to give it": {
    tree: ["/srv/app/ 0755 999:999", "/srv/app/readme.txt 0644 999:999"],
    records: [
      dir("/srv/app/data", { uids: [999], owner: { uid: 999, gid: 999, mode: 0o755 } }),
      file("/srv/app/data/db", { uids: [999] }),
    ],
    expected: [
      "volume /srv/app assumed 0755 999:999 seeded | daemon writes data/db, still there at the end: assumed to be data, because losing some is worse than a volume too many.",
    ],
  },
  "the same beside its program: a volume would keep the old one, so the image must have the directory": {
    tree: ["/srv/app/ 0755 999:999", "/srv/app/server.js 0644 999:999"],
    records: [
      dir("/srv/app/data", { uids: [999], owner: { uid: 999, gid: 999, mode: 0o755 } }),
      file("/srv/app/data/db", { uids: [999] }),
    ],
    expected: [
      "volume /srv/app/data assumed 0755 999:999 | daemon writes db, still there at the end: assumed to be data, because losing some is worse than a volume too many; the image does not have the directory, and a new volume is root's: make it in the image, owned by 999:999.",
    ],
  },
  "HOME=/ and a cache in it": {
    records: [
      dir("/.cache"),
      dir("/.cache/fontconfig"),
      file("/.cache/fontconfig/a.cache-8", { sizeClassBytes: 2 ** 26 }),
    ],
    expected: [
      "tmpfs /.cache 128MiB 0755 0:0 | daemon writes fontconfig/a.cache-8 and fontconfig/: a cache that can be made anew.",
    ],
  },
  "a file straight in the root belongs into the image": {
    records: [readBack("/state.txt")],
    expected: [
      "image /state.txt open,write {RUN mkdir -p /var/lib/app && ln -s /var/lib/app/state.txt /state.txt} | daemon writes this: / is never writable, because it is the root itself, and it is read back after a restart; it belongs into the image, or a setting moves it.",
    ],
  },
  "files straight in /etc stay refused, its engine files with their own reason": {
    records: [
      file("/etc/sed*", { exe: "/bin/sed" }),
      changed("/etc/hosts", { mount: "/etc/hosts", mountType: "ext4" }),
      file("/etc/passwd-"),
    ],
    expected: [
      "deny /etc/hosts open,write | daemon writes this: the engine writes this file itself; use its settings for hosts, names and DNS.",
      `image /etc/passwd- open,write {${ACCOUNTS}} | daemon writes this: accounts belong into the image.`,
      "image /etc/sed* open,write {# The names vary: let a setting of the application move them, or make the files while the image is built.} | sed writes this: /etc is never writable, because it holds the configuration of the whole image; it belongs into the image, or a setting moves it.",
    ],
  },
  "what decides who may do what is never writable, nor what the package manager knows": {
    tree: ["/etc/ssl/certs/ca.pem"],
    records: [
      file("/etc/ssl/certs/own.pem"),
      changed("/var/lib/dpkg/status"),
      file("/usr/bin/tool"),
      file("/usr/lib/python3/x.so"),
    ],
    expected: [
      `image /etc/ssl/certs/own.pem open,write {${TRUSTED} / COPY <finished> /etc/ssl/certs/own.pem} | daemon writes this: /etc/ssl/certs is never writable, because it decides who may do what, or what is run; it belongs into the image, or a setting moves it.`,
      `image /usr/bin/tool open,write {${TRUSTED} / COPY <finished> /usr/bin/tool} | daemon writes this: /usr/bin is never writable, because it holds the programs and libraries of the image; it belongs into the image, or a setting moves it.`,
      `image /usr/lib/python3/x.so open,write {${TRUSTED} / COPY <finished> /usr/lib/python3/x.so} | daemon writes this: /usr/lib is never writable, because it holds the programs and libraries of the image; it belongs into the image, or a setting moves it.`,
      `image /var/lib/dpkg/status open,write {${TRUSTED} / COPY <finished> /var/lib/dpkg/status} | daemon writes this: /var/lib/dpkg is never writable, because it is the package manager's record of what the image holds; it belongs into the image, or a setting moves it.`,
    ],
  },
  "a symlinked parent is resolved": {
    tree: ["/opt/app/data -> /var/opt/app", "/var/opt/app/ 0700 5:5"],
    records: [readBack("/opt/app/data/db")],
    expected: [
      "volume /var/opt/app readBack 0700 5:5 | daemon writes db, read again after a restart: data that must persist.",
    ],
  },
  "/dev, /proc and /sys need nothing, and of / nothing can be said": {
    records: [
      dir("/", { created: false, done: ["chmod", "mkdir"], owner: { uid: 0, gid: 0, mode: 0o700 } }),
      file("/dev/shm/x"),
      changed("/proc/sys/net/core/somaxconn"),
      file("/x", { mount: "/mnt/elsewhere" }),
    ],
    expected: [],
  },
  "a home directory keeps its shipped files and its history denied": {
    tree: ["/home/app/.profile"],
    records: [file("/home/app/.bash_history"), dir("/home/app/.config"), file("/home/app/.config/app/x")],
    expected: [
      "deny /home/app/.bash_history open,write | daemon writes this: the history of an interactive tool, which works without.",
      "volume /home/app/.config assumed 0755 0:0 | daemon writes app/x, still there at the end: assumed to be data, because losing some is worse than a volume too many.",
    ],
  },
};

const CODE: Cases = {
  "sqlite beside the code: the directory must be a seeded volume, and says what that means": {
    tree: ["/app/main.py", "/app/schema.sql"],
    records: [readBack("/app/app.db", python), passing("/app/app.db-journal", python)],
    expected: [
      "volume /app readBack 0755 0:0 seeded exec | python3.11 writes app.db, read again after a restart: data that must persist; the program files beside it become writable, and a new image does not renew them.",
    ],
  },
  "a directory that the application makes beside its code leaves the code read-only": {
    tree: ["/app/main.py"],
    records: [dir("/app/uploads", python), file("/app/uploads/*", python)],
    expected: [
      "volume /app/uploads assumed 0755 0:0 | python3.11 writes *, still there at the end: assumed to be data, because losing some is worse than a volume too many.",
    ],
  },
  "compiled code in a directory that Python makes: its mkdir fails, and with it all below": {
    tree: ["/app/main.py"],
    records: [
      dir("/app/__pycache__", python),
      passing("/app/__pycache__/main.cpython-311.pyc.*", {
        ...python,
        done: ["open", "rename", "write"],
        movesTo: ["/app/__pycache__/main.cpython-311.pyc"],
      }),
      file("/app/__pycache__/main.cpython-311.pyc", python),
    ],
    expected: [`deny /app/__pycache__ mkdir,open,rename,write | ${PYTHON_DENIED}`],
  },
  "compiled code in a directory of the image": {
    tree: ["/app/main.py", "/app/__pycache__/old.cpython-311.pyc"],
    records: [file("/app/__pycache__/main.cpython-311.pyc", python)],
    expected: [`deny /app/__pycache__/* open,write | ${PYTHON_DENIED}`],
  },
  "many denied names become one pattern": {
    tree: ["/app/main.py"],
    records: Array.from({ length: 8 }, (_, index) => file(`/app/m${index}.pyc`, python)),
    expected: [`deny /app/* open,write | ${PYTHON_DENIED}`],
  },
  "a chown that changes nothing is denied, one that does is needed": {
    tree: ["/app/main.py", "/opt/x/conf 0640 7:7", "/opt/y/conf 0640 7:7"],
    records: [
      changed("/opt/x/conf", { exe: "/bin/chown", done: ["chown"], owner: { uid: 7, gid: 7, mode: 0o640 } }),
      changed("/opt/y/conf", { exe: "/bin/chown", done: ["chown"], owner: { uid: 8, gid: 7, mode: 0o640 } }),
      changed("/app/main.py", { exe: "/bin/touch", done: ["utimes"] }),
    ],
    expected: [
      "deny /app/main.py utimes | touch writes this: it sets what the image has already, or only a time stamp.",
      "deny /opt/x/conf chown | chown writes this: it sets what the image has already, or only a time stamp.",
      "volume /opt/y assumed 0755 0:0 seeded | chown writes conf, still there at the end: assumed to be data, because losing some is worse than a volume too many.",
    ],
  },
};

const SHAPES: Cases = {
  "a directory with a varying name cannot be a mount point, so the one above it is, and what it hides comes back": {
    tree: ["/opt/app/conf/app.conf"],
    records: [dir("/opt/app/tmp-*", { survived: false }), passing("/opt/app/tmp-*/x")],
    expected: [
      "tmpfs /opt/app 16MiB 0755 0:0 | daemon writes tmp-*/x and tmp-*/: nothing that lasts.",
      "seeded /opt/app/conf 16MiB 0755 0:0 | The mount on /opt/app would hide this directory, and it holds files of the image.",
    ],
  },
  "nor one that is removed": {
    tree: ["/opt/app/a/", "/opt/app/b/"],
    records: [dir("/opt/app/work", { done: ["mkdir", "rmdir"], survived: false }), passing("/opt/app/work/x")],
    expected: [
      "tmpfs /opt/app 16MiB 0755 0:0 | daemon writes work/x and work/: nothing that lasts.",
      "tmpfs /opt/app/a 16MiB 0755 0:0 | The image has this directory, and the mount on /opt/app would hide it.",
      "tmpfs /opt/app/b 16MiB 0755 0:0 | The image has this directory, and the mount on /opt/app would hide it.",
    ],
  },
  "of nested directories the innermost come back, and engines make those above; one of another owner comes back itself":
    {
      tree: ["/var/log/runit/app/", "/var/log/a/b/c/", "/var/log/own/d/ 0755 7:7", "/var/log/own/ 0750 7:7"],
      records: [file("/var/log/app.log")],
      expected: [
        "tmpfs /var/log 64MiB 0755 0:0 | daemon writes app.log: log files.",
        "tmpfs /var/log/a/b/c 64MiB 0755 0:0 | The image has this directory, and the mount on /var/log would hide it.",
        "tmpfs /var/log/own 64MiB 0750 7:7 | The image has this directory, and the mount on /var/log would hide it.",
        "tmpfs /var/log/own/d 64MiB 0755 7:7 | The image has this directory, and the mount on /var/log/own would hide it.",
      ],
    },
  "a rename between two directories takes one mount on both": {
    tree: ["/var/lib/app/in/", "/var/lib/app/out/"],
    records: [
      passing("/var/lib/app/in/*", { done: ["open", "rename", "write"], movesTo: ["/var/lib/app/out/*"] }),
      passing("/var/lib/app/out/*"),
    ],
    expected: [
      "seeded /var/lib/app 16MiB 0755 0:0 | daemon writes in/* and out/*, and files are renamed between its directories, which takes one mount.",
    ],
  },
  "a rename that no mount can join is named": {
    records: [passing("/tmp/upload*", { done: ["open", "rename", "write"], movesTo: ["/srv/*"] }), readBack("/srv/*")],
    expected: [
      "volume /srv readBack 0755 0:0 | daemon writes *, read again after a restart: data that must persist; what is moved here from /tmp crosses mounts, which only works for programs that then copy.",
      "tmpfs /tmp 64MiB 1777 0:0 | daemon writes upload*: temporary files.",
    ],
  },
  "three volumes side by side become one": {
    tree: ["/var/lib/app/a/", "/var/lib/app/b/", "/var/lib/app/c/"],
    records: ["a", "b", "c"].map((name) => readBack(`/var/lib/app/${name}/db`)),
    expected: [
      "volume /var/lib/app readBack 0755 0:0 seeded | daemon writes a/db, b/db and others, read again after a restart: data that must persist.",
    ],
  },
  "but not when that makes other files of the image writable": {
    tree: ["/var/lib/app/a/", "/var/lib/app/b/", "/var/lib/app/c/", "/var/lib/app/LICENSE"],
    records: ["a", "b", "c"].map((name) => readBack(`/var/lib/app/${name}/db`)),
    expected: ["a", "b", "c"].map(
      (name) =>
        `volume /var/lib/app/${name} readBack 0755 0:0 | daemon writes db, read again after a restart: data that must persist.`,
    ),
  },
  "logs beside data stay apart": {
    tree: ["/srv/app/data/", "/srv/app/logs/"],
    records: [readBack("/srv/app/data/db"), file("/srv/app/logs/app.log")],
    expected: [
      "volume /srv/app/data readBack 0755 0:0 | daemon writes db, read again after a restart: data that must persist.",
      "tmpfs /srv/app/logs 64MiB 0755 0:0 | daemon writes app.log: log files.",
    ],
  },
  "a cache beside the code that is read back after a restart is still a cache": {
    tree: ["/srv/app/server.js", "/srv/app/ 0755 999:999"],
    records: [
      dir("/srv/app/.cache", { uids: [999], owner: { uid: 999, gid: 999, mode: 0o755 } }),
      readBack("/srv/app/.cache/*", { uids: [999] }),
    ],
    expected: ["tmpfs /srv/app/.cache 64MiB 0755 999:999 | daemon writes *: a cache that can be made anew."],
  },
  "a directory called logs that is read back holds data": {
    tree: ["/srv/kafka/logs/"],
    records: [readBack("/srv/kafka/logs/00000000.log")],
    expected: [
      "volume /srv/kafka/logs readBack 0755 0:0 | daemon writes 00000000.log, read again after a restart: data that must persist.",
    ],
  },
  "a tmpfs inside a volume is one mount too many": {
    tree: ["/var/lib/app/run/"],
    records: [readBack("/var/lib/app/db"), socket("/var/lib/app/run/app.sock")],
    expected: [
      "volume /var/lib/app readBack 0755 0:0 seeded | daemon writes db, read again after a restart: data that must persist.",
    ],
  },
  "a program that asks whether it may write gets the directory that it asked for": {
    tree: ["/srv/app/conf/x.conf"],
    records: [
      dir("/srv/app", { created: false, done: ["access"] }),
      dir("/srv/app/data"),
      readBack("/srv/app/data/db"),
    ],
    expected: [
      "volume /srv/app readBack 0755 0:0 seeded | daemon writes data/db, read again after a restart: data that must persist.",
    ],
  },
  "a program that asks of whatever it looks at gets no more than where it writes": {
    tree: ["/srv/app/secret", "/srv/app/data/ 0750 7:7"],
    records: [
      ...askedOf(32),
      dir("/srv/app", { created: false, done: ["access"] }),
      dir("/srv/app/data", { created: false, done: ["access"] }),
      readBack("/srv/app/data/db"),
    ],
    expected: [
      "volume /srv/app/data readBack 0750 7:7 | daemon writes db, read again after a restart: data that must persist.",
    ],
  },
  "one that asks of fewer, or of what it writes itself, may mean it": {
    tree: ["/srv/app/secret", "/srv/app/data/ 0750 7:7"],
    records: [
      ...askedOf(31),
      dir("/srv/app", { created: false, done: ["access"] }),
      readBack("/srv/app/data/db"),
      ...Array.from({ length: 40 }, (_, n) => readBack(`/srv/app/data/${n}`, { done: ["access", "open", "write"] })),
    ],
    expected: [
      "volume /srv/app readBack 0755 0:0 seeded | daemon writes data/0, data/1 and others, read again after a restart: data that must persist.",
    ],
  },
  "asking elsewhere is no need": {
    tree: ["/srv/other/x"],
    records: [
      dir("/srv/other", { created: false, done: ["access"] }),
      changed("/etc/debian_version", { done: ["access", "read"] }),
    ],
    expected: [],
  },
  "shipped content in a subdirectory of /run comes back as a seeded mount of its own": {
    tree: ["/run/app/defaults.conf"],
    records: [passing("/run/app.pid")],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | daemon writes app.pid: run-time files that are made anew at each start.",
      "seeded /run/app 16MiB 0755 0:0 | The mount on /run would hide this directory, and it holds files of the image.",
    ],
  },
  "a file of the image that the application replaces, removes or finds empty may vanish": {
    tree: ["/var/cache/app/index", "/run/app/stale.pid", "/run/app/", "/var/log/app/idle.log 0644 0:0 0"],
    records: [
      passing("/var/cache/app/index.new", { done: ["open", "rename", "write"], movesTo: ["/var/cache/app/index"] }),
      changed("/run/app/stale.pid", { done: ["unlink"], survived: false }),
      file("/var/log/app/busy.log"),
    ],
    expected: [
      "tmpfs /run/app 16MiB 0755 0:0 | daemon writes stale.pid: run-time files that are made anew at each start.",
      "tmpfs /var/cache/app 64MiB 0755 0:0 | daemon writes index.new: a cache that can be made anew.",
      "tmpfs /var/log/app 64MiB 0755 0:0 | daemon writes busy.log: log files.",
    ],
  },
  "one that it changes in place may not": {
    tree: ["/var/cache/app/index"],
    records: [changed("/var/cache/app/index")],
    expected: [
      "seeded /var/cache/app 64MiB 0755 0:0 | daemon writes index, and a tmpfs would hide index of the image.",
    ],
  },
  "the engine makes the parents of a mount point, so they need no mount": {
    tree: ["/run/a/b/ 0750 7:7"],
    records: [passing("/run/x.pid"), passing("/run/a/b/x", { sizeClassBytes: 2 ** 26 })],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | daemon writes x.pid: run-time files that are made anew at each start.",
      "tmpfs /run/a/b 128MiB 0750 7:7 | daemon writes x: run-time files that are made anew at each start.",
    ],
  },
  "a rename is no reason to make code writable": {
    tree: ["/app/main.py", "/app/in/", "/app/out/"],
    records: [
      passing("/app/in/*", { done: ["open", "rename", "write"], movesTo: ["/app/out/*"] }),
      passing("/app/out/*"),
    ],
    expected: [
      "tmpfs /app/in 16MiB 0755 0:0 | daemon writes *: nothing that lasts.",
      "tmpfs /app/out 16MiB 0755 0:0 | daemon writes *: nothing that lasts; what is moved here from /app/in crosses mounts, which only works for programs that then copy.",
    ],
  },
  "a refused directory speaks for all below it": {
    records: [dir("/etc/tmp-*", { survived: false }), passing("/etc/tmp-*/x")],
    expected: [
      "deny /etc/tmp-* mkdir | daemon writes this: /etc is never writable, because it holds the configuration of the whole image; it comes and goes, and nothing lasting is lost.",
    ],
  },
  "a directory made in /run is no mount of its own": {
    tree: ["/run/sshd/"],
    records: [dir("/run/app"), passing("/run/app/app.pid")],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | daemon writes app/app.pid and app/: run-time files that are made anew at each start.",
      "tmpfs /run/sshd 16MiB 0755 0:0 | The image has this directory, and the mount on /run would hide it.",
    ],
  },
  "rubbish in /tmp does not matter, not even programs": {
    tree: ["/tmp/install.sh 0755", "/tmp/build/a.out 0755"],
    records: [passing("/tmp/x")],
    expected: ["tmpfs /tmp 64MiB 1777 0:0 | daemon writes x: temporary files."],
  },
  "the peak of a directory sizes it, not the sum of what was never there together": {
    records: [
      dir("/tmp", { created: false, done: [], sizeClassBytes: 2 ** 26 }),
      passing("/tmp/a*", { sizeClassBytes: 2 ** 26 }),
      passing("/tmp/b*", { sizeClassBytes: 2 ** 26 }),
    ],
    expected: ["tmpfs /tmp 128MiB 1777 0:0 | daemon writes a* and b*: temporary files."],
  },
};

const GIVEN: Cases = {
  "a declared VOLUME is a volume even when nothing is written, and what lies in it needs nothing more": {
    image: { volumes: ["/var/lib/app", "/cache/"] },
    tree: ["/var/lib/app/seed"],
    records: [readBack("/var/lib/app/db", { mount: "/var/lib/app" }), file("/var/lib/app/x")],
    expected: [
      "volume /cache declared 0755 0:0 | The image declares this VOLUME, so engines make it writable in any case.",
      "volume /var/lib/app declared 0755 0:0 seeded | The image declares this VOLUME, so engines make it writable in any case.",
    ],
  },
  "the user's mounts stay as they were given, over a declared one too": {
    image: { volumes: ["/data"] },
    workload: {
      mounts: [
        { type: "volume", source: "db", target: "/data", readOnly: false },
        { type: "bind", source: "/host/conf", target: "/etc/app/", readOnly: true },
        { type: "bind", source: "/host/www", target: "/var/www", readOnly: false },
        { type: "tmpfs", target: "/scratch", readOnly: false, options: "size=10m,mode=700,uid=5,exec" },
        { type: "tmpfs", target: "/unbounded", readOnly: false },
      ],
    },
    records: [
      readBack("/data/db", { mount: "/data" }),
      file("/var/www/x", { mount: "/var/www" }),
      file("/unbounded/x", { mount: "/unbounded", sizeClassBytes: 2 ** 24 }),
    ],
    expected: [
      "volume /data given 0755 0:0 from db | Given with the run.",
      "bind /etc/app from /host/conf ro | Given with the run, read-only.",
      "tmpfs /scratch 10MiB 0700 5:0 exec | Given with the run.",
      "tmpfs /unbounded 32MiB 0755 0:0 | Given with the run; the size bounds it.",
      "bind /var/www from /host/www | Given with the run, writable.",
    ],
  },
};

describe.each([PLACES, CODE, SHAPES, GIVEN])("rules", (cases) => {
  test.each(Object.entries(cases))("%s", (_name, { expected, ...world }) => {
    expect(linesOf(strategyOf(world))).toEqual(expected);
  });
});

test("what the profile misses is passed on, and no strategy is born verified", () => {
  const strategy = strategyOf({ incomplete: ["b", "a"] });
  expect(strategy).toMatchObject({
    incomplete: ["a", "b"],
    verifiedOn: [],
    fits: { repositories: ["docker.io/library/app"] },
  });
});

test("30,000 records take no quadratic time", () => {
  const records = Array.from({ length: 30_000 }, (_, index) => file(`/srv/d${index % 300}/f${index}`));
  expect(strategyOf({ records }).entries).toHaveLength(1);
}, 60_000);

describe("of a container that somebody else started", () => {
  const denied = { done: [], failed: [{ operation: "open", errno: "EROFS" }], survived: false } as const;

  test("what its read-only root refuses is written as if it had not been", () => {
    const world = {
      tree: ["/srv/app/", "/var/log/app/"],
      records: [file("/srv/app/state", denied), file("/var/log/app/log", denied), file("/run/app.pid", denied)],
    };
    expect(linesOf(strategyOf(world))).toEqual([
      expect.stringMatching(/^tmpfs \/run /) as string,
      expect.stringMatching(/^volume \/srv\/app .*read-only root refuses it: assumed to be data/) as string,
      expect.stringMatching(/^tmpfs \/var\/log\/app /) as string,
    ]);
  });

  test("a start that nobody saw is given room for temporary files, where the image has it", () => {
    const incomplete = unseen({ start: false, restart: true, test: true });
    expect(linesOf(strategyOf({ incomplete }))).toEqual([
      "tmpfs /tmp 64MiB 1777 0:0 | Its start was not observed, and temporary files leave no trace.",
      "tmpfs /var/tmp 64MiB 1777 0:0 | Its start was not observed, and temporary files leave no trace.",
    ]);
    expect(linesOf(strategyOf({}))).toEqual([]);
  });
});
