import type { PolicyRule } from "./rule.ts";
import { pauseImage, readOnlyRoot } from "./rules/existing.ts";
import {
  engineBind,
  hostSystemBind,
  mountOverCode,
  sharedPropagation,
  volumeDriver,
  volumesFrom,
} from "./rules/mounts.ts";
import { hostProcesses, joinedProcesses, privileged, rawDevice, undoingCapability } from "./rules/privileges.ts";
import { runtime, unknownFields, unmaskedPaths, unpinnedImage } from "./rules/settings.ts";

/** Everything that is said of a container, made or about to be started, in the order in which it is told. */
export const CONTAINER_RULES: readonly PolicyRule[] = [
  readOnlyRoot,
  pauseImage,
  privileged,
  undoingCapability,
  rawDevice,
  hostProcesses,
  joinedProcesses,
  hostSystemBind,
  engineBind,
  mountOverCode,
  sharedPropagation,
  volumesFrom,
  volumeDriver,
  unmaskedPaths,
  unpinnedImage,
  runtime,
  unknownFields,
];
