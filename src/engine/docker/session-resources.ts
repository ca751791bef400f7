import { setTimeout as sleep } from "node:timers/promises";
import type { SessionResources } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { SESSION_LABEL } from "./create-body.ts";
import { forcedRemoval } from "./forced-removal.ts";
import type { QuirkName } from "./quirks.ts";
import { containerList, networkList, volumeList } from "./schemas.ts";

/** The API's name of each kind, in the order in which they can be removed: what is in use goes last. */
const KINDS = ["containers", "networks", "volumes"] as const;
type Kind = (typeof KINDS)[number];

interface Labelled {
  readonly kind: Kind;
  /** What the API takes for it. */
  readonly id: string;
  readonly name: string;
  readonly session: string;
}

/** A container that is just being removed still holds its volumes. */
const REMOVE_TRIES = 50;

/** Everything on the engine that carries the session label, by session. */
export async function listSessions(api: DockerApi): Promise<readonly SessionResources[]> {
  const all = await listLabelled(api, SESSION_LABEL);
  return [...Map.groupBy(all, ({ session }) => session)].map(([session, items]) => {
    const names = (kind: Kind): readonly string[] => items.filter((item) => item.kind === kind).map(({ name }) => name);
    return { session, containers: names("containers"), volumes: names("volumes"), networks: names("networks") };
  });
}

/** Removes what carries the label of `session`: containers with their anonymous volumes, then networks, then volumes. */
export async function removeSession(api: DockerApi, session: string, quirks: ReadonlySet<QuirkName>): Promise<void> {
  const all = await listLabelled(api, `${SESSION_LABEL}=${session}`);
  for (const kind of KINDS)
    await Promise.all(all.filter((item) => item.kind === kind).map((item) => remove(api, item, quirks)));
}

async function listLabelled(api: DockerApi, filter: string): Promise<readonly Labelled[]> {
  const query = { filters: JSON.stringify({ label: [filter] }) };
  const list = (kind: Kind) => ({ action: `list ${kind}`, method: "GET", path: kindPath(kind), query }) as const;
  const [containers, volumes, networks] = await Promise.all([
    api.json({ ...list("containers"), path: "/containers/json", query: { ...query, all: "1" } }, containerList),
    api.json(list("volumes"), volumeList),
    api.json(list("networks"), networkList),
  ]);
  return [
    ...containers.map(({ Id, Names, Labels }) => ({
      kind: "containers" as const,
      id: Id,
      name: Names[0]?.replace(/^\//, "") ?? Id,
      session: Labels[SESSION_LABEL] ?? "",
    })),
    ...volumes.Volumes.map(({ Name, Labels }) => ({
      kind: "volumes" as const,
      id: Name,
      name: Name,
      session: Labels[SESSION_LABEL] ?? "",
    })),
    ...networks.map(({ Id, Name, Labels }) => ({
      kind: "networks" as const,
      id: Id,
      name: Name,
      session: Labels[SESSION_LABEL] ?? "",
    })),
    // The engine filtered; what it sends without the label is still not ours to remove.
  ].filter(({ session }) => session !== "" && (filter === SESSION_LABEL || filter === `${SESSION_LABEL}=${session}`));
}

async function remove(api: DockerApi, item: Labelled, quirks: ReadonlySet<QuirkName>): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    const isLast = tries === REMOVE_TRIES - 1;
    const { status } = await api.send({
      action: `remove ${item.name}`,
      method: "DELETE",
      ...(item.kind === "containers"
        ? forcedRemoval(item.id, quirks)
        : { path: `${kindPath(item.kind)}/${encodeURIComponent(item.id)}` }),
      timeoutMs: 600_000,
      accept: isLast ? [404] : [404, 409, 500],
    });
    if (status < 300 || status === 404) return;
    await sleep(100);
  }
}

function kindPath(kind: Kind): string {
  return `/${kind}`;
}
