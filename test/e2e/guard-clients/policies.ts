import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/cli.ts";

/** Everything that is enforced without being asked for, as a user would write it first. */
export const ENFORCING = `apiVersion: petrify.dev/v1
kind: ReadOnlyPolicy
metadata:
  name: clients
mode: enforce
trust: cooperative
`;

/** The same, and callers of this uid are left alone. */
export function exempting(uid: number): string {
  return `${ENFORCING}exemptions:
  - callerUid: ${uid}
    reason: "The comparison needs someone who is left alone."
    until: "2099-01-01"
`;
}

/** What the guide tells users to begin with. */
export function guidePolicy(): string {
  const guide = readFileSync(join(ROOT, "docs/guides/guard-docker.md"), "utf8");
  const [, policy] = /^```yaml\n(.*?)^```$/ms.exec(guide) ?? [];
  if (policy === undefined) throw new Error("the guide has no policy");
  return policy;
}
