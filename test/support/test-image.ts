import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

/**
 * A root file system of busybox, as a tar. `arrange` is a shell script that runs on the host in the folder that
 * becomes the root, with the owner and the modes it sets kept.
 */
export function busyboxRoot(busybox: string, arrange = ""): { readonly tar: Readable; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "petrify-root-"));
  const bin = join(folder, "bin");
  mkdirSync(bin, { mode: 0o755 });
  copyFileSync(busybox, join(bin, "busybox"));
  execFileSync(join(bin, "busybox"), ["--install", "-s", bin]);
  // The links that it made point to where it was run from.
  execFileSync(
    "sh",
    [
      "-c",
      `chmod 755 . && cd bin && for f in *; do [ -L $f ] && ln -sf busybox $f; done; cd .. && umask 022 && ${arrange || ":"}`,
    ],
    {
      cwd: folder,
    },
  );
  const tar = spawn("tar", ["-C", folder, "--numeric-owner", "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
  return { tar: tar.stdout, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
