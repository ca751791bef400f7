/** An answer to a create call is a few hundred bytes. */
export const MAX_WARNED_BYTES = 256 * 1024;

/**
 * The answer of an engine to a create call (`{"Id": ..., "Warnings": [...]}`) with more warnings; undefined when it has no place
 * for them.
 */
export function withWarnings(body: Buffer, warnings: readonly string[]): Buffer | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return undefined;
  const { Id, ID, Warnings: said = [] } = answer as { Id?: unknown; ID?: unknown; Warnings?: unknown };
  if (typeof (Id ?? ID) !== "string") return undefined;
  if (said !== null && !Array.isArray(said)) return undefined;
  return Buffer.from(`${JSON.stringify({ ...answer, Warnings: [...(said ?? []), ...warnings] })}\n`, "utf8");
}
