import * as z from "zod";
import { strategyFile } from "./file-schema.ts";

/** The published JSON Schema (2020-12) of a strategy file, as text. */
export function strategyJsonSchema(): string {
  return publishedSchema(strategyFile, { $id: "urn:petrify:strategy:v1", title: "Petrify data writing strategy" });
}

/** The JSON Schema (2020-12) that editors check a file by, as text. */
export function publishedSchema(file: z.ZodType, head: { readonly $id: string; readonly title: string }): string {
  const { $schema, ...schema } = z.toJSONSchema(file, { target: "draft-2020-12", io: "input" });
  return `${JSON.stringify({ $schema, ...head, ...schema }, undefined, 2)}\n`;
}
