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
