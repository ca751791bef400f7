import type { Exemption, ExemptionSubject, Policy, TemplateTmpfs } from "../model/policy.ts";
import { parseSize } from "../model/units.ts";
import { compareText } from "../strategy/paths.ts";
import { TEMPLATE_TMPFS } from "../strategy/template.ts";
import { parseTmpfsOptions } from "../strategy/tmpfs-options.ts";
import { normalTag } from "./exempt.ts";
import type { ExemptionFile, PolicyFile } from "./file-schema.ts";
import { timeOf } from "./time.ts";

/** CRI-O's, bounded. */
export const DEFAULT_TEMPLATE: readonly TemplateTmpfs[] = Object.entries(TEMPLATE_TMPFS).map(([path, options]) => {
  const { sizeBytes, mode, exec = false } = parseTmpfsOptions(options);
  if (sizeBytes === undefined || mode === undefined) throw new Error(`the template on ${path} has no bound`);
  return { path, sizeBytes, mode, exec };
});

/** The policy that a file's content says, its absent fields with their defaults. */
export function fromFile(file: PolicyFile): Policy {
  const { defaults = {}, refuse = {}, production = {}, strategies, scope = "unprivileged" } = file;
  const grandfatherUntilMs = file.grandfatherUntil === undefined ? undefined : timeOf(file.grandfatherUntil);
  const { memory, logDriver, pidsLimit } = defaults;
  return {
    name: file.metadata.name,
    mode: file.mode ?? "enforce",
    scope,
    privileged: file.privileged ?? (scope === "all" ? "read-only" : "exempt"),
    trust: file.trust ?? "cooperative",
    template: file.template === undefined ? DEFAULT_TEMPLATE : file.template.map(tmpfs).toSorted(byPath),
    ...(strategies === undefined
      ? {}
      : { strategies: { folder: strategies.folder, onUnknownDigest: strategies.onUnknownDigest ?? "keep" } }),
    exemptions: (file.exemptions ?? []).map(exemption),
    // Nothing is added that was not asked for: each of these breaks somebody's container.
    defaults: {
      noNewPrivileges: defaults.noNewPrivileges ?? false,
      ...(pidsLimit === undefined ? {} : { pidsLimit }),
      ...(memory === undefined ? {} : { memoryBytes: parseSize(memory) }),
      dropCapabilities: [...new Set(defaults.dropCapabilities)].toSorted(compareText),
      ...(logDriver === undefined ? {} : { logDriver: { driver: logDriver.driver, options: logDriver.options ?? {} } }),
    },
    refuse: {
      hostSystemBinds: refuse.hostSystemBinds ?? true,
      engineBinds: refuse.engineBinds ?? true,
      mountsOverCode: refuse.mountsOverCode ?? true,
      unmaskedPaths: refuse.unmaskedPaths ?? true,
      privilegedExec: refuse.privilegedExec ?? true,
      unpinnedImages: refuse.unpinnedImages ?? false,
      engineChanges: refuse.engineChanges ?? true,
      runtimes: refuse.runtimes ?? [],
    },
    production: {
      build: production.build ?? "allow",
      commit: production.commit ?? "warn",
      copy: production.copy ?? "warn",
      exec: production.exec ?? "allow",
    },
    ...(grandfatherUntilMs === undefined ? {} : { grandfatherUntilMs }),
  };
}

function byPath(a: TemplateTmpfs, b: TemplateTmpfs): number {
  return compareText(a.path, b.path);
}

function tmpfs({ path, size, mode, exec }: NonNullable<PolicyFile["template"]>[number]): TemplateTmpfs {
  return { path, sizeBytes: parseSize(size), mode: Number.parseInt(mode ?? "1777", 8), exec: exec ?? false };
}

function exemption(file: ExemptionFile): Exemption {
  return {
    who: subject(file),
    reason: file.reason,
    // What is not in the calendar is refused before; a time that does not come about must not exempt for ever.
    untilMs: timeOf(file.until) ?? 0,
    readOnlyPaths: (file.readOnlyPaths ?? []).toSorted(compareText),
  };
}

function subject({ imageId, callerUid, namespace, label, name, tag = "" }: ExemptionFile): ExemptionSubject {
  if (imageId !== undefined) return { by: "imageId", imageId };
  if (callerUid !== undefined) return { by: "callerUid", uid: callerUid };
  if (namespace !== undefined) return { by: "namespace", namespace };
  if (name !== undefined) return { by: "name", name };
  if (label === undefined) return { by: "tag", tag: normalTag(tag) };
  const split = label.indexOf("=");
  return split === -1
    ? { by: "label", label }
    : { by: "label", label: label.slice(0, split), value: label.slice(split + 1) };
}
