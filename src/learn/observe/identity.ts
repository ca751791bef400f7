import type { FoundContainer } from "../../engine/engine.ts";
import { workloadName } from "../workload-name.ts";

/** Which workload a container is one of: what is the same for the container that will replace it. */
export interface Identity {
  /** Equal for containers of one workload. */
  readonly key: string;
  /** Names its files. */
  readonly name: string;
}

/** Whether somebody's workload runs in it: it is neither Petrify's nor the engine's own. */
export function isWorkload({ session, isInfrastructure }: FoundContainer): boolean {
  return session === "" && !isInfrastructure;
}

/** Names that dockerd and Podman draw (moby pkg/namesgenerator): the next container has another. */
const DRAWN_NAME = /^[a-z]+_[a-z]+\d?$/;

/**
 * A service of a Compose project; else whatever has the container's name; else, when the engine drew that name, whatever runs
 * the same image with the same settings.
 */
export function identityOf({ name, labels, settings, imageId }: FoundContainer): Identity {
  const project = labels["com.docker.compose.project"];
  const service = labels["com.docker.compose.service"];
  if (project !== undefined && service !== undefined)
    return { key: JSON.stringify(["compose", project, service]), name: workloadName("", `${project}-${service}`) };
  if (!DRAWN_NAME.test(name)) return { key: JSON.stringify(["name", name]), name: workloadName("", name) };
  const { image, entrypoint, command, user, workingDir, env } = settings;
  const key = JSON.stringify(["settings", imageId, entrypoint, command, user, workingDir, env]);
  return { key, name: workloadName(image) };
}

/** A name for each identity that no other one has, in the order of their keys. */
export function distinctNames(identities: readonly Identity[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { key, name } of identities.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (names.has(key)) continue;
    let distinct = name;
    for (let number = 2; taken.has(distinct); number++) distinct = `${name}-${number}`;
    taken.add(distinct);
    names.set(key, distinct);
  }
  return names;
}
