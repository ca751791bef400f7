import type { BuildStep } from "../container.ts";
import type { Rule } from "../rule.ts";
import { exampleSteps } from "./examples.ts";

/** What ADD unpacks, and COPY does not. */
const ARCHIVE = /\.(?:tar|tar\.\w+|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst)$/i;
const REPOSITORY = /^git@|\.git(?:#.*)?$|^https?:\/\/(?:github|gitlab)\.com\/[^/]+\/[^/]+\/?(?:#.*)?$/;

export const addedFiles: Rule = {
  id: "added-files",
  title: "ADD is used where COPY says it",
  severity: "low",
  why:
    "ADD unpacks archives and downloads without being asked, so that a file of another kind, or another server, changes what gets into " +
    "the image. COPY only copies.",
  fix: "Use COPY; for a download ADD --checksum=sha256:....",
  topic: "image",
  maps: { cisDocker: ["4.9"] },
  needs: [],
  inputs: ["dockerfile"],
  windows: true,
  check: ({ build = [] }) =>
    build.flatMap((step) =>
      sourcesOf(step).flatMap((source) => {
        if (/^https?:/.test(source) && !REPOSITORY.test(source))
          return step.flags.some((flag) => flag.startsWith("--checksum"))
            ? []
            : [{ message: `ADD downloads ${source} and checks nothing.`, at: step.at, key: source }];
        return ARCHIVE.test(source) || REPOSITORY.test(source) || source.startsWith("<<")
          ? []
          : [{ message: `ADD is used to copy ${source}.`, at: step.at, key: source }];
      }),
    ),
  fires: [
    { what: "files", input: "dockerfile", settings: {}, build: exampleSteps("ADD src /app/") },
    { what: "a download", input: "dockerfile", settings: {}, build: exampleSteps("ADD https://example.com/x /x") },
  ],
  silent: [
    { what: "COPY", input: "dockerfile", settings: {}, build: exampleSteps("COPY src /app/") },
    {
      what: "an archive that it unpacks",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("ADD rootfs.tar.xz /"),
    },
    {
      what: "a download with its digest",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("ADD --checksum=sha256:00 https://example.com/x /x"),
    },
  ],
};

function sourcesOf({ name, text }: BuildStep): readonly string[] {
  if (name !== "ADD") return [];
  const words =
    text
      .split("\n", 1)[0]
      ?.replaceAll(/[[\]",]/g, " ")
      .trim()
      .split(/\s+/) ?? [];
  return words.slice(0, -1);
}
