import { describe, expect, test } from "vitest";
import { dir, file, linesOf, readBack, strategyOf, type World } from "./testing/world.ts";

const java = { exe: "/usr/bin/java", uids: [997] };
const again = { ...java, regenerated: true } as const;
const TREE = ["/srv/webapps/ 0775 997:997", "/srv/webapps/app.war 0644 0:0 3000", "/srv/webapps/ROOT/index.html"];
const APP = "/srv/webapps/app";
const UNPACKED = [dir(APP, again), readBack(`${APP}/index.jsp`, again), file(`${APP}/WEB-INF/web.xml`, again)];
const CHANGED = [dir(APP, java), readBack(`${APP}/index.jsp`, java), file(`${APP}/WEB-INF/web.xml`, java)];

const KEPT = "assumed to be data, because something that was not tested may";
const ALIKE = `and a fresh start makes it again, alike: neither test nor restart changed it, but ${KEPT}`;
const OLD = "the program files beside it become writable, and a new image does not renew them";

const CASES: Readonly<Record<string, World & { readonly expected: readonly string[] }>> = {
  "what is unpacked again from the image's archive is forgotten, and the archive is there": {
    tree: TREE,
    records: UNPACKED,
    expected: [
      "seeded /srv/webapps 16MiB 0775 997:997 exec | java writes app/index.jsp, app/WEB-INF/web.xml and others: a fresh start unpacks this from app.war again, alike, and neither test nor restart changed it; the image has files beside it; the program files beside it become writable.",
    ],
  },
  "its size is bounded by what was seen, with what the image has there": {
    tree: TREE,
    records: UNPACKED.map((record) => ({ ...record, sizeClassBytes: record.type === "dir" ? 2 ** 28 : 0 })),
    expected: [expect.stringMatching(/^seeded \/srv\/webapps 1GiB /) as string],
  },
  "without evidence it is data, where the application is found again": {
    tree: TREE,
    records: CHANGED,
    expected: [
      `volume /srv/webapps readBack 0775 997:997 seeded exec | java writes app/index.jsp, read again after a restart: data that must persist; ${OLD}.`,
    ],
  },
  "what the use stores in it makes all of it data": {
    tree: TREE,
    records: [...UNPACKED, readBack(`${APP}/uploads/1.jpg`, java)],
    expected: [
      `volume /srv/webapps readBack 0775 997:997 seeded exec | java writes app/uploads/1.jpg, read again after a restart: data that must persist; ${OLD}.`,
    ],
  },
  "also what it left and nobody read": {
    tree: TREE,
    records: [...UNPACKED, file(`${APP}/uploads/1.jpg`, java)],
    expected: [
      expect.stringMatching(/^volume \/srv\/webapps assumed .* java writes app\/uploads\/1.jpg, still there/) as string,
    ],
  },
  "and what it stored beside it": {
    tree: TREE,
    records: [...UNPACKED, readBack("/srv/webapps/notes.db", java)],
    expected: [expect.stringMatching(/^volume \/srv\/webapps readBack .* java writes notes.db, read again/) as string],
  },
  "and stays apart from volumes beside it": {
    tree: [...TREE, "/srv/a/", "/srv/b/", "/srv/c/"],
    records: [...UNPACKED, ...["a", "b", "c"].map((name) => readBack(`/srv/${name}/data`, java))],
    expected: [
      expect.stringMatching(/^volume \/srv\/a /) as string,
      expect.stringMatching(/^volume \/srv\/b /) as string,
      expect.stringMatching(/^volume \/srv\/c /) as string,
      expect.stringMatching(/^seeded \/srv\/webapps /) as string,
    ],
  },
  "settings that each start makes alike until somebody changes them": {
    tree: ["/srv/conf/ 0755 997:997"],
    records: [readBack("/srv/conf/settings.json", again)],
    expected: [`volume /srv/conf assumed 0755 997:997 | java writes settings.json, ${ALIKE}.`],
  },
  "a database that the test did not write to": {
    tree: ["/srv/other"],
    records: [dir("/srv/data", { regenerated: true }), readBack("/srv/data/users.db", { regenerated: true })],
    expected: [`volume /srv/data assumed 0755 0:0 | daemon writes users.db, ${ALIKE}.`],
  },
  "a mark that the database beside it has been made": {
    tree: ["/srv/data/"],
    records: [readBack("/srv/data/db"), file("/srv/data/.initialized", { regenerated: true })],
    expected: [
      "volume /srv/data readBack 0755 0:0 | daemon writes db, read again after a restart: data that must persist.",
    ],
  },
  "what waits in a queue is no less data for being alike": {
    tree: ["/var/spool/app/"],
    records: [file("/var/spool/app/job", { regenerated: true })],
    expected: [expect.stringMatching(/^volume \/var\/spool\/app assumed .*what waits there/) as string],
  },
  "logs that are read back stay data, as Kafka's": {
    tree: ["/srv/kafka/logs/"],
    records: [readBack("/srv/kafka/logs/topic", { regenerated: true })],
    expected: [expect.stringMatching(/^volume \/srv\/kafka\/logs assumed /) as string],
  },
};

describe("made again by a fresh start", () => {
  test.each(Object.entries(CASES))("%s", (_, { expected, ...world }) => {
    expect(linesOf(strategyOf(world))).toEqual(expected);
  });

  test.each(["app.zip", "app.tar.gz", "app.sql", "app.war.old", "other.war"])(
    "%s is no program's archive that the directory is made of",
    (name) => {
      const tree = ["/srv/webapps/ 0775 997:997", `/srv/webapps/${name}`];
      expect(linesOf(strategyOf({ tree, records: UNPACKED }))).toEqual([expect.stringMatching(/^volume .* assumed /)]);
    },
  );

  test("nor is a directory of that name", () => {
    const tree = ["/srv/webapps/ 0775 997:997", "/srv/webapps/app.war/index.jsp"];
    expect(linesOf(strategyOf({ tree, records: UNPACKED }))).toEqual([expect.stringMatching(/^volume .* assumed /)]);
  });

  test("a directory that the image has is none that was unpacked", () => {
    const tree = [...TREE, `${APP}/data/`];
    const records = [readBack(`${APP}/data/x`, again)];
    expect(linesOf(strategyOf({ tree, records }))).toEqual([expect.stringMatching(/^volume .*data assumed /)]);
  });
});
