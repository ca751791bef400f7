/** How the value of a key is read: whole, as words of which each is one value, or as a switch. */
type Kind = "value" | "words" | "switch";

export interface UnitKey {
  readonly kind: Kind;
  /** The flag of `podman run` that it becomes. */
  readonly flag: string;
  /** What stands before its value there: `seccomp=`. */
  readonly prefix?: string;
  /** It may be given several times; an empty one takes back those before. */
  readonly repeats?: true;
}

function key(kind: Kind, flag: string, prefix?: string): UnitKey {
  return { kind, flag, ...(prefix === undefined ? {} : { prefix }) };
}

function repeated(kind: Kind, flag: string, prefix?: string): UnitKey {
  return { ...key(kind, flag, prefix), repeats: true };
}

/** Keys of [Container] and [Pod] that set what is audited (podman-systemd.unit(5); podman pkg/systemd/quadlet/quadlet.go). */
export const UNIT_KEYS: Readonly<Record<string, UnitKey>> = {
  AddCapability: repeated("words", "cap-add"),
  AddDevice: repeated("words", "device"),
  AppArmor: key("value", "security-opt", "apparmor="),
  DropCapability: repeated("words", "cap-drop"),
  Entrypoint: key("value", "entrypoint"),
  Environment: repeated("words", "env"),
  HealthCmd: key("value", "health-cmd"),
  LogDriver: key("value", "log-driver"),
  LogOpt: repeated("words", "log-opt"),
  Mask: repeated("value", "security-opt", "mask="),
  Memory: key("value", "memory"),
  Mount: repeated("value", "mount"),
  Network: repeated("value", "network"),
  NoNewPrivileges: key("switch", "security-opt", "no-new-privileges="),
  PidsLimit: key("value", "pids-limit"),
  PublishPort: repeated("value", "publish"),
  ReadOnly: key("switch", "read-only"),
  ReadOnlyTmpfs: key("switch", "read-only-tmpfs"),
  RemapUsers: key("value", "userns"),
  SeccompProfile: key("value", "security-opt", "seccomp="),
  SecurityLabelDisable: key("switch", "security-opt", "label="),
  SecurityLabelType: key("value", "security-opt", "label=type:"),
  Sysctl: repeated("words", "sysctl"),
  Tmpfs: repeated("value", "tmpfs"),
  Ulimit: repeated("value", "ulimit"),
  Unmask: repeated("value", "security-opt", "unmask="),
  User: key("value", "user"),
  UserNS: key("value", "userns"),
  Volume: repeated("value", "volume"),
  WorkingDir: key("value", "workdir"),
};
