import { MANIFEST, invalid } from "../splice/source.ts";

// A file of a whole cluster; each document has its own, much lower limit, because parsing one costs a second for a megabyte.
const LARGEST_FILE_CHARACTERS = 2 ** 25;

/**
 * The documents of a manifest file, whose texts joined give the file again; the line `---` belongs to the one that it starts.
 * A marker at the beginning of a line ends a document wherever it stands (YAML 1.2.2, 9.1.2), so the text can be cut without parsing it.
 * Throws E_MANIFEST_INVALID.
 */
export function splitDocuments(text: string): readonly string[] {
  if (text.length > LARGEST_FILE_CHARACTERS)
    throw invalid(
      MANIFEST,
      `The manifest is larger than ${LARGEST_FILE_CHARACTERS / 2 ** 20} MiB.`,
      "Split it into several files.",
    );
  return text.split(/^(?=---(?:[ \t\r\n]|$))/m);
}

/** Whether a document can hold pods at all; most of a large file do not, and are not parsed. */
export function mayHoldPods(text: string): boolean {
  return /containers/i.test(text);
}
