import { basename } from "node:path/posix";
import type { ReadBeside } from "../../inputs.ts";
import type { RunDraft } from "../run/draft.ts";
import { applyContainer } from "./container.ts";
import { type Unit, readUnitWithDropIns } from "./unit.ts";

/** What the containers of a pod share, and its unit sets. */
const SHARED = new Set(["PublishPort", "Network", "UserNS", "RemapUsers", "Volume", "PodmanArgs"]);

/** Adds what the pod of a container says of it; of a pod whose unit is not beside it that is not known. */
export function applyPod(draft: RunDraft, unit: Unit, from: string, beside: ReadBeside): void {
  const name = unit.get("Container")?.findLast(({ key }) => key.text === "Pod")?.value.text ?? "";
  if (name === "") return;
  const found = beside(from, basename(name));
  const settings = found === undefined ? undefined : readUnitWithDropIns(found, beside).get("Pod");
  if (settings === undefined || found === undefined)
    for (const setting of ["network", "ports", "userns"] as const) draft.doubt(setting);
  else {
    const shared = settings.filter(({ key }) => SHARED.has(key.text));
    const elsewhere = shared.map((setting) => ({
      ...setting,
      locate: (start: number, end?: number) => ({ ...setting.locate(start, end), file: setting.file }),
    }));
    applyContainer(draft, elsewhere);
  }
}
