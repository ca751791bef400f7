import * as z from "zod";
import { strategyFile } from "./file-schema.ts";

/** The published JSON Schema (2020-12) of a strategy file, as text. */
export function strategyJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(strategyFile, { target: "draft-2020-12", io: "input" });
  const head = { $schema, $id: "urn:petrify:strategy:v1", title: "Petrify data writing strategy" };
  return `${JSON.stringify({ ...head, ...schema }, undefined, 2)}\n`;
}
