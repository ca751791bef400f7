import {
  ANY,
  BOOL,
  type GoStruct,
  type GoType,
  INT64,
  listOf,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  struct,
} from "../go-json/go-type.ts";

/*
 * Kubernetes objects as Podman decodes them: sigs.k8s.io/yaml, which is encoding/json behind YAML. Source: containers/podman v4.3.1 to
 * v5.8.2, pkg/k8s.io/api/core/v1/types.go, pkg/domain/infra/abi/play.go. `ANY` are fields that give a container no place to write.
 */

function pointer(own: Readonly<Record<string, GoType>>): GoType {
  return pointerTo(struct(own));
}
/** Fields that are known, and of no matter here. */
function fields(names: string): Readonly<Record<string, GoType>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, ANY]));
}

const SELINUX = pointer({ user: STRING, role: STRING, type: STRING, level: STRING, fileType: STRING });
const PROFILE = pointer({ type: STRING, localhostProfile: STRING });

const CONTAINER = struct({
  ...fields(
    "ports envFrom resizePolicy restartPolicy livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath " +
      "terminationMessagePolicy imagePullPolicy stdin stdinOnce tty",
  ),
  name: STRING,
  image: STRING,
  command: STRINGS,
  args: STRINGS,
  workingDir: STRING,
  env: listOf(struct({ name: STRING, value: STRING, valueFrom: ANY })),
  resources: struct({ limits: { go: "map", of: ANY }, requests: { go: "map", of: ANY }, claims: ANY }),
  volumeMounts: listOf(
    struct({ name: STRING, readOnly: BOOL, mountPath: STRING, subPath: STRING, mountPropagation: STRING }),
  ),
  securityContext: pointer({
    capabilities: pointer({ add: STRINGS, drop: STRINGS }),
    privileged: BOOL,
    seLinuxOptions: SELINUX,
    runAsUser: INT64,
    runAsGroup: INT64,
    runAsNonRoot: BOOL,
    readOnlyRootFilesystem: BOOL,
    allowPrivilegeEscalation: BOOL,
    procMount: STRING,
    seccompProfile: PROFILE,
    appArmorProfile: PROFILE,
  }),
});

const POD_SPEC = struct({
  ...fields(
    "restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount " +
      "automountServiceAccountToken nodeName imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases " +
      "priorityClassName priority dnsConfig readinessGates enableServiceLinks preemptionPolicy overhead topologySpreadConstraints " +
      "setHostnameAsFQDN hostUsers",
  ),
  hostNetwork: BOOL,
  hostPID: BOOL,
  hostIPC: BOOL,
  shareProcessNamespace: BOOL,
  securityContext: pointer({
    ...fields("fsGroup fsGroupChangePolicy runAsNonRoot supplementalGroups sysctls"),
    seLinuxOptions: SELINUX,
    runAsUser: INT64,
    runAsGroup: INT64,
    seccompProfile: PROFILE,
  }),
  volumes: listOf(
    struct({
      name: STRING,
      hostPath: pointer({ path: STRING, type: STRING }),
      emptyDir: pointer({ medium: STRING, sizeLimit: ANY }),
      persistentVolumeClaim: pointer({ claimName: STRING, readOnly: BOOL }),
      configMap: pointer({ ...fields("items defaultMode optional"), name: STRING }),
      secret: pointer({ ...fields("items defaultMode optional"), secretName: STRING }),
      image: pointer({ reference: STRING, pullPolicy: STRING }),
    }),
  ),
  initContainers: listOf(CONTAINER),
  containers: listOf(CONTAINER),
});

const META = struct({
  ...fields(
    "generateName selfLink uid resourceVersion generation creationTimestamp ownerReferences finalizers managedFields",
  ),
  name: STRING,
  namespace: STRING,
  labels: STRING_MAP,
  annotations: STRING_MAP,
});

function object(rest: Readonly<Record<string, GoType>>): GoStruct {
  return struct({ kind: STRING, apiVersion: STRING, metadata: META, status: ANY, ...rest });
}

const TEMPLATE = struct({ metadata: META, spec: POD_SPEC });
const WORKLOAD = object({
  spec: struct({
    ...fields(
      "replicas selector strategy updateStrategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds parallelism " +
        "completions backoffLimit activeDeadlineSeconds manualSelector ttlSecondsAfterFinished completionMode suspend",
    ),
    template: TEMPLATE,
  }),
});

/** Kinds that Podman makes something of, and that can be judged. */
export const KINDS: ReadonlyMap<string, GoStruct> = new Map([
  ["Pod", object({ spec: POD_SPEC })],
  ["Deployment", WORKLOAD],
  ["DaemonSet", WORKLOAD],
  ["Job", WORKLOAD],
  ["PersistentVolumeClaim", object({ spec: ANY })],
  ["ConfigMap", object(fields("data binaryData immutable"))],
  ["Secret", object(fields("data stringData type immutable"))],
]);
