import type { Attached, BindMount, ContainerHandle, ContainerSpec } from "../engine/engine.ts";
import type { ImageFacts } from "../model/image.ts";
import type { PublishedPort, Workload } from "../model/workload.ts";
import { ensureImage } from "../learn/learn.ts";
import type { Session } from "../learn/session.ts";
import { logLinks } from "../strategy/log-links.ts";
import { mountPlan } from "../strategy/mounts.ts";
import { withSettings } from "../strategy/settings.ts";
import { sealOf } from "../strategy/seal.ts";
import { volumeNameFor } from "../strategy/volume-name.ts";
import { PetrifyError } from "../model/errors.ts";
import { TEMPLATE_TMPFS } from "../strategy/template.ts";
import { type Choice, chooseStrategy } from "./choose.ts";

export interface RunOptions {
  readonly workload: Workload;
  readonly containerName?: string;
  readonly detach: boolean;
  readonly remove: boolean;
  /** Publish what the image exposes, each at a port that the engine chooses. */
  readonly publishAll: boolean;
  readonly strategyFile?: string;
  /** Where strategies are looked for. */
  readonly folder: string;
}

export interface Started {
  readonly container: ContainerHandle;
  /** Absent when detached. */
  readonly streams?: Attached;
}

/**
 * Creates and starts a workload read-only under the strategy that fits, or under the template. The container is the user's:
 * it outlives the session unless the engine is Petrify's own. Throws E_ENGINE_UNSUPPORTED for a detached run there.
 */
export async function startReadOnly(session: Session, options: RunOptions): Promise<Started> {
  const { engine, progress } = session;
  if (options.detach && engine.info.kind === "embedded")
    throw new PetrifyError(
      "E_ENGINE_UNSUPPORTED",
      "The embedded engine ends with this command, so nothing can go on in the background.",
      {
        hint: "Leave -d out, or run it on a Docker or Podman of this host.",
      },
    );
  const image = await ensureImage(session, options.workload.image);
  const choice = await chooseStrategy(options.workload, image, {
    folder: options.folder,
    ...(options.strategyFile === undefined ? {} : { file: options.strategyFile }),
  });
  progress.note(choice.reason);
  const container = await session.createContainer({
    ...containerSpec(options, image, choice),
    // Nobody could see it any more once the embedded engine has ended; on another engine it is the user's.
    session: engine.info.kind === "embedded" ? session.id : "",
  });
  let isStarted = false;
  session.defer(async () => {
    // One that never ran is of no use to the user, on whatever engine.
    if (!isStarted) await container.remove();
  });
  const streams = options.detach
    ? undefined
    : await container.attach({ stdin: options.workload.openStdin, tty: options.workload.tty });
  await container.start();
  isStarted = true;
  return streams === undefined ? { container } : { container, streams };
}

function containerSpec(options: RunOptions, image: ImageFacts, { strategy }: Choice): Omit<ContainerSpec, "session"> {
  const workload = withSettings(options.workload, strategy?.settings ?? [], image.env);
  // Two containers of one image are two databases: each has volumes named after it, unless nobody gave it a name.
  const planned =
    strategy === undefined
      ? { tmpfs: TEMPLATE_TMPFS, volumes: [], binds: [] }
      : mountPlan(strategy, {
          volumeName: (entry) => volumeNameFor({ ...strategy, name: options.containerName ?? strategy.name }, entry),
        });
  const noExec = new Set(planned.volumes.filter((volume) => volume.noExec === true).map(({ target }) => target));
  // What the user mounts himself wins over the strategy's mount at the same place.
  const given = new Set(workload.mounts.map((mount) => mount.target));
  return {
    workload: {
      ...workload,
      mounts: [],
      ports: [...workload.ports, ...(options.publishAll ? exposed(image, workload) : [])],
    },
    name: options.containerName ?? "",
    ...sealOf(strategy ?? {}),
    tmpfs: {
      ...Object.fromEntries(Object.entries(planned.tmpfs).filter(([target]) => !given.has(target))),
      ...Object.fromEntries(workload.mounts.filter((m) => m.type === "tmpfs").map((m) => [m.target, m.options ?? ""])),
    },
    volumes: [
      ...planned.volumes.filter((volume) => !given.has(volume.target)),
      ...workload.mounts
        .filter((mount) => mount.type === "volume")
        .map(({ source, target, readOnly, driver, driverOptions }) => ({
          target,
          readOnly,
          ...(noExec.has(target) ? { noExec: true as const } : {}),
          ...(source === undefined ? {} : { name: source }),
          ...(driver === undefined ? {} : { driver }),
          ...(driverOptions === undefined ? {} : { driverOptions }),
        })),
    ],
    binds: workload.mounts.flatMap((mount): BindMount[] =>
      mount.type === "bind" && mount.source !== undefined
        ? [
            {
              source: mount.source,
              target: mount.target,
              readOnly: mount.readOnly,
              ...(mount.options === undefined ? {} : { options: mount.options }),
            },
          ]
        : [],
    ),
    links: strategy === undefined ? [] : logLinks(strategy, given),
    publishPorts: true,
    autoRemove: options.remove,
    imageId: image.id,
  };
}

function exposed(image: ImageFacts, workload: Workload): readonly PublishedPort[] {
  const published = new Set(workload.ports.map((port) => `${port.containerPort}/${port.protocol}`));
  return image.exposedPorts
    .filter((port) => !published.has(port))
    .map((port) => ({ containerPort: Number.parseInt(port, 10), protocol: port.endsWith("/udp") ? "udp" : "tcp" }));
}
