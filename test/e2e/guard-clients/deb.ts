import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A package with one file, `/usr/share/greeting/text`, and no dependencies; made by dpkg-deb. Returns its path. */
export function smallDeb(folder: string): string {
  const tree = join(folder, "greeting");
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  mkdirSync(join(tree, "usr/share/greeting"), { recursive: true });
  writeFileSync(join(tree, "usr/share/greeting/text"), "hello\n");
  const control = ["Package: greeting", "Version: 1.0", "Architecture: all", "Maintainer: nobody <nobody@localhost>"];
  writeFileSync(join(tree, "DEBIAN/control"), [...control, "Description: a greeting", ""].join("\n"));
  const file = join(folder, "greeting.deb");
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", tree, file], { stdio: "ignore" });
  return file;
}
