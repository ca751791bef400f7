/** How an engine differs from Docker's API, and what shows it. */
export interface Quirk {
  readonly engine: "podman";
  /** The version it was seen in. Newer ones have it too, as far as nothing else is said in `what`. */
  readonly seenIn: string;
  readonly what: string;
  /** Where it can be seen: a place in Podman's sources or pages, or the case of the contract suite that meets it. */
  readonly source: string;
}

/** What the adapter minds. */
export const QUIRKS = {
  readOnlyAddsTmpfs: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A read-only container gets a writable, unbounded tmpfs on /run, /tmp and /var/tmp. Docker's API cannot say no; Podman's own creates it without, with `read_write_tmpfs: false` from the version on that has it.",
    source: "podman-run(1), --read-only-tmpfs; contract: a read-only root has no writable mount but those asked for",
  },
  tmpfsWithoutOwner: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A tmpfs takes no `uid=` and `gid=` (5.6 neither). A local volume of type tmpfs does, and is as empty at each start.",
    source:
      "pkg/util/mountOpts.go, ProcessOptions; podman-volume-create(1); contract: tmpfs has the mode, owner and size",
  },
  tmpfsStartsFull: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A tmpfs is not noexec by default, and starts with the image's content (tmpcopyup).",
    source: "podman-run(1), --tmpfs; containers/podman issue 11325; contract: tmpfs is empty, programs in it",
  },
  oneRuntime: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "All containers have the runtime of containers.conf: `HostConfig.Runtime` and `oci_runtime` are ignored.",
    source: "contract: a runtime that the engine has not",
  },
  bindMakesSource: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "By Docker's API a bind mount makes the directory that is missing on the host; by Podman's own it fails at the start.",
    source: "contract: a directory that is not on the host",
  },
  volumeOptionsIgnored: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "Driver and options beside a mount do not reach a volume that is made by it: it must be made before.",
    source: "contract: a driver's options take effect",
  },
  removedWaitIsZero: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "Whoever waits for `removed` gets 0, whatever the exit code was; `next-exit` tells it.",
    source: "contract: a container that removes itself leaves its exit code",
  },
  waitPolls: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "Whoever waits is told up to 250 ms late, because the state is looked at that often, unless `interval` says otherwise.",
    source: "pkg/api/handlers/utils/containers.go, WaitContainerDocker",
  },
  removalStops: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A forced removal first lets the container end by its stop signal, within its stop timeout; by Podman's own API `timeout` says how long.",
    source: "libpod/runtime_ctr.go, removeContainer; contract: remove takes a running container away (10 s before)",
  },
  endedSignalIs500: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A signal for a container that has ended is answered with 500, where Docker answers 409.",
    source: "contract: a signal for a process that has ended is no error",
  },
  attachPrepares: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "Attaching to a created container has the runtime prepare it: what Docker refuses at the start is refused here.",
    source: "contract: whoever attaches before a start that fails is told as by the start",
  },
  rootlessApart: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "That it is rootless is a field of its own (`Rootless`), and not among the security options.",
    source: "pkg/api/handlers/compat/info.go; podman/rootless.real.test.ts",
  },
  moreStates: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A container can also be initialized (attached to, not started), stopping or stopped (ended, not cleaned up).",
    source: "libpod/define/containerstate.go; seen while redis was stopped",
  },
  foundDiffers: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A container that somebody made is told with Podman's own additions (environment, mounts and their options, capabilities, limits), and its layer holds the files and mount points that Podman makes.",
    source: "libpod/container_inspect.go; podman/found.ts; contract: found",
  },
  goneIs500: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A container that is removed while it is asked for is answered with 500 and `no such container`, instead of 404.",
    source: "contract: containers that come and go are found or not",
  },
  eventsDiffer: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "Filters take `died` and answers say `die`; `remove` is Docker's `destroy`. Who follows the file is told up to 250 ms late, and no more once it is replaced; a stop leaves no event beside the end.",
    source: "pkg/api/handlers/compat/events.go; libpod/events/logfile.go; contract: found",
  },
  topRunsPs: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "By Docker's API the processes of a container are listed by a `ps` that is run in it, when arguments are given; Podman's own takes names of columns, and looks from outside.",
    source: "libpod/container_top_linux.go; contract: the processes of a container",
  },
  importIgnoresTag: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "An import tags `latest`, whatever `tag` says; a tag within `repo` holds.",
    source: "contract: an imported image has the settings it was given",
  },
  sizeIsQuota: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "A local volume's size stands in `o`, not beside it, and is a quota of the disk even when the type is tmpfs; `nr_blocks=` (tmpfs(5)) reaches the kernel.",
    source: "podman-volume-create(1), --opt; contract: a driver's options take effect",
  },
  oneExposeEach: {
    engine: "podman",
    seenIn: "4.3.1",
    what: "An import takes one port per EXPOSE, and no HEALTHCHECK.",
    source: "libpod/image changes (containers/common libimage/import.go); contract: an imported image has the settings",
  },
} as const satisfies Readonly<Record<string, Quirk>>;
export type QuirkName = keyof typeof QUIRKS;

/** The quirks of an engine's kind. */
export function quirksOf(kind: "docker" | "podman"): ReadonlySet<QuirkName> {
  const names = Object.keys(QUIRKS) as QuirkName[];
  return new Set(names.filter((name) => QUIRKS[name].engine === kind));
}
