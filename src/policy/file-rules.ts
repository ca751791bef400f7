import type { Issue } from "../strategy/file-rules.ts";
import { BY_CLIENT, SUBJECTS } from "./exempt.ts";
import type { ExemptionFile, PolicyFile } from "./file-schema.ts";
import { timeOf } from "./time.ts";

/** What no single field can tell: contradictions between fields, in file order. */
export function contradictions(file: PolicyFile): readonly Issue[] {
  const { exemptions = [] } = file;
  return [
    ...pointlessScope(file),
    ...duplicateTemplates(file),
    ...exemptions.flatMap((exemption, index) => [
      ...subjects(exemption, index),
      ...forgeable(file, exemption, index),
      ...noTime(exemption.until, ["exemptions", index, "until"]),
    ]),
    ...noTime(file.grandfatherUntil, ["grandfatherUntil"]),
  ];
}

function pointlessScope({ scope, privileged }: PolicyFile): readonly Issue[] {
  return scope === "all" && privileged === "exempt"
    ? [{ path: ["privileged"], message: "scope all makes privileged containers read-only, and this exempts them" }]
    : [];
}

function duplicateTemplates({ template = [] }: PolicyFile): readonly Issue[] {
  return template.flatMap(({ path }, index) =>
    template.findIndex((other) => other.path === path) === index
      ? []
      : [{ path: ["template", index, "path"], message: `there is another tmpfs on ${path}` }],
  );
}

function subjects(exemption: ExemptionFile, index: number): readonly Issue[] {
  const [, second] = SUBJECTS.filter((subject) => exemption[subject] !== undefined);
  const named = SUBJECTS.some((subject) => exemption[subject] !== undefined);
  const which = SUBJECTS.join(", ");
  if (!named) return [{ path: ["exemptions", index], message: `it says not whom it exempts: one of ${which}` }];
  return second === undefined
    ? []
    : [{ path: ["exemptions", index, second], message: `an exemption has one subject: one of ${which}` }];
}

function forgeable({ trust }: PolicyFile, exemption: ExemptionFile, index: number): readonly Issue[] {
  if (trust !== "hostile") return [];
  return SUBJECTS.filter((subject) => BY_CLIENT.has(subject) && exemption[subject] !== undefined).map((subject) => ({
    path: ["exemptions", index, subject],
    message: `a hostile client gives its container any ${subject} it likes: with trust hostile exempt by imageId, callerUid or namespace`,
  }));
}

function noTime(text: string | undefined, path: readonly PropertyKey[]): readonly Issue[] {
  return text === undefined || timeOf(text) !== undefined ? [] : [{ path, message: `${text} is not in the calendar` }];
}
