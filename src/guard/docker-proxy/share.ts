import type { Caller } from "../../policy/request.ts";

/**
 * Whether a user who is not root has half of all connections already: streams that never end (`events`) count as served, and would keep
 * everybody else out. Root's are not counted, nor is whom the kernel does not name.
 */
export function hasItsShare(open: Iterable<Caller>, { uid }: Caller, connections: number): boolean {
  if (uid === undefined || uid === 0) return false;
  let own = 0;
  for (const caller of open) if (caller.uid === uid) own++;
  return own >= Math.ceil(connections / 2);
}
