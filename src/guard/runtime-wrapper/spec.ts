/** What of a runtime's config.json is read or changed (OCI runtime specification, config.md); everything else is kept as it is. */
export interface OciSpec {
  readonly root?: { readonly path?: string; readonly readonly?: boolean };
  readonly process?: OciProcess;
  readonly mounts?: readonly OciMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux?: OciLinux;
}

export interface OciProcess {
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly user?: { readonly uid?: number; readonly gid?: number };
  readonly noNewPrivileges?: boolean;
  readonly capabilities?: Readonly<Partial<Record<CapabilitySet, readonly string[]>>>;
}
export type CapabilitySet = (typeof CAPABILITY_SETS)[number];
export const CAPABILITY_SETS = ["bounding", "effective", "inheritable", "permitted", "ambient"] as const;

export interface OciMount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

export interface OciLinux {
  readonly readonlyPaths?: readonly string[];
  readonly maskedPaths?: readonly string[];
  readonly seccomp?: object;
  readonly namespaces?: readonly { readonly type: string; readonly path?: string }[];
  readonly devices?: readonly { readonly path: string }[];
  readonly resources?: {
    readonly devices?: readonly OciDeviceRule[];
    readonly memory?: { readonly limit?: SpecNumber };
    readonly pids?: { readonly limit?: SpecNumber };
  };
}

export interface OciDeviceRule {
  readonly allow: boolean;
  readonly type?: string;
  readonly major?: SpecNumber;
  readonly minor?: SpecNumber;
  readonly access?: string;
}

/** A number that a double cannot hold stays its own text, so that it is written as it was read. */
export type SpecNumber = number | { readonly rawJSON: string };

/** Why a config.json is not judged, and the container not started. */
export class SpecError extends Error {
  override readonly name = "SpecError";
}
