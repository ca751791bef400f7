import { basename } from "node:path/posix";
import type { Engine } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import type { AuditNote } from "../../model/finding.ts";
import type { FileTree } from "../../model/image.ts";
import type { AuditedContainer, AuditImage, Settings } from "../container.ts";
import { engineName, problemOf, type ReadEngine } from "./engine.ts";
import { imageFacts } from "./image-facts.ts";

/** Files of an image that are looked at; no image of a service has so many. */
const MOST_ENTRIES = 1_000_000;
const SETID = 0o6000;
/** Where programs lie that are found by their name alone. */
const PROGRAM_FOLDERS = "/bin /sbin /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin".split(" ");
const TOOLS: ReadonlySet<string> = new Set(
  "sh bash dash ash zsh fish busybox apt apt-get dpkg apk rpm dnf microdnf yum zypper pacman pip pip3 npm gem".split(
    " ",
  ),
);

/** Images of an engine, by name or id, as what they are by themselves. One that is not there is a problem. */
export async function readImages(engine: Engine, references: readonly string[]): Promise<ReadEngine> {
  const parts: ReadEngine[] = [];
  for (const reference of references) parts.push(await readImage(engine, reference));
  return {
    containers: parts.flatMap(({ containers }) => containers),
    problems: parts.flatMap(({ problems }) => problems),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

async function readImage(engine: Engine, reference: string): Promise<ReadEngine> {
  const source = { kind: "image", name: engineName(engine.info) } as const;
  try {
    const image = await engine.image(reference);
    if (image === undefined)
      throw new PetrifyError("E_IMAGE_NOT_FOUND", "The engine does not have it.", {
        hint: `Pull it: docker pull ${reference}`,
      });
    const tree = await engine.imageLayers(image);
    const settings: Settings = {
      image: { value: reference },
      user: { value: image.user },
      entrypoint: { value: image.entrypoint },
      command: { value: image.command },
      environment: { value: image.env },
      ...(image.workingDir === "" ? {} : { workingDir: { value: image.workingDir } }),
    };
    const container: AuditedContainer = {
      source,
      workload: reference,
      role: "main",
      os: "linux",
      settings,
      image: { ...imageFacts(image), ...(tree === undefined ? {} : programsOf(tree)) },
      strategy: { standing: "none" },
    };
    return { containers: [container], problems: [], notes: tree === undefined ? [unread(source.name, reference)] : [] };
  } catch (error) {
    return { containers: [], problems: [problemOf(source.name, reference, error)], notes: [] };
  }
}

function unread(source: string, reference: string): AuditNote {
  const why = "as root on the engine's own host, with the overlay driver, they are";
  return {
    source,
    message: `The files of ${reference} were not looked at (setuid, shells, package managers): ${why}.`,
  };
}

/** Programs that raise privileges, and those that an attacker looks for. Exported for its test. */
export function programsOf(tree: FileTree): Required<Pick<AuditImage, "setuid" | "tools">> {
  const setuid: string[] = [];
  const folders = ["/"];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined && seen < MOST_ENTRIES; folder = folders.pop())
    for (const name of tree.children(folder)) {
      const path = folder === "/" ? `/${name}` : `${folder}/${name}`;
      const entry = tree.entry(path);
      seen += 1;
      if (entry?.type === "dir") folders.push(path);
      // Of a group, the bit alone without execution is a lock, not a right (chmod(2)).
      else if (entry?.type === "file" && (entry.mode & SETID) > 0 && (entry.mode & 0o111) > 0) setuid.push(path);
    }
  const tools = PROGRAM_FOLDERS.flatMap((folder) =>
    tree.entry(folder)?.type === "dir"
      ? tree
          .children(folder)
          .filter((name) => TOOLS.has(name))
          .map((name) => `${folder}/${name}`)
      : [],
  );
  return { setuid: setuid.toSorted(), tools: distinctNames(tools) };
}

/** /bin and /usr/bin may hold the same. */
function distinctNames(paths: readonly string[]): readonly string[] {
  return [...new Map(paths.toReversed().map((path) => [basename(path), path])).values()].toSorted();
}
