/** What an installation changes on a host, as data. Paths are the host's. */
export interface Plan {
  /** `docker`, `authz`, `podman`, `docker-runtime`, `podman-runtime`. */
  readonly ways: readonly string[];
  readonly files: readonly PlannedFile[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Run by `--restart`, else told; then it is in force. */
  readonly commands: readonly (readonly string[])[];
  /** What the user must do or know. */
  readonly notes: readonly string[];
}

export interface PlannedFile {
  readonly path: string;
  readonly content: string;
  /** Of a new file; one that is there keeps its own. */
  readonly mode: number;
}

/** Several as one: a file that several change is that of the last, which began with the others' content. */
export function united(plans: readonly Plan[]): Plan {
  const files = new Map(plans.flatMap((plan) => plan.files).map((file) => [file.path, file]));
  const commands = new Map(plans.flatMap((plan) => plan.commands).map((words) => [words.join(" "), words]));
  return {
    ways: plans.flatMap(({ ways }) => ways),
    files: [...files.values()],
    links: plans.flatMap(({ links }) => links),
    commands: [...commands.values()],
    notes: plans.flatMap(({ notes }) => notes),
  };
}
