import type { AuditPort } from "../../container.ts";
import type { PodContainer } from "./settings.ts";

/** The ports that a container declares; on the host's network each is the host's. */
export function portsOf({ fields, pod }: PodContainer): readonly AuditPort[] | undefined {
  if (!fields.has("ports")) return undefined;
  const onHost = pod.boolean("hostNetwork")?.value === true;
  return fields.maps("ports").flatMap((port): AuditPort[] => {
    const containerPort = port.integer("containerPort")?.value;
    if (containerPort === undefined) return [];
    const hostPort = port.integer("hostPort")?.value ?? (onHost ? containerPort : 0);
    const hostIp = port.text("hostIP")?.value;
    const at = port.at();
    return [
      {
        containerPort,
        // 0 is how none is written (kubernetes api/core/v1, ContainerPort).
        ...(hostPort === 0 ? {} : { hostPort }),
        ...(hostIp === undefined ? {} : { hostIp }),
        ...(at === undefined ? {} : { at }),
      },
    ];
  });
}
