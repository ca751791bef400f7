/** A container of the acceptance, as a create body has it. */
export interface Varied {
  readonly host?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The image that declares `VOLUME /data`. */
  readonly declares?: true;
  /** In which state it is while it is audited; default: running. */
  readonly state?: "created" | "paused" | "exited";
}

const RO = { ReadonlyRootfs: true } as const;
const MASKED = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"];
const LOCKED = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
const volume = (Source: string, Target: string, more: object = {}): object => ({
  Mounts: [{ Type: "volume", Source, Target, ...more }],
});
const options = (o: Readonly<Record<string, string>>): object => ({
  VolumeOptions: { DriverConfig: { Name: "local", Options: o } },
});

/** What decides about writing, one by one and together. `scratch` is a folder of the host. */
export function variedContainers(kind: "docker" | "podman", scratch: string): Readonly<Record<string, Varied>> {
  const unmasked = kind === "podman" ? { SecurityOpt: ["unmask=ALL"] } : { MaskedPaths: [], ReadonlyPaths: [] };
  return {
    plain: {},
    "plain-stopped": { state: "exited" },
    "plain-created": { state: "created" },
    "plain-paused": { state: "paused" },
    ro: { host: RO },
    "ro-stopped": { host: RO, state: "exited" },
    "ro-created": { host: RO, state: "created" },
    "ro-paused": { host: RO, state: "paused" },
    "ro-sys-admin": { host: { ...RO, CapAdd: ["SYS_ADMIN"] } },
    "ro-sys-admin-stopped": { host: { ...RO, CapAdd: ["CAP_SYS_ADMIN"] }, state: "exited" },
    "sys-admin": { host: { CapAdd: ["SYS_ADMIN"] } },
    "ro-net-admin": { host: { ...RO, CapAdd: ["NET_ADMIN"] } },
    "ro-all": { host: { ...RO, CapAdd: ["ALL"] } },
    "ro-privileged": { host: { ...RO, Privileged: true } },
    privileged: { host: { Privileged: true } },
    "ro-no-capability": { host: { ...RO, CapDrop: ["ALL"] } },
    "ro-user": { host: RO, body: { User: "1000" } },
    "ro-host-root": { host: { ...RO, Binds: ["/:/host"] } },
    "ro-host-root-ro": { host: { ...RO, Binds: ["/:/host:ro"] } },
    "ro-volume-bind": {
      host: { ...RO, ...volume("host-root", "/host", options({ type: "none", device: "/", o: "bind" })) },
    },
    "ro-bin-volume": { host: { ...RO, ...volume("programs", "/bin") } },
    "ro-bin-volume-ro": { host: { ...RO, ...volume("programs-too", "/bin", { ReadOnly: true }) } },
    "ro-etc-tmpfs": { host: { ...RO, Tmpfs: { "/etc": "size=1m" } } },
    "ro-local-bin-bind": { host: { ...RO, Binds: [`${scratch}:/usr/local/bin`] } },
    "ro-tmp": { host: { ...RO, Tmpfs: { "/tmp": "size=1m,noexec" } } },
    "ro-tmp-long": {
      host: { ...RO, Mounts: [{ Type: "tmpfs", Target: "/tmp", TmpfsOptions: { SizeBytes: 65_536 } }] },
    },
    "ro-declares": { host: RO, declares: true },
    "ro-declares-stopped": { host: RO, declares: true, state: "exited" },
    "ro-declares-named": { host: { ...RO, ...volume("data", "/data") }, declares: true },
    "ro-declares-tmpfs": { host: { ...RO, Tmpfs: { "/data": "size=1m" } }, declares: true },
    declares: { declares: true },
    unmasked: { host: unmasked },
    "ro-unmasked": { host: { ...RO, ...unmasked } },
    "ro-unmasked-stopped": { host: { ...RO, ...unmasked }, state: "exited" },
    "masked-only": kind === "docker" ? { host: { MaskedPaths: MASKED, ReadonlyPaths: [] } } : {},
    "masked-elsewhere": kind === "docker" ? { host: { MaskedPaths: ["/nothing"], ReadonlyPaths: ["/nothing"] } } : {},
    "partial-seal": kind === "docker" ? { host: { ReadonlyPaths: [...LOCKED, "/bin", "/etc"] } } : {},
    "ro-device": {
      host: { ...RO, Devices: [{ PathOnHost: "/dev/zero", PathInContainer: "/dev/z", CgroupPermissions: "rwm" }] },
    },
    "ro-host-users": { host: { ...RO, UsernsMode: "host" } },
    "ro-host-network": { host: { ...RO, NetworkMode: "host" } },
    "ro-host-processes": { host: { ...RO, PidMode: "host" } },
    "ro-no-new-privileges": { host: { ...RO, SecurityOpt: ["no-new-privileges"] } },
  };
}

/** Where a write is tried; each answer is a word. The kernel's setting is opened for writing, and not written to. */
export const PROBE = `
w() { if ( : > "$1/.petrify-probe" ) 2>/dev/null; then rm -f "$1/.petrify-probe"; echo "$2 yes"; else echo "$2 no"; fi; }
o() { if ( : >> "$1/proc/sys/kernel/core_pattern" ) 2>/dev/null; then echo "$2 yes"; else echo "$2 no"; fi; }
w / root; w /bin bin; w /etc etc; w /usr/local/bin local; w /data data; w "/host$1" host; o "" kernel; o /host hostkernel
mount -o remount,rw / 2>/dev/null || mount -o remount,bind,rw / 2>/dev/null; w / remounted`;

/** What users of its own change, or might. */
export const REMAPPED: readonly string[] = [
  "plain",
  "ro",
  "ro-sys-admin",
  "ro-host-root-ro",
  "ro-bin-volume",
  "unmasked",
  "ro-unmasked-stopped",
  "masked-only",
];
