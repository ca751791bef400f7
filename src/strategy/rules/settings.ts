import type { FileTree } from "../../model/image.ts";
import { parentOf } from "../paths.ts";

/** A variable that is known to make a program's writes disappear, or to move them. */
export interface SettingRule {
  readonly name: string;
  /** A text, or what follows from a directory that can be written anyway. */
  readonly value: string | ((directory: string) => string);
  /** The places that it concerns: a path up to the end of the match. */
  readonly matches: RegExp;
  /** Other variables by which somebody has decided already. */
  readonly unless?: readonly string[];
  /** Only where it holds: a mount would do as well elsewhere, and moves less. */
  readonly when?: (tree: FileTree, place: string) => boolean;
  /** Ends the sentence "who writes this: ". */
  readonly why: string;
}

/** Moved only from where an application cannot keep its files: a home that the image lacks, or the root itself. */
function isHomeless(tree: FileTree, place: string): boolean {
  const home = parentOf(place);
  return home === "/" || tree.entry(home) === undefined;
}

/** The first that fits a place decides. Only what needs no other configuration: flags of PHP or gunicorn are no variables. */
export const SETTING_RULES: readonly SettingRule[] = [
  {
    // https://docs.python.org/3/using/cmdline.html#envvar-PYTHONDONTWRITEBYTECODE
    name: "PYTHONDONTWRITEBYTECODE",
    value: "1",
    matches: /\/__pycache__(?=\/|$)/,
    unless: ["PYTHONPYCACHEPREFIX"],
    why: "Python then keeps its compiled code in memory",
  },
  {
    // The java command, -XX:-UsePerfData: no memory-mapped file for jstat and jps.
    name: "JAVA_TOOL_OPTIONS",
    value: "-XX:-UsePerfData",
    matches: /^\/tmp\/hsperfdata_[^/]+/,
    unless: ["JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"],
    why: "the virtual machine then shares no counters with jstat and jps",
  },
  {
    // https://learn.microsoft.com/dotnet/core/runtime-config/debugging-profiling: from .NET 6 on; it ends debugging and profiling, too.
    name: "DOTNET_EnableDiagnostics",
    value: "0",
    matches: /^\/tmp\/(?:dotnet-diagnostic-|clr-debug-pipe-)[^/]*/,
    unless: ["COMPlus_EnableDiagnostics", "DOTNET_EnableDiagnostics_IPC"],
    why: "the runtime then opens no sockets for debuggers and profilers",
  },
  {
    // https://nodejs.org/api/cli.html#node_disable_compile_cache1
    name: "NODE_DISABLE_COMPILE_CACHE",
    value: "1",
    matches: /\/node-compile-cache(?=\/|$)/,
    unless: ["NODE_COMPILE_CACHE"],
    why: "Node.js then compiles its modules at each start",
  },
  {
    // https://docs.npmjs.com/cli/using-npm/config#cache; its logs lie in the cache.
    name: "npm_config_cache",
    value: (directory) => `${directory}/.npm`,
    matches: /\/\.npm(?=\/|$)/,
    unless: ["NPM_CONFIG_CACHE"],
    when: isHomeless,
    why: "npm then keeps its cache there",
  },
  {
    // https://github.com/just-containers/s6-overlay: writable copies go to /run.
    name: "S6_READ_ONLY_ROOT",
    value: "1",
    matches: /^\/(?:etc|var\/run)\/(?:s6(?:-overlay)?|services\.d|cont-init\.d|cont-finish\.d|fix-attrs\.d)(?=\/|$)/,
    why: "s6-overlay then works on copies below /run",
  },
  {
    // less(1), LESSHISTFILE.
    name: "LESSHISTFILE",
    value: "-",
    matches: /\/\.lesshst$/,
    why: "less then keeps no history",
  },
  {
    // XDG Base Directory Specification.
    name: "XDG_CACHE_HOME",
    value: (directory) => `${directory}/.cache`,
    matches: /\/\.cache(?=\/|$)/,
    when: isHomeless,
    why: "programs that follow the XDG directories then keep their caches there",
  },
  {
    name: "HOME",
    value: (directory) => directory,
    matches: /^(?:\/home\/[^/]+|\/root|\/nonexistent)?\/\.[A-Za-z][^/]*/,
    when: isHomeless,
    why: "programs then keep their dot files there",
  },
  {
    // POSIX, Environment Variables: where programs make their temporary files.
    name: "TMPDIR",
    value: (directory) => directory,
    matches: /^\/(?:usr\/tmp\/[^/]+|tmp[^/]+)$/,
    why: "programs then make their temporary files there",
  },
];
