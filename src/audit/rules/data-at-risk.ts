import { counted, formatApproximateSize } from "../../model/units.ts";
import type { AuditState } from "../container.ts";
import type { Rule } from "../rule.ts";

export const dataAtRisk: Rule = {
  id: "data-at-risk",
  title: "Data lies in the container's own layer",
  severity: "medium",
  why:
    "The next update replaces the container, and with it everything in its own layer. Caches, logs and temporary files are made " +
    "anew, but this is data.",
  fix: "Copy it out, and mount a volume there before the container is replaced.",
  topic: "data",
  maps: {},
  needs: [],
  inputs: ["engine"],
  check: ({ state }) =>
    (state?.atRisk?.items ?? []).map(({ path, sizeBytes, files }) => ({
      message: `${formatApproximateSize(sizeBytes)} in ${counted(files, "file")} at ${path} are lost when the container is replaced.`,
      key: path,
    })),
  fires: [
    {
      what: "a database in the layer",
      input: "engine",
      settings: {},
      state: withData([{ path: "/var/lib/app", files: 3, sizeBytes: 5_000_000, by: [] }]),
    },
  ],
  silent: [
    { what: "nothing of its own", input: "engine", settings: {}, state: withData([]) },
    { what: "nobody could look", input: "engine", settings: {}, state: { status: "exited", health: "none" } },
  ],
};

function withData(items: NonNullable<AuditState["atRisk"]>["items"]): AuditState {
  return {
    status: "running",
    health: "healthy",
    atRisk: { items, passing: [{ what: "log files", files: 1, sizeBytes: 100 }] },
  };
}
