import type { AuditSource, Location } from "../model/finding.ts";

/** The file in which a place is: the source, unless the place names another one. */
export function fileOf({ source, at }: { readonly source: AuditSource; readonly at?: Location | undefined }): string {
  return at?.file ?? source.name;
}
