import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Figure } from "../support/report.ts";
import { KeptClient } from "./kept-client.ts";
import { descriptors, residentMegabytes, type Side } from "./sides.ts";

const SETTLE_MS = 500;

/** Memory with attaches to a container that says nothing, and what is left when they have gone. */
export async function attaches(direct: Side, guard: Side, count: number, image: string): Promise<readonly Figure[]> {
  const pid = guard.pid ?? 0;
  const maker = new KeptClient(direct.socketPath);
  const id = await maker.create(image, ["sleep", "100000"], { ReadonlyRootfs: true });
  const before = { memory: residentMegabytes(pid), files: descriptors(pid) };
  const sockets: Socket[] = [];
  try {
    await maker.call("POST", `/containers/${id}/start`);
    for (let stream = 0; stream < count; stream++) sockets.push(await attach(guard.socketPath, id));
    const during = residentMegabytes(pid);
    for (const socket of sockets) socket.destroy();
    await delay(SETTLE_MS);
    return [
      {
        name: `memory with ${count} idle attaches / before`,
        unit: "MiB",
        value: during,
        baseline: before.memory,
        note: `${(((during - before.memory) * 1024) / count).toFixed(1)} KiB for each`,
      },
      filesLeft(`descriptors after ${count} attaches`, descriptors(pid), before.files),
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    await maker.call("DELETE", `/containers/${id}?force=1`);
    maker.close();
  }
}

/** Memory and descriptors before and after many connections, one after the other. */
export async function connections(guard: Side, count: number): Promise<readonly Figure[]> {
  const pid = guard.pid ?? 0;
  const ping = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await pinged(guard.socketPath);
    await delay(SETTLE_MS);
  };
  // The heap grows to its working size first.
  await ping(Math.ceil(count / 4));
  const before = { memory: residentMegabytes(pid), files: descriptors(pid) };
  await ping(count);
  return [
    {
      name: `memory after ${count} connections / before`,
      unit: "MiB",
      value: residentMegabytes(pid),
      baseline: before.memory,
    },
    filesLeft(`descriptors after ${count} connections`, descriptors(pid), before.files),
  ];
}

function filesLeft(name: string, value: number, baseline: number): Figure {
  return { name: `${name} / before`, unit: "", value, baseline, budget: "1" };
}

function attach(path: string, id: string): Promise<Socket> {
  const socket = connect({ path });
  socket.write(
    `POST /v1.41/containers/${id}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`,
  );
  return new Promise((resolve, reject) => {
    socket.once("error", reject).once("data", (bytes) => {
      if (bytes.toString("latin1").startsWith("HTTP/1.1 101 ")) resolve(socket);
      else reject(new Error(bytes.toString("latin1")));
    });
  });
}

function pinged(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: "/_ping", agent: false }, (response) => {
      response.resume().on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}
