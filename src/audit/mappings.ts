import type { Mapping } from "./rule.ts";

/** Catalogues that rules map to, by their names; the short ones are for many in a row. */
export const CATALOGUES = {
  cisDocker: { name: "CIS Docker Benchmark 1.6", short: "CIS Docker" },
  cisDockerBefore: { name: "CIS Docker Benchmark before 1.6", short: "CIS Docker before 1.6" },
  cisKubernetes: { name: "CIS Kubernetes Benchmark", short: "CIS Kubernetes" },
  nsa: { name: "NSA/CISA Kubernetes Hardening Guide", short: "NSA/CISA" },
  nist800190: { name: "NIST SP 800-190", short: "NIST SP 800-190" },
  nist80053: { name: "NIST SP 800-53 revision 5", short: "NIST SP 800-53" },
  stig: { name: "STIG and SRG", short: "STIG, SRG" },
} as const satisfies Readonly<Record<keyof Mapping, { readonly name: string; readonly short: string }>>;

export const CATALOGUE_KEYS = Object.keys(CATALOGUES) as readonly (keyof Mapping)[];

/** `CIS Docker Benchmark 1.6: 5.13` for each id that a rule maps to. */
export function mappedIds(maps: Mapping): readonly string[] {
  return CATALOGUE_KEYS.flatMap((key) => (maps[key] ?? []).map((id) => `${CATALOGUES[key].name}: ${id}`));
}
