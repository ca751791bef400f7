/** An image to build from Debian packages, or from files alone. */
export interface ImageRecipe {
  /** Repository below `petrify-demo/`; characters `[a-z0-9._-]`. */
  readonly name: string;
  /** `debian`: what apt calls essential, and apt. `busybox`: one static binary, for images that must be small. */
  readonly base: "debian" | "busybox";
  /** Installed without recommends; the first gives the image its version. Only on the base `debian`. */
  readonly packages: readonly string[];
  /** Shell text run as root in the image after the packages, for what a service manager would have done. Only on the base `debian`. */
  readonly setup?: string;
  /** Laid over the packages. Keys are absolute paths in which no part is a symlink of the image. */
  readonly files?: Readonly<Record<string, RecipeFile>>;
  /** How the image runs, given the version of the first package (of the base's own when there is none). */
  readonly run: (version: string) => ImageRun;
  /** Everything that differs from what Debian ships, each with the reason. */
  readonly deviations: readonly string[];
}

export type RecipeFile =
  | { readonly text: string; readonly mode: number }
  | { readonly linkTo: string }
  | { readonly directory: true; readonly mode: number; readonly uid?: number; readonly gid?: number };

export interface ImageRun {
  readonly command: readonly string[];
  readonly user?: string;
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly exposedPorts?: readonly string[];
  readonly volumes?: readonly string[];
  readonly stopSignal?: string;
}
