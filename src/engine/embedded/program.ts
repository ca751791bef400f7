import type { Layout } from "./layout.ts";
import type { UnpackedPackages } from "./packages.ts";
import type { EngineState } from "./state.ts";

/** An engine that runs unpacked, in namespaces of its own: what differs from one to another. */
export interface EngineProgram {
  /** What is unpacked for it. */
  readonly packages: readonly string[];
  /** Writes its configuration into the layout's directories, which are there. */
  prepare(layout: Layout, packages: UnpackedPackages, proxy: EngineState["proxy"]): Launch;
}

/** What runs first in the new mount and network namespaces, and becomes the engine: its pid is the one that was spawned. */
export interface Launch {
  /** Of a POSIX shell; ends with `exec`. */
  readonly script: string;
  /** Its positional parameters. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
