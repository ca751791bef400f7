import type * as z from "zod";
import type { Issue } from "./file-rules.ts";
import { type FileDocument, lowerFirst } from "./file-yaml.ts";

/** Misspelt fields first: they explain the missing ones. */
export function issuesOf({ issues }: z.ZodError, document: FileDocument): readonly Issue[] {
  return issues
    .toSorted((a, b) => Number(isUnknownField(b)) - Number(isUnknownField(a)))
    .map((issue) => {
      const { path } = issue;
      if (issue.code === "unrecognized_keys") {
        const [key = ""] = issue.keys;
        return { path, key, message: `there is no field ${JSON.stringify(key)}` };
      }
      if (!document.hasIn(path)) return { path, message: "this field is missing" };
      return { path, message: lowerFirst(issue.message) };
    });
}

function isUnknownField({ code }: z.core.$ZodIssue): boolean {
  return code === "unrecognized_keys";
}

export function describe({ path, message }: Issue): string {
  const parts = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
  return [...(parts.length > 0 ? [parts.join("").replace(/^\./, "")] : []), message].join(": ");
}
