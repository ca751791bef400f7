import { basename } from "node:path/posix";
import { PetrifyError } from "../../model/errors.ts";
import type { AuditText, Input, ReadBeside, ReadContainers } from "../inputs.ts";
import { kubernetes } from "./kubernetes.ts";
import { applyContainer, applyImage } from "./quadlet/container.ts";
import { applyPod } from "./quadlet/pod.ts";
import { applyService } from "./quadlet/service.ts";
import { type Unit, readUnitWithDropIns } from "./quadlet/unit.ts";
import { runContainer } from "./run/container.ts";
import { RunDraft } from "./run/draft.ts";

/** Units of Podman's Quadlet: `.container` with its drop-ins and its pod, and what a `.kube` unit names. */
export const quadlet: Input = { kind: "quadlet", recognise, read };

const NAME = /\.(?:container|pod|kube)$/;
const SECTION = /^\[(?:Container|Pod|Kube)\][ \t]*\r?$/m;
// One of these is in each of them; other programs have sections of these names, too.
const KEY = /^[ \t]*(?:Image|Rootfs|Yaml|PodName|PublishPort|Network|Volume|ServiceName)[ \t]*=/m;

function recognise({ name, text }: AuditText): boolean {
  return text.includes("[") && SECTION.test(text) && (NAME.test(name) || KEY.test(text));
}

function read(text: AuditText, beside: ReadBeside): ReadContainers {
  const unit = readUnitWithDropIns(text, beside);
  if (unit.has("Kube")) return readKube(text, unit, beside);
  const container = unit.get("Container");
  if (container === undefined) return { containers: [], problems: [] };
  const draft = new RunDraft("podman");
  const own = container.filter(({ file }) => file === text.name);
  const first = own.findLast(({ key }) => key.text === "Image") ?? own[0];
  const at = first?.locate(first.key.at(0), first.value.at(first.value.text.length)) ?? { line: 1, column: 1 };
  try {
    applyService(draft, unit);
    applyPod(draft, unit, text.name, beside);
    applyContainer(draft, container);
    applyImage(draft, container, text.name, beside);
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    const { message, hint = "Mend the unit: PodmanArgs= takes flags of podman run." } = error;
    const problem = {
      source: text.name,
      code: "E_COMMAND_LINE",
      message: `The unit cannot be read whole: ${message}`,
      hint,
      at,
    };
    return { containers: [], problems: [problem] };
  }
  const workload = basename(text.name).replace(NAME, "");
  const source = { kind: "quadlet", name: text.name } as const;
  const found = runContainer(draft, { command: [] }, () => at, { source, workload, at });
  return { containers: [found], problems: [] };
}

/** The pods of the manifests that it names; one that is not there is not Petrify's to miss. */
function readKube({ name }: AuditText, unit: Unit, beside: ReadBeside): ReadContainers {
  const reads = (unit.get("Kube") ?? []).flatMap(({ key, value }) => {
    const found = key.text === "Yaml" ? beside(name, value.text) : undefined;
    return found !== undefined && kubernetes.recognise(found) ? [kubernetes.read(found, beside)] : [];
  });
  return {
    containers: reads.flatMap(({ containers }) => containers),
    problems: reads.flatMap(({ problems }) => problems),
  };
}
