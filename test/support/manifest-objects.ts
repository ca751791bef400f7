import { parseAllDocuments } from "yaml";

/** The objects of a file, those of a List too. */
export function objectsOf(text: string): Record<string, unknown>[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Record<string, unknown> | null)
    .flatMap((object) => {
      if (object === null) return [];
      return object["kind"] === "List" ? (object["items"] as Record<string, unknown>[]) : [object];
    });
}
