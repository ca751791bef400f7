import type { AuditProblem, InputKind } from "../model/finding.ts";
import type { AuditedContainer } from "./container.ts";

/** A text to audit. */
export interface AuditText {
  /** As the user named it, for messages; `-` for standard input. */
  readonly name: string;
  readonly text: string;
}

/** Reads a file that another one names (include, extends, env_file), relative to it; undefined when there is none. */
export interface ReadBeside {
  (from: string, path: string): AuditText | undefined;
  /** Names in a folder, sorted; none where there is no such folder. Absent: nobody can look. */
  readonly names?: (from: string, folder: string) => readonly string[];
}

/** A form of text that describes containers. */
export interface Input {
  readonly kind: InputKind;
  /** Whether the text is of this form, by content first and by name where content does not tell. Cheap: nothing is parsed. */
  readonly recognise: (text: AuditText) => boolean;
  /** Every container of the text; what cannot be read is a problem, and does not stop the rest. Never throws PetrifyError. */
  readonly read: (text: AuditText, beside: ReadBeside) => ReadContainers;
}

export interface ReadContainers {
  /** Without a strategy yet: `strategy.standing` is `none`. */
  readonly containers: readonly AuditedContainer[];
  readonly problems: readonly AuditProblem[];
}
