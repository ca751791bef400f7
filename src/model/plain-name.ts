/**
 * What a name may consist of so that a Dockerfile, its COPY patterns and variables, a shell within quotes, and a reader's terminal
 * take it for what it is: letters and digits of any script, and marks that mean nothing to any of them.
 */
const PLAIN = /^[\p{L}\p{M}\p{N} ._+@:,=~%#/-]+$/u;

/** Why a name of a file, or the target of a link, cannot be written into a Dockerfile; undefined when it can. */
export function unsafeText(text: string): string | undefined {
  // What a decoder puts in place of bytes that are no text.
  if (text.includes("\uFFFD")) return "its name is not UTF-8";
  // In the tar of a layer such a name deletes another one (OCI image specification, layer.md, "Whiteouts").
  if (/(?:^|\/)\.wh\./.test(text)) return "its name is that of a deletion in an image";
  if (!PLAIN.test(text)) return "its name holds characters that a Dockerfile or a shell would read otherwise";
  return undefined;
}
