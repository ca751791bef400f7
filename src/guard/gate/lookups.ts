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
}

export interface ExistingContainer {
  readonly createdMs: number;
  /** As the engine has it, its mounts resolved. `image` is absent when the engine has the container's image no longer. */
  readonly container: ContainerRequest;
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
