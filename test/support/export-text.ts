import { parse, parseAllDocuments } from "yaml";
import { exportCompose } from "../../src/export/compose.ts";
import type { ExportResult } from "../../src/export/result.ts";
import { PetrifyError } from "../../src/model/errors.ts";
import type { Strategy } from "../../src/model/strategy.ts";

/** What a target wrote, or `unsupported:` with its reason. */
export function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof PetrifyError && error.code === "E_EXPORT_UNSUPPORTED") return `unsupported: ${error.message}`;
    throw error;
  }
}

/** The flags that mount something. */
export function flagLines(text: string): string {
  const lines = text.split(/ \\?\n {2}/);
  return lines.filter((line) => /^--(tmpfs|volume|mount)/.test(line) && !line.includes("/dev/shm")).join("\n");
}

/** The settings that mount something, and the units of volumes. */
export function unitLines(text: string): string {
  const lines = text.split("\n").filter((line) => !line.startsWith("#") && !line.includes("/dev/shm"));
  return lines
    .filter((line) =>
      /^(Tmpfs|Volume|VolumeName|Driver|Options|Device|Type)=|^PodmanArgs=--(mount|volume|tmpfs|opt)/.test(line),
    )
    .join("\n");
}

interface PodParts {
  readonly volumes?: readonly Item[];
  readonly volumeMounts?: readonly Item[];
  readonly initContainers?: readonly { readonly command: readonly string[] }[];
  readonly claims: readonly Item[];
}

export function podText({ volumes = [], volumeMounts = [], initContainers = [], claims }: PodParts): string {
  return [
    ...volumeMounts.map((item) => `mount: ${inline(item)}`),
    ...volumes.map((item) => `volume: ${inline(item)}`),
    ...initContainers.map(({ command }) => `init: ${command.at(-1)?.replace(/^empty\(\).*?\}; /, "")}`),
    ...claims.map((item) => `claim: ${inline(item)}`),
  ].join("\n");
}

type Manifest = { readonly kind: string; readonly spec: Record<string, never> };
export function podOf({ text }: Pick<ExportResult, "text">): PodParts {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  const workload = documents.find(({ kind }) => kind === "Deployment") as unknown as {
    spec: { template: { spec: Omit<PodParts, "claims"> & { containers: [PodParts] } } };
  };
  const { containers, ...pod } = workload.spec.template.spec;
  const claims = documents.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ spec }) => spec as Item);
  return { ...containers[0], ...pod, claims };
}

/** The patch and the claims that a component of Kustomize brings, as one file. */
export function patchOf({ files = [] }: ExportResult): { text: string } {
  return {
    text: files
      .filter(({ name }) => name !== "kustomization.yaml")
      .map(({ text }) => text)
      .join("---\n"),
  };
}

export function podOfValues(text: string): PodParts {
  const values = parse(text) as Record<string, never>;
  const claims = ((values["extraDeploy"] ?? []) as { spec: Item }[]).map(({ spec }) => spec);
  return {
    volumes: values["extraVolumes"] ?? [],
    volumeMounts: values["extraVolumeMounts"] ?? [],
    initContainers: values["initContainers"] ?? [],
    claims,
  };
}

export function composeMountText(subject: Strategy): string {
  const file = parse(exportCompose(subject).text) as ComposeFile;
  const { tmpfs: temporary = [], volumes = [] } = file.services[subject.name] ?? {};
  return [
    ...temporary.map((item) => `tmpfs: ${item}`),
    ...volumes.map((item) => `volumes: ${inline(item)}`),
    ...(file.volumes === undefined ? [] : [`top: ${inline(file.volumes)}`]),
  ].join("\n");
}

type Item = string | number | boolean | null | readonly Item[] | { readonly [key: string]: Item };
interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly tmpfs?: string[]; readonly volumes?: Item[] }>>;
  readonly volumes?: Item;
}

function inline(value: Item): string {
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  return `{${Object.entries(value ?? {})
    .map(([key, item]) => `${key}: ${inline(item)}`)
    .join(", ")}}`;
}
