import { PetrifyError } from "../../model/errors.ts";
import type { Strategy } from "../../model/strategy.ts";
import { formatMode } from "../../model/units.ts";
import { logLinks } from "../../strategy/log-links.ts";
import type { YamlMap } from "../../strategy/yaml-text.ts";
import { linkCommand } from "../log-notes.ts";
import { shellQuote } from "../shell-quote.ts";
import { versionText } from "../version.ts";
import { type FreeNames, dnsLabel, literal } from "./names.ts";
import { type KubernetesOptions, has } from "./options.ts";
import type { PodMount } from "./pod-mounts.ts";

const VOLUMES_AT = "/petrify";
const IMAGE_AT = "/petrify-image";

/**
 * The init container that fills volumes with the image's files, because Kubernetes has no copy-up (kubernetes issue 28273), and that
 * sets modes and owners, because an emptyDir is 0777 and root's.
 *
 * It is the workload's own image and needs `sh` and `cp` in it. Where there are none, it is another image that has them, and the
 * workload's files come by a volume of the image: nothing in the workload's image is run. Throws E_EXPORT_UNSUPPORTED.
 */
export function prepareContainer(
  mounts: readonly PodMount[],
  strategy: Strategy,
  options: KubernetesOptions,
  volumeNames: FreeNames,
  containerNames: FreeNames,
): { readonly containers: readonly YamlMap[]; readonly volumes: readonly YamlMap[] } {
  const steps = mounts.map((mount) => ({ mount, commands: commandsFor(mount, strategy, options) }));
  const needed = steps.filter(({ commands }) => commands.length > 0);
  if (needed.length === 0) return { containers: [], volumes: [] };
  const { image } = strategy.workload;
  const { seedImage = image } = options;
  const fromImage = options.seedImage !== undefined && needed.some(({ mount }) => mount.isSeeded);
  if (fromImage && !has("imageVolume", options)) throw noImageVolume(options);
  const imageVolume = fromImage ? volumeNames.take("petrify-image") : undefined;
  const script = [
    ...(needed.some(({ mount }) => keepsFiles(mount)) ? [IS_EMPTY] : []),
    ...needed.flatMap(({ commands }) => commands),
  ];
  return {
    containers: [
      {
        name: containerNames.take(dnsLabel(`petrify-${strategy.name}`)),
        image: seedImage,
        command: ["sh", "-ec", literal(script.join("; "))],
        securityContext: {
          // Only root may give files to others; cp -a keeps their owners.
          runAsUser: 0,
          runAsNonRoot: false,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
        },
        volumeMounts: [
          ...needed.map(({ mount: { name } }) => ({ name, mountPath: `${VOLUMES_AT}/${name}` })),
          ...(imageVolume === undefined ? [] : [{ name: imageVolume, mountPath: IMAGE_AT, readOnly: true }]),
        ],
      },
    ],
    volumes: imageVolume === undefined ? [] : [{ name: imageVolume, image: { reference: image } }],
  };
}

/** Whether a directory holds nothing but what a new file system has. */
const IS_EMPTY = `empty() { for f in "$1"/* "$1"/.[!.]*; do [ "\${f##*/}" = lost+found ] || [ ! -e "$f" ] || return 1; done; }`;

function commandsFor(podMount: PodMount, strategy: Strategy, options: KubernetesOptions): string[] {
  const { mount, name } = podMount;
  const at = shellQuote(`${VOLUMES_AT}/${name}`);
  const links = logLinks(strategy).filter((link) => link.mount === mount.target);
  return [...setUp(podMount, strategy, options), ...links.map((link) => linkCommand(link, at))];
}

function setUp(podMount: PodMount, { entries }: Strategy, options: KubernetesOptions): string[] {
  const { mount, name, isSeeded } = podMount;
  const at = shellQuote(`${VOLUMES_AT}/${name}`);
  if (isSeeded) {
    const from = shellQuote(`${options.seedImage === undefined ? "" : IMAGE_AT}${mount.target}/.`);
    // A kept volume is filled once; later it holds what the application made of it.
    const copy = `cp -a ${from} ${at}`;
    return [keepsFiles(podMount) ? `if empty ${at}; then ${copy}; fi` : copy];
  }
  const entry = entries.find(({ path }) => path === mount.target);
  if (!options.exactModes || (entry?.kind !== "tmpfs" && entry?.kind !== "scratch")) return [];
  return [`chmod ${formatMode(entry.mode)} ${at}`, `chown ${entry.uid}:${entry.gid} ${at}`];
}

function keepsFiles({ mount, isSeeded }: PodMount): boolean {
  return isSeeded && mount.kind === "volume";
}

function noImageVolume({ version }: KubernetesOptions): PetrifyError {
  return new PetrifyError(
    "E_EXPORT_UNSUPPORTED",
    `Kubernetes ${versionText(version)} cannot mount an image's files, which copying them by another image needs.`,
    { hint: "Use 1.36 or newer (--kube-version), or leave --seed-image out when the image has sh and cp." },
  );
}
