import { expect, test } from "vitest";
import type { ArchiveEntry } from "../../model/archive.ts";
import { writeDockerfile } from "./dockerfile.ts";
import type { BakeItem } from "./types.ts";

const ITEMS: readonly BakeItem[] = [
  { what: "file", path: "/etc/app/a.conf", uid: 0, gid: 0, mode: 0o644, content: new Uint8Array([65]), why: "w1" },
  { what: "file", path: "/etc/app/b c.conf", uid: 0, gid: 0, mode: 0o644, content: new Uint8Array([66]), why: "w2" },
  { what: "file", path: "/etc/app/key", uid: 5, gid: 6, mode: 0o600, content: new Uint8Array(), why: "w3" },
  { what: "directory", path: "/srv/app", uid: 5, gid: 6, mode: 0o750, exists: false, why: "w4" },
  { what: "directory", path: "/srv/old dir", uid: 5, gid: 6, mode: 0o2755, exists: true, why: "w5" },
  { what: "link", path: "/srv/app/current", target: "-v1", why: "w6" },
  { what: "log", path: "/var/log/app.log", target: "/dev/stdout", why: "w7" },
];
const BASE = { pinned: `app@sha256:${"1".repeat(64)}`, reference: "app:1", user: "", canRun: true };
const pathsOf = (context: readonly ArchiveEntry[]): readonly string[] => context.map(({ type, path }) => `${type} ${path}`); // prettier-ignore

test("with a shell: one RUN for directories, a COPY for files of one kind, one RUN for links", () => {
  const { text, withoutModes, context } = writeDockerfile(ITEMS, { ...BASE, user: "app:app" });
  expect(text).toBe(`# Made by petrify bake. app:1, with what each of its fresh starts generates alike.
# Settings no longer change what is in the image by now: bake again after changing them.
FROM ${BASE.pinned}
# /srv/app: w4
# /srv/old dir: w5
USER 0:0
RUN mkdir /srv/app \\
 && chown 5:6 /srv/app \\
 && chmod 0750 /srv/app \\
 && chown 5:6 '/srv/old dir' \\
 && chmod 2755 '/srv/old dir'
USER app:app
# /etc/app/a.conf: w1
# /etc/app/b c.conf: w2
COPY --chown=0:0 --chmod=0644 ["root/etc/app/a.conf","root/etc/app/b c.conf","/etc/app/"]
# /etc/app/key: w3
COPY --chown=5:6 --chmod=0600 ["root/etc/app/key","/etc/app/"]
# /srv/app/current: w6
# /var/log/app.log: w7
USER 0:0
RUN ln -sfn -- -v1 /srv/app/current \\
 && ln -sfn /dev/stdout /var/log/app.log
USER app:app
`);
  expect(withoutModes).toBe(text.replaceAll(/ --chmod=\d+/g, ""));
  expect(pathsOf(context)).toEqual([
    "directory root",
    "directory root/etc",
    "directory root/etc/app",
    "file root/etc/app/a.conf",
    "file root/etc/app/b c.conf",
    "file root/etc/app/key",
  ]);
});

test("without one: everything by COPY, each directory and link from a folder of its own", () => {
  const items = ITEMS.filter((item) => item.what !== "directory" || !item.exists);
  const { text, context } = writeDockerfile(items, { ...BASE, canRun: false });
  expect(text).not.toMatch(/^(?:RUN|USER)/m);
  expect(text).toContain('COPY --chown=5:6 ["directories/1/","/srv/"]');
  expect(text).toContain('COPY ["links/2/","/var/log/"]');
  expect(pathsOf(context)).toEqual(
    expect.arrayContaining(["directory directories/1/app", "symlink links/1/current", "symlink links/2/app.log"]),
  );
});

test("an image that no registry has is named by its id, with how to build it", () => {
  const pinned = `sha256:${"2".repeat(64)}`;
  const { text } = writeDockerfile(ITEMS, { ...BASE, pinned });
  expect(text).toMatch(new RegExp(`# It has no digest.*\nFROM ${pinned}\n`));
  expect(text).not.toContain("USER");
});
