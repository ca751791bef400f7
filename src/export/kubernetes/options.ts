import { type Version, isAtLeast } from "../version.ts";

export interface KubernetesOptions {
  /** Of the cluster; decides about fields that older ones do not know. */
  readonly version: Version;
  /** Directories get the mode and owner that verify gave them, by an init container. */
  readonly exactModes: boolean;
  /** Image with `sh` and `cp` for the init container, where the workload's has none. */
  readonly seedImage?: string;
  /** Size of a claim whose volume has no option `size`. */
  readonly volumeSizeBytes: number;
}

export const DEFAULT_KUBERNETES: KubernetesOptions = {
  version: [1, 34],
  exactModes: false,
  volumeSizeBytes: 2 ** 30,
};

/** Fields that came later, and since when (kubernetes/enhancements); an alpha field is dropped unless its gate is switched on. */
const FEATURES = {
  /** KEP-5502: `emptyDir.mode`, alpha. */
  emptyDirMode: [1, 37],
  /** KEP-5855: `volumeMounts[].bindMountOptions`, alpha. */
  bindMountOptions: [1, 37],
  /** KEP-4639: a volume of an image's files, alpha. */
  imageVolume: [1, 31],
  /** KEP-4639, stable. */
  imageVolumeIsStable: [1, 36],
} as const satisfies Readonly<Record<string, Version>>;

export function has(feature: keyof typeof FEATURES, { version }: KubernetesOptions): boolean {
  return isAtLeast(version, FEATURES[feature]);
}
