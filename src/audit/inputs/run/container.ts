import { tryParseReference } from "../../../strategy/reference.ts";
import type { AuditSource, Location } from "../../../model/finding.ts";
import type { AuditedContainer } from "../../container.ts";
import type { Locator } from "../../locator.ts";
import type { Word } from "../words/word.ts";
import type { Operands } from "./arguments.ts";
import type { RunDraft } from "./draft.ts";

/** The container that a draft and what stands behind its flags describe; `workload` is its name where it is known. */
export function runContainer(
  draft: RunDraft,
  { image, command }: Operands,
  locate: Locator,
  { source, workload, at }: { readonly source: AuditSource; readonly workload: string; readonly at: Location },
): AuditedContainer {
  if (image !== undefined && draft.get("image") === undefined) {
    const place = locate(image.start, image.end);
    // A strategy is found by the image's repository, whatever its tag: that stays with its variables.
    draft.set("image", image.placed.text, place);
    if (image.unknown || image.many) draft.doubt("image");
  }
  if (command.length > 0) {
    const place = locate(command[0]?.start ?? 0, command.at(-1)?.end);
    if (command.some(({ many }) => many)) draft.setUnknown("command");
    else
      draft.set(
        "command",
        command.map(({ placed }) => placed.text),
        place,
      );
  } else if (image?.many === true) draft.doubt("command");
  const { settings, unknown } = draft.settings();
  return {
    source,
    workload,
    role: "main",
    os: draft.isWindows ? "windows" : "linux",
    at,
    settings,
    ...(unknown.length > 0 ? { unknown } : {}),
    strategy: { standing: "none" },
  };
}

/** `--name`, or the last part of the image's name. */
export function runName({ name }: RunDraft, image: Word | undefined): string {
  if (name !== undefined && !name.unknown) return name.text;
  const text = image?.placed.text ?? "";
  const path = tryParseReference(text)?.path ?? text.replace(/[@:](?!.*\/).*$/s, "");
  const last = path.split("/").at(-1) ?? "";
  return /^[\w.-]+$/.test(last) ? last : "container";
}
