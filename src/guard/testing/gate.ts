import type { ImageFacts } from "../../model/image.ts";
import type { Policy } from "../../model/policy.ts";
import { type ContainerRequest, NOTHING_ASKED } from "../../policy/request.ts";
import type { ApiCall } from "../api-call.ts";
import type {
  ExistingContainer,
  ExistingExec,
  ExistingPod,
  ExistingVolume,
  HostPlace,
  Lookups,
} from "../gate/lookups.ts";

export const IMAGE_ID = `sha256:${"a".repeat(64)}`;

export const IMAGE: ImageFacts = {
  id: IMAGE_ID,
  repoDigests: [],
  repoTags: ["shop:1"],
  entrypoint: [],
  command: ["sh"],
  env: [],
  user: "",
  workingDir: "",
  volumes: [],
  exposedPorts: [],
  hasHealthcheck: false,
  architecture: "amd64",
  sizeBytes: 1,
};

export function containerRequest(over: Partial<ContainerRequest> = {}): ContainerRequest {
  return {
    ...NOTHING_ASKED,
    imageReference: "shop:1",
    ...over,
  };
}

export const POLICY: Policy = {
  name: "default",
  mode: "enforce",
  scope: "unprivileged",
  privileged: "refuse",
  trust: "hostile",
  template: [{ path: "/tmp", sizeBytes: 1 << 20, mode: 0o1777, exec: false }],
  exemptions: [],
  defaults: { noNewPrivileges: false, dropCapabilities: [] },
  refuse: {
    hostSystemBinds: true,
    engineBinds: true,
    mountsOverCode: true,
    unmaskedPaths: true,
    privilegedExec: true,
    unpinnedImages: false,
    engineChanges: true,
    runtimes: [],
  },
  production: { build: "allow", commit: "allow", copy: "allow", exec: "allow" },
};

/** What an engine could have, without one. */
export class HeldThings implements Lookups {
  readonly images = new Map<string, ImageFacts>([["shop:1", IMAGE]]);
  readonly containers = new Map<string, ExistingContainer>();
  readonly execs = new Map<string, ExistingExec>();
  readonly pods = new Map<string, ExistingPod>();
  readonly volumes = new Map<string, ExistingVolume>();
  readonly places = new Map<string, HostPlace>();
  /** Every question fails from then on. */
  failure: Error | undefined;

  image = (reference: string): Promise<ImageFacts | undefined> => this.#answer(this.images.get(reference));
  container = (name: string): Promise<ExistingContainer | undefined> => this.#answer(this.containers.get(name));
  exec = (id: string): Promise<ExistingExec | undefined> => this.#answer(this.execs.get(id));
  pod = (name: string): Promise<ExistingPod | undefined> => this.#answer(this.pods.get(name));
  volume = (name: string): Promise<ExistingVolume | undefined> => this.#answer(this.volumes.get(name));
  dataRoot = (): Promise<string | undefined> => this.#answer(undefined);
  hostPlace = (path: string): Promise<HostPlace | undefined> => this.#answer(this.places.get(path));

  add(name: string, over: Partial<ContainerRequest> = {}, createdMs = 0): void {
    this.containers.set(name, { createdMs, container: containerRequest({ name, image: IMAGE, ...over }) });
  }

  async #answer<T>(found: T | undefined): Promise<T | undefined> {
    if (this.failure !== undefined) throw this.failure;
    return found;
  }
}

/** `POST /v1.41/libpod/containers/create?name=x`. */
export function apiCall(method: string, path: string, contentType = "application/json"): ApiCall {
  const url = new URL(`http://engine${path}`);
  const parts = url.pathname.slice(1).split("/").map(decodeURIComponent);
  const version = /^v([\d.]+)$/.exec(parts[0] ?? "")?.[1];
  if (version !== undefined) parts.shift();
  const libpod = parts[0] === "libpod";
  if (libpod) parts.shift();
  const target = { libpod, parts, query: [...url.searchParams], ...(version !== undefined && { version }) };
  return { method, target, contentType, caller: {} };
}
