import { PetrifyError } from "../model/errors.ts";

/** The fields of one line of CSV as Go's encoding/csv reads them, which the docker CLI uses for `--mount`. Throws E_USAGE. */
export function splitCsv(line: string): string[] {
  const fields: string[] = [];
  // Quoted: any characters, quotes doubled. Bare: no quote, no comma.
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (match === null)
      throw new PetrifyError("E_USAGE", `'${line}' has a stray quotation mark.`, {
        hint: 'Quote a whole field, "like,this", and double the quotation marks in it.',
      });
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return fields;
  }
}
