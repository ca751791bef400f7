import {
  ANY,
  BOOL,
  type GoType,
  INT64,
  listOf,
  mapOf,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  struct,
  UINT32,
  UINT64,
} from "../go-json/go-type.ts";

/*
 * What `POST /libpod/containers/create` and `/libpod/pods/create` decode with Go's encoding/json. Sources: containers/podman v4.3.1
 * to v5.8.2, pkg/specgen/{specgen,podspecgen,namespaces,volumes}.go; opencontainers/runtime-spec specs-go/config.go. Where a version
 * has a field and another has not, the field is here: the older one ignores it. Pointers to what JSON tells from null stand here as
 * what they point to: null and absent are the same to Podman. `ANY` are fields that give a container no place to write.
 */

/** A list of pointers to structs. */
function list(fields: Readonly<Record<string, GoType>>): GoType {
  return listOf(pointerTo(struct(fields)));
}

export const NAMESPACE = struct({ nsmode: STRING, value: STRING });

const ID_MAPPING = struct({ containerID: UINT32, hostID: UINT32, size: UINT32 });

const DEVICE_RULE = struct({ allow: BOOL, type: STRING, major: INT64, minor: INT64, access: STRING });

const DEVICES = listOf(
  struct({ path: STRING, type: STRING, major: INT64, minor: INT64, fileMode: UINT32, uid: UINT32, gid: UINT32 }),
);

const RESOURCES = struct({
  devices: listOf(DEVICE_RULE),
  memory: struct({
    limit: INT64,
    reservation: INT64,
    swap: INT64,
    kernel: INT64,
    kernelTCP: INT64,
    swappiness: UINT64,
    disableOOMKiller: BOOL,
    useHierarchy: BOOL,
    checkBeforeUpdate: BOOL,
  }),
  cpu: ANY,
  pids: struct({ limit: INT64 }),
  blockIO: ANY,
  hugepageLimits: ANY,
  network: ANY,
  rdma: ANY,
  unified: STRING_MAP,
});

/** Where containers and pods have the same names for mounts. */
const MOUNT_FIELDS = {
  mounts: listOf(
    struct({
      destination: STRING,
      type: STRING,
      source: STRING,
      options: STRINGS,
      uidMappings: listOf(ID_MAPPING),
      gidMappings: listOf(ID_MAPPING),
    }),
  ),
  volumes: list({ Name: STRING, Dest: STRING, Options: STRINGS, IsAnonymous: BOOL, SubPath: STRING }),
  overlay_volumes: list({ destination: STRING, source: STRING, options: STRINGS }),
  image_volumes: list({ Source: STRING, Destination: STRING, ReadWrite: BOOL, subPath: STRING }),
  volumes_from: STRINGS,
  shm_size: INT64,
  shm_size_systemd: INT64,
} as const;

/** Ports, names and addresses, the same for both. */
const NETWORK_FIELDS = {
  netns: NAMESPACE,
  portmappings: ANY,
  Networks: ANY,
  networkOrder: STRINGS,
  cni_networks: STRINGS,
  dns_server: STRINGS,
  dns_search: STRINGS,
  dns_option: STRINGS,
  hostadd: STRINGS,
  network_options: ANY,
} as const;

const SHARED_RESOURCES = { resource_limits: RESOURCES, cpu_period: UINT64, cpu_quota: INT64 } as const;

const BASIC = struct({
  name: STRING,
  pod: STRING,
  entrypoint: STRINGS,
  command: STRINGS,
  env_host: BOOL,
  httpproxy: BOOL,
  env: STRING_MAP,
  terminal: BOOL,
  stdin: BOOL,
  labels: STRING_MAP,
  annotations: STRING_MAP,
  stop_signal: INT64,
  stop_timeout: UINT64,
  timeout: UINT64,
  log_configuration: struct({ driver: STRING, path: STRING, size: INT64, options: STRING_MAP }),
  conmon_pid_file: STRING,
  raw_image_name: STRING,
  image_os: STRING,
  image_arch: STRING,
  image_variant: STRING,
  restart_policy: STRING,
  restart_tries: UINT64,
  oci_runtime: STRING,
  systemd: STRING,
  sdnotifyMode: STRING,
  namespace: STRING,
  pidns: NAMESPACE,
  utsns: NAMESPACE,
  hostname: STRING,
  hostusers: STRINGS,
  sysctl: STRING_MAP,
  remove: BOOL,
  removeImage: BOOL,
  containerCreateCommand: STRINGS,
  timezone: STRING,
  dependencyContainers: STRINGS,
  secret_env: STRING_MAP,
  init_container_type: STRING,
  personality: ANY,
  envmerge: STRINGS,
  unsetenv: STRINGS,
  unsetenvall: BOOL,
  manage_password: BOOL,
  passwd_entry: STRING,
  group_entry: STRING,
});

const STORAGE = struct({
  image: STRING,
  rootfs: STRING,
  rootfs_overlay: BOOL,
  rootfs_mapping: STRING,
  image_volume_mode: STRING,
  init: BOOL,
  init_path: STRING,
  ...MOUNT_FIELDS,
  artifact_volumes: list({ source: STRING, destination: STRING, title: STRING, digest: STRING, name: STRING }),
  devices: DEVICES,
  device_cgroup_rule: listOf(DEVICE_RULE),
  devices_from: STRINGS,
  host_device_list: DEVICES,
  gpus: STRINGS,
  ipcns: NAMESPACE,
  work_dir: STRING,
  create_working_dir: BOOL,
  storage_opts: STRING_MAP,
  rootfs_propagation: STRING,
  secrets: listOf(struct({ Source: STRING, Target: STRING, UID: UINT32, GID: UINT32, Mode: UINT32 })),
  volatile: BOOL,
  chroot_directories: STRINGS,
});

const SECURITY = struct({
  privileged: BOOL,
  user: STRING,
  groups: STRINGS,
  cap_add: STRINGS,
  cap_drop: STRINGS,
  selinux_opts: STRINGS,
  apparmor_profile: STRING,
  seccomp_policy: STRING,
  seccomp_profile_path: STRING,
  no_new_privileges: BOOL,
  userns: NAMESPACE,
  idmappings: ANY,
  read_only_filesystem: BOOL,
  read_write_tmpfs: BOOL,
  label_nested: BOOL,
  umask: STRING,
  procfs_opts: STRINGS,
  mask: STRINGS,
  unmask: STRINGS,
});

const REST = struct({
  cgroupns: NAMESPACE,
  cgroups_mode: STRING,
  cgroup_parent: STRING,
  ...NETWORK_FIELDS,
  publish_image_ports: BOOL,
  expose: ANY,
  use_image_resolve_conf: BOOL,
  use_image_hostname: BOOL,
  use_image_hosts: BOOL,
  base_hosts_file: STRING,
  intelRdt: ANY,
  ...SHARED_RESOURCES,
  r_limits: ANY,
  oom_score_adj: INT64,
  weightDevice: mapOf(ANY),
  throttleReadBpsDevice: mapOf(ANY),
  throttleWriteBpsDevice: mapOf(ANY),
  throttleReadIOPSDevice: mapOf(ANY),
  throttleWriteIOPSDevice: mapOf(ANY),
  unified: STRING_MAP,
  healthconfig: ANY,
  health_check_on_failure_action: INT64,
  startupHealthConfig: ANY,
  healthLogDestination: STRING,
  healthMaxLogCount: UINT64,
  healthMaxLogSize: UINT64,
});

export const SPEC_GENERATOR = struct({}, BASIC, STORAGE, SECURITY, REST);

export const POD_SPEC_GENERATOR = struct({
  name: STRING,
  hostname: STRING,
  exit_policy: STRING,
  labels: STRING_MAP,
  no_infra: BOOL,
  infra_conmon_pid_file: STRING,
  infra_command: STRINGS,
  infra_image: STRING,
  infra_name: STRING,
  shared_namespaces: STRINGS,
  share_parent: BOOL,
  pod_create_command: STRINGS,
  restart_policy: STRING,
  restart_tries: UINT64,
  pidns: NAMESPACE,
  ipcns: NAMESPACE,
  userns: NAMESPACE,
  utsns: NAMESPACE,
  pod_devices: STRINGS,
  sysctl: STRING_MAP,
  ...NETWORK_FIELDS,
  no_manage_resolv_conf: BOOL,
  no_manage_hostname: BOOL,
  no_manage_hosts: BOOL,
  hostsFile: STRING,
  ...MOUNT_FIELDS,
  cgroup_parent: STRING,
  ...SHARED_RESOURCES,
  throttleReadBpsDevice: mapOf(ANY),
  security_opt: STRINGS,
  idmappings: ANY,
  serviceContainerID: STRING,
});
