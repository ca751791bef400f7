import type { ImageFacts } from "../../model/image.ts";
import type { ContainerRequest } from "../../policy/request.ts";

/** What the engine has. Each question throws when the engine cannot be asked, and gives undefined when it has no such thing. */
export interface Lookups {
  /** `platform` as the client wrote it: `linux/arm64/v8`. */
  image(reference: string, platform?: string): Promise<ImageFacts | undefined>;
  container(idOrName: string): Promise<ExistingContainer | undefined>;
  exec(id: string): Promise<ExistingExec | undefined>;
  pod(name: string): Promise<ExistingPod | undefined>;
  volume(name: string): Promise<ExistingVolume | undefined>;
  /** Where the engine keeps images, containers and volumes. Asked once. */
  dataRoot(): Promise<string | undefined>;
  /** Absolute path on the engine's host; undefined also where nobody can look. */
  hostPlace(path: string): Promise<HostPlace | undefined>;
}

export interface HostPlace {
  /** Links followed. */
  readonly path: string;
  /** Of a device: `b 8:0 rwm`. */
  readonly deviceRule?: string;
}

export interface ExistingContainer {
  /** In full; absent when the engine does not tell it. */
  readonly id?: string;
  readonly createdMs: number;
  /** As the engine has it, its mounts resolved. `image` is absent when the engine has the container's image no longer. */
  readonly container: ContainerRequest;
  /** Podman's, and not running: files that are put into it get wherever links lead, its read-only root too. */
  readonly isOpenToCopies?: true;
  /** Podman's pod that it is in, which starts with it. */
  readonly pod?: string;
}

export interface ExistingPod {
  /** Ids, the infra container's too. */
  readonly containers: readonly string[];
  readonly infra?: string;
}

export interface ExistingExec {
  readonly containerId: string;
  readonly privileged: boolean;
}

export interface ExistingVolume {
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}
