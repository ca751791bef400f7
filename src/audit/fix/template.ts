import type { Strategy } from "../../model/strategy.ts";
import { NO_SETTINGS } from "../../model/workload.ts";
import { TEMPLATE_TMPFS } from "../../strategy/template.ts";
import { parseTmpfsOptions } from "../../strategy/tmpfs-options.ts";

/** What whoever takes the template must know; it stands above each of its mounts, too. */
export const TEMPLATE_RISK =
  "By the template, not learned: whatever it writes elsewhere is refused, and what it keeps on these is lost.";

/** CRI-O's template as a strategy: nobody saw what the application needs. */
export function templateStrategy(name: string, image: string): Strategy {
  return {
    name,
    fits: { repositories: [] },
    workload: { name, image, ...NO_SETTINGS },
    entries: Object.entries(TEMPLATE_TMPFS).map(([path, text]) => {
      const { sizeBytes = 2 ** 26, mode = 0o755 } = parseTmpfsOptions(text);
      return { kind: "tmpfs", path, why: TEMPLATE_RISK, sizeBytes, mode, uid: 0, gid: 0, exec: false };
    }),
    profile: { file: "", sha256: "" },
    incomplete: [],
    test: { kind: "none" },
    verifiedOn: [],
  };
}
