/** Every property name in a JSON Schema, at any depth. */
export function fieldsOf(schema: unknown): Set<string> {
  if (typeof schema !== "object" || schema === null) return new Set();
  const properties = "properties" in schema && typeof schema.properties === "object" ? schema.properties : {};
  return new Set([...Object.keys(properties ?? {}), ...Object.values(schema).flatMap((inner) => [...fieldsOf(inner)])]);
}
