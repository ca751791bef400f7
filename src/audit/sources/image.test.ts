import { expect, test } from "vitest";
import type { FileTree, TreeEntry } from "../../model/image.ts";
import { programsOf } from "./image.ts";

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

function tree(files: Readonly<Record<string, Partial<TreeEntry>>>): FileTree {
  const nothing = { mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 };
  const entries = new Map<string, TreeEntry>([["/", { ...nothing, type: "dir" }]]);
  for (const [path, entry] of Object.entries(files)) {
    const parts = path.split("/").slice(1, -1);
    parts.forEach((_, index) => entries.set(`/${parts.slice(0, index + 1).join("/")}`, { ...nothing, type: "dir" }));
    entries.set(path, { ...nothing, type: "file", ...entry });
  }
  return {
    entry: (path) => entries.get(path),
    children: (path) =>
      [...entries.keys()]
        .filter((each) => each !== "/" && parentOf(each) === path)
        .map((each) => each.slice(each.lastIndexOf("/") + 1)),
  };
}

test("setuid and setgid programs anywhere; files, locks and directories are none", () => {
  const { setuid } = programsOf(
    tree({
      "/usr/bin/su": { mode: 0o4755 },
      "/opt/app/helper": { mode: 0o2755 },
      "/var/lock/file": { mode: 0o2644 },
      "/srv/shared": { type: "dir", mode: 0o2775 },
      "/usr/bin/link": { type: "symlink", mode: 0o4777 },
    }),
  );
  expect(setuid).toEqual(["/opt/app/helper", "/usr/bin/su"]);
});

test("shells and package managers by name where programs lie, each once", () => {
  const { tools } = programsOf(
    tree({
      "/bin/sh": {},
      "/usr/bin/sh": {},
      "/usr/bin/apt-get": {},
      "/bin/cat": {},
      "/srv/sh": {},
      "/usr/local/bin/pip3": {},
    }),
  );
  expect(tools).toEqual(["/bin/sh", "/usr/bin/apt-get", "/usr/local/bin/pip3"]);
});
