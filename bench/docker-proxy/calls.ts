import { request } from "node:http";
import type { Figure } from "../support/report.ts";
import { KeptClient } from "./kept-client.ts";
import { addedBy, cpuMs, inTurns, medianOf, type Round, type Side } from "./sides.ts";

const LIST = "/containers/json";

/** Reads: one after the other on a kept connection and on new ones, and many at a time. */
export async function reads(sides: readonly Side[], calls: number): Promise<readonly Figure[]> {
  const clients = new Map(sides.map((side) => [side, new KeptClient(side.socketPath)]));
  const kept = await measured("GET, kept connection", sides, calls, async (side) => {
    await clients.get(side)?.call("GET", LIST);
  });
  for (const client of clients.values()) client.close();
  const fresh = await measured("GET, new connection", sides, calls, ({ socketPath }) => getOnce(socketPath));
  return [...kept, ...fresh, ...(await atATime(sides, calls))];
}

/**
 * The calls of `docker run`, one by one, each without what runs a container: a start of one that runs already and a wait for one that
 * has ended cost the engine next to nothing, and are judged all the same.
 */
export async function judgedCalls(sides: readonly Side[], calls: number, image: string): Promise<readonly Figure[]> {
  const [direct] = sides as readonly [Side];
  const maker = new KeptClient(direct.socketPath);
  const clients = new Map(sides.map((side) => [side, new KeptClient(side.socketPath)]));
  const on = (side: Side): KeptClient => clients.get(side) ?? maker;
  const readOnly = { ReadonlyRootfs: true };
  const running = await maker.create(image, ["sleep", "100000"], readOnly);
  const ended = await maker.create(image, ["true"], readOnly);
  const made = new Map<Side, string>();
  try {
    for (const id of [running, ended]) await maker.call("POST", `/containers/${id}/start`);
    await maker.call("POST", `/containers/${ended}/wait`);
    const figures: Figure[] = [];
    const removal = async (side: Side): Promise<void> => {
      const id = made.get(side);
      if (id !== undefined) await on(side).call("DELETE", `/containers/${id}`);
      made.delete(side);
    };
    figures.push(
      ...(await measured("create and remove", sides, calls, async (side) => {
        made.set(side, await on(side).create(image, ["true"]));
        await removal(side);
      })),
      ...(await measured("start of what runs", sides, calls, async (side) => {
        await on(side).call("POST", `/containers/${running}/start`);
      })),
      ...(await measured("wait for what has ended", sides, calls, async (side) => {
        await on(side).call("POST", `/containers/${ended}/wait`);
      })),
    );
    return figures;
  } finally {
    for (const id of [running, ended]) await maker.call("DELETE", `/containers/${id}?force=1`);
    for (const client of [maker, ...clients.values()]) client.close();
  }
}

/** Create, start, wait and remove over one kept connection: `docker run` without the noise of its command line. */
export async function lives(sides: readonly Side[], rounds: number, image: string): Promise<readonly Figure[]> {
  const clients = new Map(sides.map((side) => [side, new KeptClient(side.socketPath)]));
  const figures = await measured("a container's life by the API", sides, rounds, async (side) => {
    const client = clients.get(side) as KeptClient;
    const id = await client.create(image, ["true"]);
    await client.call("POST", `/containers/${id}/start`);
    await client.call("POST", `/containers/${id}/wait`);
    await client.call("DELETE", `/containers/${id}`);
  });
  for (const client of clients.values()) client.close();
  return figures;
}

/** One figure for each side that is not direct: median times, median of the rounds' differences, processor time of the process between. */
export async function measured(
  name: string,
  sides: readonly Side[],
  rounds: number,
  work: (side: Side) => Promise<void> | void,
  budget?: string,
): Promise<readonly Figure[]> {
  const warmUp = Math.ceil(rounds / 10);
  const before = sides.map((side) => (side.pid === undefined ? 0 : cpuMs(side.pid)));
  const all = await inTurns(rounds, sides, work, warmUp);
  const used = sides.map((side, index) =>
    side.pid === undefined ? 0 : (cpuMs(side.pid) - (before[index] ?? 0)) / (rounds + warmUp),
  );
  return sides.flatMap((side, index) =>
    side.name === "direct" ? [] : [figureOf(name, side, all, used[index] ?? 0, budget)],
  );
}

function figureOf(name: string, { name: side }: Side, rounds: readonly Round[], cpu: number, budget?: string): Figure {
  return {
    name: `${name}, ${side === "pass" ? "nothing judged" : "guard"}`,
    unit: "ms",
    value: medianOf(rounds, side),
    baseline: medianOf(rounds, "direct"),
    ...(budget !== undefined && side === "guard" && { budget }),
    note: `adds ${addedBy(rounds, side).toFixed(2)} ms; processor ${cpu.toFixed(2)} ms`,
  };
}

async function atATime(sides: readonly Side[], calls: number): Promise<readonly Figure[]> {
  const rounds = await inTurns(3, sides, async ({ socketPath }) => {
    const client = new KeptClient(socketPath, 16);
    await Promise.all(Array.from({ length: calls }, () => client.call("GET", LIST)));
    client.close();
  });
  const rate = (side: Side["name"]): number => calls / (medianOf(rounds, side) / 1000);
  return sides
    .filter(({ name }) => name !== "direct")
    .map(({ name }) => ({
      name: `GET, 16 at a time, ${name === "pass" ? "nothing judged" : "guard"}`,
      unit: "/s",
      value: rate(name),
      baseline: rate("direct"),
    }));
}

function getOnce(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: `/v1.41${LIST}`, agent: false }, (response) => {
      response.resume().on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}
