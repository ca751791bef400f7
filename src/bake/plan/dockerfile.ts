import { basename } from "node:path/posix";
import { shellQuote } from "../../export/shell-quote.ts";
import type { ArchiveEntry } from "../../model/archive.ts";
import { formatMode } from "../../model/units.ts";
import { compareText, parentOf } from "../../strategy/paths.ts";
import type { BakeItem, DirectoryItem, FileItem, LinkItem } from "./types.ts";

export interface BaseImage {
  /** `repository@sha256:...`, or the image's id. */
  readonly pinned: string;
  /** As the user called it. */
  readonly reference: string;
  /** Empty: root. */
  readonly user: string;
  /** It has a shell, and a RUN can give back its user. */
  readonly canRun: boolean;
}

export interface Dockerfile {
  /** With the mode of each file: BuildKit and Buildah set it, and git keeps none but the executable bit. */
  readonly text: string;
  /** The same for the engine's own builder, which knows no `--chmod`: modes come with the context. */
  readonly withoutModes: string;
  readonly context: readonly ArchiveEntry[];
}

export const FIRST_LINE = "# Made by petrify bake.";

/** A Dockerfile with its context that puts the items into an image; names in it have been checked by `unsafeText`. */
export function writeDockerfile(items: readonly BakeItem[], base: BaseImage): Dockerfile {
  const context = new Map<string, ArchiveEntry>();
  const add = (entry: ArchiveEntry): void => {
    addParents(context, entry.path);
    context.set(entry.path, entry);
  };
  const head = [
    `${FIRST_LINE} ${base.reference}, with what each of its fresh starts generates alike.`,
    "# Settings no longer change what is in the image by now: bake again after changing them.",
    ...(base.pinned.includes("@")
      ? []
      : ["# It has no digest, so this is its id, which BuildKit does not take: DOCKER_BUILDKIT=0, or podman."]),
    `FROM ${base.pinned}`,
  ];
  const directories = items.filter((item) => item.what === "directory");
  const files = items.filter((item) => item.what === "file");
  const links = items.filter((item): item is LinkItem => item.what === "link" || item.what === "log");
  const [made, linked] = base.canRun
    ? [run(directories, base.user), run(links, base.user)]
    : [
        directories.flatMap((item, index) => copyDirectory(item, `directories/${index + 1}`, add)),
        links.flatMap((item, index) => copyLink(item, `links/${index + 1}`, add)),
      ];
  const write = (withModes: boolean): string =>
    `${[...head, ...made, ...copyFiles(files, withModes), ...linked].join("\n")}\n`;
  for (const { path, mode, content } of files) add({ type: "file", path: `root${path}`, mode, content });
  return { text: write(true), withoutModes: write(false), context: [...context.values()] };
}

function addParents(context: Map<string, ArchiveEntry>, path: string): void {
  const parts = path.split("/");
  for (let length = 1; length < parts.length; length++) {
    const parent = parts.slice(0, length).join("/");
    if (!context.has(parent)) context.set(parent, { type: "directory", path: parent, mode: 0o755 });
  }
}

function comment({ path, why }: BakeItem): string {
  return `# ${path}: ${why}`;
}

/** Files of one directory, owner and mode are one COPY: each is a layer. */
function copyFiles(files: readonly FileItem[], withModes: boolean): readonly string[] {
  const groups = Map.groupBy(files, ({ path, uid, gid, mode }) => `${parentOf(path)}\0${uid}:${gid}\0${mode}`);
  return [...groups.values()].flatMap((group) => {
    const [{ path, uid, gid, mode }] = group as [FileItem];
    const chmod = withModes ? ` --chmod=${formatMode(mode)}` : "";
    const words = [...group.map((file) => `root${file.path}`), folder(parentOf(path))];
    return [...group.map(comment), `COPY --chown=${uid}:${gid}${chmod} ${JSON.stringify(words)}`];
  });
}

type Add = (entry: ArchiveEntry) => void;

/** Without a shell: the content of a folder that holds nothing else, so that the directory above keeps its owner and mode. */
function copyDirectory(item: DirectoryItem, source: string, add: Add): readonly string[] {
  add({ type: "directory", path: `${source}/${basename(item.path)}`, mode: item.mode });
  return [
    comment(item),
    "# (an empty directory of the context, which git does not keep)",
    `COPY --chown=${item.uid}:${item.gid} ${JSON.stringify([`${source}/`, folder(parentOf(item.path))])}`,
  ];
}

function copyLink(item: LinkItem, source: string, add: Add): readonly string[] {
  add({ type: "symlink", path: `${source}/${basename(item.path)}`, target: item.target });
  return [comment(item), `COPY ${JSON.stringify([`${source}/`, folder(parentOf(item.path))])}`];
}

function folder(path: string): string {
  return path === "/" ? path : `${path}/`;
}

function run(items: readonly (DirectoryItem | LinkItem)[], user: string): readonly string[] {
  if (items.length === 0) return [];
  const isRoot = user === "";
  return [
    ...items.map(comment),
    ...(isRoot ? [] : ["USER 0:0"]),
    `RUN ${items
      .toSorted((a, b) => compareText(a.path, b.path))
      .flatMap(commands)
      .join(" \\\n && ")}`,
    ...(isRoot ? [] : [`USER ${user}`]),
  ];
}

function commands(item: DirectoryItem | LinkItem): readonly string[] {
  const path = shellQuote(item.path);
  if (item.what !== "directory")
    return [`ln -sfn ${item.target.startsWith("-") ? "-- " : ""}${shellQuote(item.target)} ${path}`];
  return [
    ...(item.exists ? [] : [`mkdir ${path}`]),
    `chown ${item.uid}:${item.gid} ${path}`,
    `chmod ${formatMode(item.mode)} ${path}`,
  ];
}
