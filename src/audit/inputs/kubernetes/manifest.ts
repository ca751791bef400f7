import { YAMLParseError, isScalar } from "yaml";
import { PetrifyError } from "../../../model/errors.ts";
import type { AuditProblem } from "../../../model/finding.ts";
import type { Path } from "../../../export/kubernetes/pod-kinds.ts";
import { dataAt } from "../../../export/splice/edits.ts";
import { MANIFEST, type YamlData, invalid, readYaml } from "../../../export/splice/source.ts";
import { parsePlainYaml } from "../../plain-yaml.ts";
import { locationIn } from "../../locator.ts";
import { type Placer, placer } from "../../yaml-place.ts";

/** One document of a manifest: what it says, and where. */
export interface Manifest {
  readonly data: YamlData;
  /** Absent where there is no text: a cluster's answer. */
  readonly place?: Placer;
  /** A value as it is written without quotes; undefined when it has some. */
  readonly plain: (path: Path) => string | undefined;
}

// What a document says takes twenty times its memory.
const LARGEST_DOCUMENT_CHARACTERS = 2 ** 23;

/** Reads one document of a file, which begins on `firstLine`. Throws E_MANIFEST_INVALID. */
export function readManifest(text: string, firstLine: number): Manifest {
  if (text.length > LARGEST_DOCUMENT_CHARACTERS) {
    const message = `A document of the manifest is larger than ${LARGEST_DOCUMENT_CHARACTERS / 2 ** 20} MiB.`;
    throw invalid(MANIFEST, message, "Divide it by namespace, or audit the cluster itself: petrify audit --cluster.");
  }
  const plain = parsePlainYaml(text, firstLine);
  if (plain !== undefined) return plain;
  const source = readYaml(text, MANIFEST);
  return {
    data: source.data,
    place: placer(source, firstLine),
    plain: (path) => {
      const node = source.document.getIn(path, true);
      if (isScalar(node)) return node.type === "PLAIN" ? node.source : undefined;
      // Behind an alias or a merge key: taken for plain, as nearly all are.
      const value = dataAt(source.data, path);
      return typeof value === "string" ? value : undefined;
    },
  };
}

/** Why a document cannot be read, with the place in the file. */
export function manifestProblem(error: unknown, name: string, text: string, firstLine: number): AuditProblem {
  const { code, message, hint, cause } =
    error instanceof PetrifyError ? error : new PetrifyError("E_MANIFEST_INVALID", String(error));
  const at = cause instanceof YAMLParseError ? locationIn(text, cause.pos[0]) : { line: 1, column: 1 };
  return {
    source: name,
    code,
    // yaml counts from the beginning of the document, which says nothing about the file.
    message: message.replace(/ at line \d+, column \d+[.:]?$/, "."),
    hint: hint ?? "Mend it; kubectl apply --dry-run=client -f FILE says what Kubernetes makes of it.",
    at: { ...at, line: at.line + firstLine - 1 },
  };
}
