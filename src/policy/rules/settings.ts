import { coversPath, MASKED_BY_DEFAULT, READ_ONLY_BY_DEFAULT } from "../../audit/kernel-paths.ts";
import { securityOption } from "../../audit/security-options.ts";
import { isImageId, tryParseReference } from "../../strategy/reference.ts";
import { cleanPath } from "../paths.ts";
import type { ContainerRequest } from "../request.ts";
import type { PolicyRule } from "../rule.ts";
import { listed, shown, toAllow, toExempt } from "../wording.ts";

export const unmaskedPaths: PolicyRule = {
  name: "unmasked-paths",
  check({ container, policy }) {
    // Engines give a privileged container none by design (moby daemon/oci_linux.go, WithMounts).
    if (!policy.refuse.unmaskedPaths || container.privileged) return undefined;
    const open = openPaths(container);
    if (open.length === 0) return undefined;
    return {
      refuse: true,
      sentence: `Kernel interfaces that runtimes hide or lock would be open (${listed(open)}), and some of them change the host.`,
      remedy: `Leave MaskedPaths, ReadonlyPaths and systempaths out; or ${toAllow(policy, "refuse.unmaskedPaths: false", container)}`,
    };
  },
};

function openPaths({ maskedPaths, readOnlyPaths, securityOptions }: ContainerRequest): readonly string[] {
  const masked = maskedPaths?.map(cleanPath);
  const locked = readOnlyPaths?.map(cleanPath);
  return [
    ...securityOptions.filter(
      (option) => securityOption(option).settings.unmaskedPaths?.value === true || /^\s*unmask\s*[=:]/.test(option),
    ),
    ...(masked === undefined ? [] : MASKED_BY_DEFAULT.filter((path) => !coversPath(masked, path))),
    ...(locked === undefined
      ? []
      : READ_ONLY_BY_DEFAULT.filter((path) => !coversPath(locked, path) && !coversPath(masked ?? [], path))),
  ];
}

export const unpinnedImage: PolicyRule = {
  name: "unpinned-image",
  check({ container, policy }) {
    if (!policy.refuse.unpinnedImages || isPinned(container)) return undefined;
    const digest = container.image?.repoDigests[0];
    return {
      refuse: true,
      sentence: `The image ${shown(container.imageReference)} is named by what can be moved to another image any time.`,
      remedy: `Name it by digest${digest === undefined ? " (NAME@sha256:…)" : `: ${shown(digest)}`}; or ${toAllow(policy, "refuse.unpinnedImages: false", container)}`,
    };
  },
};

function isPinned({ imageReference, image }: ContainerRequest): boolean {
  if (isImageId(imageReference)) return true;
  if (tryParseReference(imageReference)?.digest !== undefined) return true;
  // A shortened id, unless the image has it as a name: names come first (moby daemon/images, GetImage).
  const hex = image?.id.replace(/^sha256:/, "") ?? "";
  if (!/^[0-9a-f]{12,64}$/.test(imageReference) || !hex.startsWith(imageReference)) return false;
  const named = tryParseReference(imageReference)?.repository;
  return !(image?.repoTags ?? []).some((tag) => tryParseReference(tag)?.repository === named);
}

export const runtime: PolicyRule = {
  name: "runtime",
  check({ container, policy }) {
    const { runtime: asked = "" } = container;
    if (asked === "" || policy.refuse.runtimes.includes(asked)) return undefined;
    return {
      refuse: true,
      sentence: `The OCI runtime ${shown(asked)} was asked for, and it decides what read-only means.`,
      remedy: `Leave --runtime out: the engine's own is always right; or add it to refuse.runtimes in policy ${policy.name}, or ${toExempt(policy, container)}.`,
    };
  },
};

export const unknownFields: PolicyRule = {
  name: "unknown-fields",
  check({ container, policy }) {
    if (container.unknownFields.length === 0) return undefined;
    return {
      refuse: policy.trust === "hostile",
      sentence: `Settings of the request are not known here: ${listed(container.unknownFields)}.`,
      remedy: `Leave them out, use a newer Petrify, or ${toExempt(policy, container)}.`,
    };
  },
};
