import { READ_ONLY_BY_DEFAULT } from "../audit/kernel-paths.ts";
import type { Exemption, Policy } from "../model/policy.ts";
import { isWithin } from "../strategy/paths.ts";
import type { Decision, Reason } from "./decision.ts";
import { subjectText } from "./exempt.ts";
import type { ContainerRequest, GuardRequest } from "./request.ts";
import { listed, shown } from "./wording.ts";

/** Who is exempt is left alone, but for the single paths that the exemption makes read-only. */
export function exemptDecision(request: GuardRequest, exemption: Exemption, policy: Policy): Decision {
  const allow: Decision = { verdict: "allow", notes: [], exemption };
  if (request.action !== "create" && request.action !== "start") return allow;
  const { container } = request;
  const paths = container.readOnlyRoot ? [] : missing(exemption.readOnlyPaths, container);
  if (paths.length === 0) return allow;
  // moby daemon/oci_linux.go (WithMounts) clears the list for a privileged container, without a word.
  if (container.privileged) return { ...allow, notes: [privileged(paths)] };
  if (request.action === "create")
    return { verdict: "patch", changes: [{ kind: "readOnlyPaths", paths }], notes: [], exemption };
  return {
    verdict: "deny",
    reasons: [
      {
        rule: "read-only-paths",
        sentence: `The container was made past the guard or before policy ${policy.name}: ${listed(paths)} should be read-only by its exemption.`,
        remedy: `Remove it and make it again through the guard, or take readOnlyPaths out of the exemption by ${shown(subjectText(exemption.who))}.`,
      },
    ],
  };
}

function missing(
  paths: readonly string[],
  { readOnlyPaths = READ_ONLY_BY_DEFAULT }: ContainerRequest,
): readonly string[] {
  return paths.filter((path) => !readOnlyPaths.some((other) => isWithin(path, other)));
}

function privileged(paths: readonly string[]): Reason {
  return {
    rule: "read-only-paths",
    sentence: `Single paths of a privileged container cannot be made read-only: ${listed(paths)} stay writable.`,
    remedy: "Run it without --privileged, with the capabilities it needs.",
  };
}
