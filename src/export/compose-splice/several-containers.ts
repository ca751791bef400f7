import { PetrifyError } from "../../model/errors.ts";
import type { PlannedMount } from "../mount-plan.ts";
import { dataAt } from "../splice/edits.ts";
import type { Data } from "../splice/source.ts";

/**
 * Throws E_EXPORT_UNSUPPORTED for a service that can have several containers and is to get a volume: what each had for itself, all
 * would share. `settings`: those of the service first, then those that it extends.
 */
export function refuseSeveralContainers(name: string, settings: readonly Data[], added: readonly PlannedMount[]): void {
  const targets = added.filter(({ kind }) => kind === "volume").map(({ target }) => target);
  // compose-go takes the count from either key, and refuses two that differ.
  const count = COUNTS.flatMap((path) => settings.map((each) => dataAt(each, path))).find(
    (value) => value !== undefined && value !== null,
  );
  if (targets.length === 0 || count === undefined || Number(count) <= 1) return;
  throw new PetrifyError(
    "E_EXPORT_UNSUPPORTED",
    `The service '${name}' can have several containers, which would all write one volume at ${targets.join(", ")}.`,
    { hint: "Let it have one, or mount there what they may share." },
  );
}

const COUNTS = [["scale"], ["deploy", "replicas"]] as const;
