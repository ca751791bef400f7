import { HEALTH_CONFIG } from "../fields/config.ts";
import { MOUNT } from "../fields/mount.ts";
import {
  ANY,
  BOOL,
  BYTES,
  type GoType,
  INT64,
  listOf,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  struct,
  UINT64,
} from "../go-json/go-type.ts";

function pointer(fields: Readonly<Record<string, GoType>>): GoType {
  return pointerTo(struct(fields));
}

/** Where a secret or a config appears: a name below /run/secrets or /, or an absolute path. */
const FILE = pointer({ Name: STRING, UID: STRING, GID: STRING, Mode: INT64 });

/** moby api/types/swarm/container.go, ContainerSpec: all fields of 20.10 to 29. */
const CONTAINER_SPEC = struct({
  Image: STRING,
  Labels: STRING_MAP,
  Command: STRINGS,
  Args: STRINGS,
  Hostname: STRING,
  Env: STRINGS,
  Dir: STRING,
  User: STRING,
  Groups: STRINGS,
  Privileges: pointer({
    CredentialSpec: pointer({ Config: STRING, File: STRING, Registry: STRING }),
    SELinuxContext: pointer({ Disable: BOOL, User: STRING, Role: STRING, Type: STRING, Level: STRING }),
    Seccomp: pointer({ Mode: STRING, Profile: BYTES }),
    AppArmor: pointer({ Mode: STRING }),
    NoNewPrivileges: BOOL,
  }),
  Init: BOOL,
  StopSignal: STRING,
  TTY: BOOL,
  OpenStdin: BOOL,
  ReadOnly: BOOL,
  Mounts: listOf(MOUNT),
  StopGracePeriod: INT64,
  Healthcheck: pointerTo(HEALTH_CONFIG),
  Hosts: STRINGS,
  DNSConfig: ANY,
  Secrets: listOf(pointer({ File: FILE, SecretID: STRING, SecretName: STRING })),
  Configs: listOf(pointer({ File: FILE, Runtime: pointer({}), ConfigID: STRING, ConfigName: STRING })),
  Isolation: STRING,
  Sysctls: STRING_MAP,
  CapabilityAdd: STRINGS,
  CapabilityDrop: STRINGS,
  Ulimits: ANY,
  OomScoreAdj: INT64,
});

const NETWORKS = listOf(struct({ Target: STRING, Aliases: STRINGS, DriverOpts: STRING_MAP }));

/** moby api/types/swarm/{service,task}.go, ServiceSpec. */
export const SERVICE_SPEC = struct({
  Name: STRING,
  Labels: STRING_MAP,
  TaskTemplate: struct({
    ContainerSpec: pointerTo(CONTAINER_SPEC),
    PluginSpec: ANY,
    NetworkAttachmentSpec: ANY,
    Resources: pointer({
      Limits: pointer({ NanoCPUs: INT64, MemoryBytes: INT64, Pids: INT64 }),
      Reservations: ANY,
      SwapBytes: INT64,
      MemorySwappiness: INT64,
    }),
    RestartPolicy: ANY,
    Placement: ANY,
    Networks: NETWORKS,
    LogDriver: pointer({ Name: STRING, Options: STRING_MAP }),
    ForceUpdate: UINT64,
    Runtime: STRING,
  }),
  Mode: ANY,
  UpdateConfig: ANY,
  RollbackConfig: ANY,
  Networks: NETWORKS,
  EndpointSpec: ANY,
});
