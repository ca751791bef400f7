import type { Wire } from "./wire.ts";

/** Copies both ways until both have ended, each end passed on by itself: `docker run -i` ends its input and goes on reading. */
export async function splice(client: Wire, upstream: Wire): Promise<void> {
  await Promise.all([copy(client, upstream), copy(upstream, client)]);
}

async function copy(from: Wire, to: Wire): Promise<void> {
  for (;;) {
    await from.ready();
    if (to.closed || from.error !== undefined) break;
    if (!from.hasBytes) {
      if (!from.hungUp) return to.end();
      // Nobody hears what comes back; an engine that has nothing to say would never find out.
      await to.finish();
      break;
    }
    const wait = to.write(from.takeAll());
    if (wait !== undefined) await wait;
  }
  from.destroy();
  to.destroy();
}
