import type { Rule } from "./rule.ts";
import { addedFiles } from "./rules/added-files.ts";
import { addedCapabilities } from "./rules/added-capabilities.ts";
import { allInterfaces } from "./rules/all-interfaces.ts";
import { appArmorOff } from "./rules/apparmor-off.ts";
import { buildSecrets } from "./rules/build-secrets.ts";
import { cgroupParent } from "./rules/cgroup-parent.ts";
import { cpuLimit } from "./rules/cpu-limit.ts";
import { dataAtRisk } from "./rules/data-at-risk.ts";
import { debugContainer } from "./rules/debug-container.ts";
import { declaredVolumes } from "./rules/declared-volumes.ts";
import { defaultBridge } from "./rules/default-bridge.ts";
import { endlessRestarts } from "./rules/endless-restarts.ts";
import { engineSocket } from "./rules/engine-socket.ts";
import { executablePlaces } from "./rules/executable-places.ts";
import { healthcheck } from "./rules/healthcheck.ts";
import { hostCapabilities } from "./rules/host-capabilities.ts";
import { hostDevices } from "./rules/host-devices.ts";
import { hostNetwork, hostPid, hostIpc, hostUts, hostUserns } from "./rules/host-namespaces.ts";
import { hostPath } from "./rules/host-path.ts";
import { hostPort } from "./rules/host-port.ts";
import { ignoredSetting } from "./rules/ignored-setting.ts";
import { imageTools } from "./rules/image-tools.ts";
import { incompleteStrategy } from "./rules/incomplete-strategy.ts";
import { latestTag } from "./rules/latest-tag.ts";
import { logFiles } from "./rules/log-files.ts";
import { loneUpdate } from "./rules/lone-update.ts";
import { memoryLimit } from "./rules/memory-limit.ts";
import { missingPlaces } from "./rules/missing-places.ts";
import { noLog } from "./rules/no-log.ts";
import { noNewPrivileges } from "./rules/no-new-privileges.ts";
import { pidsLimit } from "./rules/pids-limit.ts";
import { pipedDownload } from "./rules/piped-download.ts";
import { privileged } from "./rules/privileged.ts";
import { privilegedPorts } from "./rules/privileged-ports.ts";
import { rawDevices } from "./rules/raw-devices.ts";
import { readOnlyRoot } from "./rules/read-only-root.ts";
import { readableHostSecrets } from "./rules/readable-host-secrets.ts";
import { remountableRoot } from "./rules/remountable-root.ts";
import { rootUser } from "./rules/root-user.ts";
import { seccompOff } from "./rules/seccomp-off.ts";
import { secretsInEnvironment } from "./rules/secrets-in-environment.ts";
import { selinuxOff } from "./rules/selinux-off.ts";
import { setuidPrograms } from "./rules/setuid-programs.ts";
import { severalApplications } from "./rules/several-applications.ts";
import { sharedProcesses } from "./rules/shared-processes.ts";
import { sharedPropagation } from "./rules/shared-propagation.ts";
import { sshServer } from "./rules/ssh-server.ts";
import { unboundedLogs } from "./rules/unbounded-logs.ts";
import { unboundedScratch } from "./rules/unbounded-scratch.ts";
import { unboundedTmpfs } from "./rules/unbounded-tmpfs.ts";
import { undroppedCapabilities } from "./rules/undropped-capabilities.ts";
import { unkeptData } from "./rules/unkept-data.ts";
import { unlimitedUlimits } from "./rules/unlimited-ulimits.ts";
import { unmaskedPaths } from "./rules/unmasked-paths.ts";
import { unobservedPlaces } from "./rules/unobserved-places.ts";
import { unpinnedImage } from "./rules/unpinned-image.ts";
import { unsafeSysctls } from "./rules/unsafe-sysctls.ts";
import { unverifiedStrategy } from "./rules/unverified-strategy.ts";
import { writableCode } from "./rules/writable-code.ts";
import { writableHostSystem } from "./rules/writable-host-system.ts";

/** Every rule, in the order in which a report shows them: by topic, and in it what matters most first. */
export const RULES: readonly Rule[] = [
  readOnlyRoot,
  remountableRoot,
  writableCode,
  unmaskedPaths,
  missingPlaces,
  declaredVolumes,
  unobservedPlaces,
  unverifiedStrategy,
  incompleteStrategy,
  executablePlaces,
  debugContainer,
  dataAtRisk,
  unkeptData,
  logFiles,
  engineSocket,
  writableHostSystem,
  privileged,
  hostCapabilities,
  rawDevices,
  hostNetwork,
  hostPid,
  hostIpc,
  hostUts,
  hostUserns,
  readableHostSecrets,
  sharedPropagation,
  rootUser,
  secretsInEnvironment,
  buildSecrets,
  addedCapabilities,
  seccompOff,
  appArmorOff,
  selinuxOff,
  noNewPrivileges,
  undroppedCapabilities,
  hostPath,
  defaultBridge,
  hostDevices,
  sharedProcesses,
  unsafeSysctls,
  cgroupParent,
  ignoredSetting,
  unboundedTmpfs,
  unboundedScratch,
  unboundedLogs,
  memoryLimit,
  cpuLimit,
  pidsLimit,
  unlimitedUlimits,
  endlessRestarts,
  pipedDownload,
  latestTag,
  unpinnedImage,
  loneUpdate,
  addedFiles,
  setuidPrograms,
  imageTools,
  sshServer,
  healthcheck,
  severalApplications,
  allInterfaces,
  privilegedPorts,
  hostPort,
  noLog,
];
