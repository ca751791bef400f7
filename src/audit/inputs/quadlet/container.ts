import { basename } from "node:path/posix";
import type { AuditText, ReadBeside } from "../../inputs.ts";
import { readArguments } from "../run/arguments.ts";
import type { RunDraft } from "../run/draft.ts";
import { FLAG_BY_NAME } from "../run/flags.ts";
import { unitText, unitWords } from "../words/unit-words.ts";
import { UNIT_KEYS, type UnitKey } from "./keys.ts";
import { type UnitSetting, readUnitWithDropIns } from "./unit.ts";

/** Switches as systemd reads them (podman pkg/systemd/parser, LookupBoolean). */
const TRUE = /^(?:1|yes|true|on)$/i;

/** Reads the keys of a [Container] into a draft. Throws E_USAGE for PodmanArgs= that cannot be read. */
export function applyContainer(draft: RunDraft, settings: readonly UnitSetting[]): void {
  for (const setting of counting(settings)) applySetting(draft, setting);
  userAndGroup(draft, settings);
  const exec = settings.findLast(({ key }) => key.text === "Exec");
  if (exec === undefined || exec.value.text === "") return;
  const words = unitWords(exec.value, "none");
  const at = exec.locate(exec.value.at(0), exec.value.at(exec.value.text.length));
  draft.set(
    "command",
    words.map(({ placed }) => placed.text),
    at,
  );
}

/** Those that count: an empty one takes back those before it, and of what may be given once the last one is taken. */
function counting(settings: readonly UnitSetting[]): readonly UnitSetting[] {
  return settings.filter((setting, index) => {
    const name = setting.key.text;
    const later = settings.slice(index + 1).filter(({ key }) => key.text === name);
    const key = keyOf(name);
    const isOnce = key !== undefined && key.repeats !== true;
    return setting.value.text !== "" && !later.some(({ value }) => isOnce || value.text === "");
  });
}

function keyOf(name: string): UnitKey | undefined {
  return Object.hasOwn(UNIT_KEYS, name) ? UNIT_KEYS[name] : undefined;
}

function applySetting(draft: RunDraft, { key: name, value, locate, file }: UnitSetting): void {
  if (name.text === "PodmanArgs") {
    const { image } = readArguments(draft, unitWords(value, "none"), locate, file);
    // Something that is no flag of its own.
    if (image !== undefined) draft.isOpen = true;
    return;
  }
  const key = keyOf(name.text);
  const apply = key === undefined ? undefined : FLAG_BY_NAME.get(key.flag)?.apply;
  if (key === undefined || apply === undefined) return;
  const words = key.kind === "words" ? unitWords(value, "none") : [unitText(value)];
  for (const word of words) {
    const text = textFor(key, name.text, word.placed.text);
    if (text === undefined) continue;
    const at = key.kind === "words" ? locate(word.start, word.end) : locate(name.at(0), value.at(value.text.length));
    apply(draft, { text, unknown: word.unknown && key.flag !== "volume", at }, file);
  }
}

function textFor({ kind, prefix = "" }: UnitKey, name: string, text: string): string | undefined {
  if (kind !== "switch") return prefix + text;
  const isOn = TRUE.test(text);
  if (name === "SecurityLabelDisable") return isOn ? "label=disable" : undefined;
  return `${prefix}${isOn}`;
}

function userAndGroup(draft: RunDraft, settings: readonly UnitSetting[]): void {
  const group = settings.findLast(({ key }) => key.text === "Group");
  const user = draft.get("user");
  if (group !== undefined && user?.at !== undefined && !user.value.includes(":"))
    draft.set("user", `${user.value}:${group.value.text}`, user.at);
}

/** Reads Image=, also by an `.image` unit beside it; one that a `.build` unit makes has no name to judge. */
export function applyImage(draft: RunDraft, settings: readonly UnitSetting[], from: string, beside: ReadBeside): void {
  const setting = settings.findLast(({ key }) => key.text === "Image");
  if (setting === undefined || setting.value.text === "") return;
  const { placed, start, end, unknown } = unitText(setting.value);
  const { text } = placed;
  const isUnit = /\.(?:image|build)$/.test(text);
  const found = text.endsWith(".image") ? beside(from, basename(text)) : undefined;
  const named = isUnit && found !== undefined ? imageIn(found, beside) : undefined;
  draft.set("image", named ?? text, setting.locate(start, end));
  if (unknown || (isUnit && named === undefined)) draft.doubt("image");
}

function imageIn(text: AuditText, beside: ReadBeside): string | undefined {
  return readUnitWithDropIns(text, beside)
    .get("Image")
    ?.findLast(({ key }) => key.text === "Image")?.value.text;
}
