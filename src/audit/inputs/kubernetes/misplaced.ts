import { askingKey } from "../../../export/kubernetes-splice/misplaced.ts";
import type { Path } from "../../../export/kubernetes/pod-kinds.ts";
import type { Located } from "../../container.ts";
import { type Fields, pathText } from "./fields.ts";
import type { PodContainer } from "./settings.ts";

const RIGHT = "readOnlyRootFilesystem";

/** Where a read-only root is asked for so that nothing reads it; undefined when the container says right what it wants. */
export function misplacedReadOnlyRoot({ fields, pod }: PodContainer): Located<string> | undefined {
  if (fields.map("securityContext").has(RIGHT)) return undefined;
  const places: readonly (readonly [Fields, Path])[] = [
    [fields, ["securityContext"]],
    [fields, ["securityContext", "capabilities"]],
    [fields, []],
    [pod, ["securityContext"]],
    [pod, []],
  ];
  for (const [from, steps] of places) {
    const map = from.map(...steps);
    const key = askingKey(map.data);
    if (key !== undefined) return map.located(pathText(key === RIGHT ? map.path : [...map.path, key]), key);
  }
  return undefined;
}
