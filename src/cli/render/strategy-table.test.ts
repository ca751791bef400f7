import { expect, test } from "vitest";
import type { LearnedRow } from "../../learn/summary.ts";
import { renderStrategyTable } from "./strategy-table.ts";

const ROWS: readonly LearnedRow[] = [
  {
    entry: { kind: "deny", path: "/etc/nginx", why: "The entrypoint tries and goes on.", operations: ["open"] },
    by: [],
    writtenBytes: 0,
  },
  {
    entry: {
      kind: "tmpfs",
      path: "/run",
      why: "Pid files.",
      sizeBytes: 2 ** 20,
      mode: 0o755,
      uid: 0,
      gid: 0,
      exec: false,
    },
    by: ["/usr/sbin/nginx", "/bin/sh", "/bin/dash", "/opt/bin/sh"],
    writtenBytes: 6,
  },
  {
    entry: {
      kind: "volume",
      path: "/var/lib/app",
      why: "Read back after a restart.",
      reason: "readBack",
      seeded: true,
      uid: 5,
      gid: 5,
      mode: 0o700,
      exec: true,
    },
    by: ["/usr/bin/app"],
    writtenBytes: 1_500_000,
  },
  {
    entry: { kind: "log", path: "/var/log/err", stream: "stderr", why: "Never read." },
    by: ["/usr/bin/app"],
    writtenBytes: 10,
  },
  {
    entry: { kind: "bind", path: "/srv", why: "Given with -v.", source: "/home/srv", readOnly: true },
    by: [],
    writtenBytes: 0,
  },
  {
    entry: {
      kind: "tmpfs",
      path: "/tmp",
      why: "Code.",
      sizeBytes: 2 ** 26,
      mode: 0o1777,
      uid: 33,
      gid: 33,
      exec: true,
    },
    by: ["/usr/bin/java"],
    writtenBytes: 0,
  },
];

test("one line per entry: path, who, how much, kind, why", () => {
  expect(renderStrategyTable(ROWS, { width: 110 })).toMatchInlineSnapshot(`
    "PATH          WRITTEN BY      BYTES  KIND                         WHY
    /etc/nginx                      0 B  deny                         The entrypoint tries and goes on.
    /run          nginx, sh +1      6 B  tmpfs 1MiB 0755              Pid files.
    /var/lib/app  app           1.4 MiB  volume, seeded, exec         Read back after a restart.
    /var/log/err  app              10 B  log stderr                   Never read.
    /srv                            0 B  bind /home/srv, read-only    Given with -v.
    /tmp          java              0 B  tmpfs 64MiB 1777 33:33 exec  Code.
    "
  `);
});
