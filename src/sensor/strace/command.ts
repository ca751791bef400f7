import type { ContainerSpec } from "../../engine/engine.ts";
import type { ImageFacts } from "../../model/image.ts";
import { SYSTEM_CALLS } from "../syscalls.ts";
import { PROCESS_CALLS } from "./process-calls.ts";
import { FORKS } from "./processes.ts";
import { type StraceTools, TOOLS_TARGET } from "./tools.ts";
import type { TraceFolder } from "./trace-pipe.ts";

/** Where a container finds the pipes that strace writes to. */
export const TRACE_TARGET = "/.petrify-trace";

/** mprotect would have to be told for each page; its files are those of mmap. */
const UNTRACED: ReadonlySet<string> = new Set(["mprotect", "pkey_mprotect", "socketcall"]);

/** `?`: a call that this strace or this architecture does not have is left out. */
const TRACED = [...Object.keys(SYSTEM_CALLS), ...Object.keys(PROCESS_CALLS), ...FORKS, "exit_group"]
  .filter((name) => !UNTRACED.has(name))
  .map((name) => `?${name}`)
  .join(",");

/**
 * Raw numbers and strings in hexadecimal leave one way to read a line. The tracer is no child of the entrypoint (-DDD),
 * so that the entrypoint keeps its pid. The filter of --seccomp-bpf makes calls cheap that are not traced.
 */
const OPTIONS: readonly string[] = [
  "-DDD",
  "-f",
  "--seccomp-bpf",
  "--quiet=attach,personality",
  "--signal=none",
  "--const-print-style=raw",
  "-xx",
  "-s0",
  "-a1",
  "--decode-fds=path,dev",
  `--trace=${TRACED}`,
];

/** The capability to look at processes that gave up being root; see capabilities(7). */
const PTRACE = "SYS_PTRACE";

/** A container with strace before its entrypoint. */
export interface TracedSpec {
  readonly spec: ContainerSpec;
  /** What goes before a command, for strace to write to this pipe. */
  readonly prefix: (pipe: string) => readonly string[];
  readonly workingDir: string;
}

/**
 * As root the container gets the capability to trace processes that change their user, and setpriv takes it back from what
 * is traced, which then has what it would have without strace.
 */
export function straced(spec: ContainerSpec, image: ImageFacts, tools: StraceTools, folder: TraceFolder): TracedSpec {
  const { workload } = spec;
  const needsCapability = isRoot(workload.user ?? image.user) && !has(workload, PTRACE);
  const entrypoint = workload.entrypoint ?? image.entrypoint;
  // As with docker run: another entrypoint leaves the image's command out.
  const command = workload.command ?? (workload.entrypoint === undefined ? image.command : []);
  const run = (program: string, args: readonly string[]): readonly string[] => [
    `${TOOLS_TARGET}/${tools.loader}`,
    "--library-path",
    TOOLS_TARGET,
    `${TOOLS_TARGET}/${program}`,
    ...args,
  ];
  const drop = needsCapability ? run("setpriv", ["--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", "--"]) : [];
  const prefix = (pipe: string): readonly string[] => [
    ...run("strace", [...OPTIONS, "-o", `${TRACE_TARGET}/${pipe}`, "--"]),
    ...drop,
  ];
  return {
    prefix,
    workingDir: workload.workingDir ?? (image.workingDir || "/"),
    spec: {
      ...spec,
      workload: {
        ...workload,
        entrypoint: [...prefix(folder.first.name), ...entrypoint, ...command],
        command: [],
        ...(needsCapability ? { capAdd: [...workload.capAdd, PTRACE] } : {}),
      },
      binds: [
        ...spec.binds,
        // Under SELinux a container may use what is labelled for it; elsewhere `z` does nothing.
        { source: tools.directory, target: TOOLS_TARGET, readOnly: true, options: "z" },
        { source: folder.directory, target: TRACE_TARGET, readOnly: true, options: "z" },
      ],
    },
  };
}

function isRoot(user: string): boolean {
  return ["", "0", "root"].includes(user.split(":")[0] ?? "");
}

function has({ privileged, capAdd }: ContainerSpec["workload"], capability: string): boolean {
  const given = new Set(capAdd.map((name) => name.toUpperCase().replace(/^CAP_/, "")));
  return privileged || given.has("ALL") || given.has(capability);
}
