import type { AuditedContainer } from "./container.ts";
import { beginningsByFile, blocksOf } from "./block.ts";
import { placeName } from "./first.ts";
import type { ImportedFinding } from "./report.ts";
import type { ScannerFinding } from "./sarif-import.ts";

/**
 * Puts the findings of other scanners beside the workloads that they are about: those of the scanned image, or the one in whose
 * lines they lie. The findings themselves stay as they are.
 */
export function matchImported(
  imported: readonly ScannerFinding[],
  containers: readonly AuditedContainer[],
  texts: ReadonlyMap<string, string>,
): readonly ImportedFinding[] {
  const byImage = Map.groupBy(containers, ({ settings: { image } }) => imageKey(image?.value ?? ""));
  const beginnings = beginningsByFile(containers);
  const byBase = Map.groupBy(texts.keys(), basename);
  const blocks = new Map<string, ReturnType<typeof blocksOf>>();
  const blocksIn = (name: string): ReturnType<typeof blocksOf> => {
    let known = blocks.get(name);
    if (known === undefined)
      blocks.set(name, (known = blocksOf((texts.get(name) ?? "").split("\n"), beginnings.get(name) ?? [])));
    return known;
  };
  return imported.map((finding) => {
    const file = finding.file === undefined ? undefined : auditedName(finding.file, texts, byBase);
    const inImage = byImage.get(imageKey(finding.image ?? "")) ?? [];
    const line = finding.at?.line;
    const inBlock =
      file === undefined || line === undefined || !texts.has(file)
        ? []
        : blocksIn(file)
            .filter(({ first, last }) => first <= line && line <= last)
            .flatMap(({ containers: begun }) => begun);
    const about = finding.image === undefined ? inBlock : inImage;
    return {
      ...finding,
      ...(file === undefined ? {} : { file }),
      workloads: [...new Set(about.map(placeName))],
    };
  });
}

/** As it was audited: a scanner that ran elsewhere in the tree, or gave the whole path, means the one file that ends alike. */
function auditedName(
  file: string,
  texts: ReadonlyMap<string, string>,
  byBase: ReadonlyMap<string, readonly string[]>,
): string {
  if (texts.has(file)) return file;
  const alike = (byBase.get(basename(file)) ?? []).filter(
    (name) => file.endsWith(`/${name}`) || name.endsWith(`/${file}`),
  );
  return alike.length === 1 ? (alike[0] as string) : file;
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** One form for the ways to write an image's name: `docker.io/library/nginx`, `nginx`, `nginx:latest`. */
function imageKey(name: string): string {
  if (name === "") return "";
  const short = name.replace(/^(?:index\.)?docker\.io\//, "").replace(/^library\//, "");
  return /(?::[^/]+|@[^/]+)$/.test(short) ? short : `${short}:latest`;
}
