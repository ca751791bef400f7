import type { ImageFacts } from "../../model/image.ts";
import type { Policy } from "../../model/policy.ts";
import type { Circumstances } from "../decide.ts";
import { parsePolicy } from "../file.ts";
import { type ContainerRequest, NOTHING_ASKED, type RequestedMount } from "../request.ts";

export const IMAGE_ID = `sha256:${"1".repeat(64)}`;
export const NOW_MS = Date.parse("2026-06-15T12:00:00Z");
export const DAY_MS = 86_400_000;

export function imageFacts(settings: Partial<ImageFacts> = {}): ImageFacts {
  return {
    id: IMAGE_ID,
    repoDigests: [],
    repoTags: ["app:1"],
    entrypoint: [],
    command: ["app"],
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    user: "",
    workingDir: "",
    volumes: [],
    exposedPorts: [],
    hasHealthcheck: false,
    architecture: "amd64",
    sizeBytes: 1,
    ...settings,
  };
}

/** `docker run app:1`. */
export function containerRequest(settings: Partial<ContainerRequest> = {}): ContainerRequest {
  return {
    ...NOTHING_ASKED,
    imageReference: "app:1",
    image: imageFacts(),
    ...settings,
  };
}

/** What a policy file says that gives only a name, but for `settings`. */
export function policy(settings: Partial<Policy> = {}): Policy {
  const plain = parsePolicy("{apiVersion: petrify.dev/v1, kind: ReadOnlyPolicy, metadata: {name: house}}", "p");
  return { ...plain, ...settings };
}

export function circumstances(settings: Partial<Circumstances> = {}): Circumstances {
  return { caller: {}, nowMs: NOW_MS, strategies: [], policySinceMs: NOW_MS - DAY_MS, ...settings };
}

export function bindMount(source: string, target = "/mnt", settings: Partial<RequestedMount> = {}): RequestedMount {
  return { type: "bind", source, target, readOnly: false, ...settings };
}

export function volumeMount(target: string, settings: Partial<RequestedMount> = {}): RequestedMount {
  return { type: "volume", target, readOnly: false, ...settings };
}
