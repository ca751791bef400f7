/** What a setting of an audited container says, without its place. */
export function valueAt(setting: unknown): unknown {
  if (Array.isArray(setting)) return setting.map(valueAt);
  if (typeof setting !== "object" || setting === null) return setting;
  if ("value" in setting) return setting.value;
  return Object.fromEntries(Object.entries(setting).filter(([key]) => key !== "at"));
}
