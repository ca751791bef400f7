import type { Mapping } from "./rule.ts";

/** Catalogues that rules map to, by their names. */
export const CATALOGUES = {
  cisDocker: "CIS Docker Benchmark 1.6",
  cisDockerBefore: "CIS Docker Benchmark before 1.6",
  cisKubernetes: "CIS Kubernetes Benchmark",
  nsa: "NSA/CISA Kubernetes Hardening Guide",
  nist800190: "NIST SP 800-190",
  nist80053: "NIST SP 800-53 revision 5",
  stig: "STIG and SRG",
} as const satisfies Readonly<Record<keyof Mapping, string>>;

/** `CIS Docker Benchmark 1.6: 5.13` for each id that a rule maps to. */
export function mappedIds(maps: Mapping): readonly string[] {
  return (Object.keys(CATALOGUES) as (keyof Mapping)[]).flatMap((key) =>
    (maps[key] ?? []).map((id) => `${CATALOGUES[key]}: ${id}`),
  );
}
