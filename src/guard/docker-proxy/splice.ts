import type { Wire } from "./wire.ts";

/** Copies both ways until both have ended, each end passed on by itself: `docker run -i` ends its input and goes on reading. */
export async function splice(client: Wire, upstream: Wire): Promise<void> {
  await Promise.all([copy(client, upstream), copy(upstream, client)]);
}

async function copy(from: Wire, to: Wire): Promise<void> {
  for (;;) {
    const bytes = await from.read();
    if (to.closed || from.error !== undefined) break;
    if (bytes === undefined) {
      to.end();
      return;
    }
    const wait = to.write([bytes]);
    if (wait !== undefined) await wait;
  }
  from.destroy();
  to.destroy();
}
