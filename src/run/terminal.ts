import { Socket } from "node:net";
import type { Attached, ContainerHandle } from "../engine/engine.ts";
import type { Workload } from "../model/workload.ts";

/**
 * Connects this process's terminal or pipes with a container's main process, as `docker run` does: raw keys and the window's
 * size with a tty, three separate streams without, input only when it was asked for (`-i`). When the reader of the output
 * goes away, the container is killed, as SIGPIPE would end a process here. Disposing gives the terminal back.
 */
export function connectTerminal(
  container: ContainerHandle,
  streams: Attached,
  { tty, openStdin }: Pick<Workload, "tty" | "openStdin">,
): Disposable {
  const raw = tty && openStdin && process.stdin.isTTY;
  const resize = (): void => {
    const { columns, rows } = process.stdout;
    // The size of a container that just ended is nobody's concern.
    void container.resize(columns, rows).catch(() => {});
  };
  streams.stdout.pipe(process.stdout, { end: false });
  streams.stderr.pipe(process.stderr, { end: false });
  // A container that ends while input is still coming closes the stream: not an error of ours.
  streams.stdin.on("error", () => {});
  // What is not asked for stays unread: it belongs to whoever reads the same input next (`while read`).
  if (openStdin) process.stdin.pipe(streams.stdin);
  if (raw) process.stdin.setRawMode(true);
  if (tty && process.stdout.isTTY) {
    resize();
    process.stdout.on("resize", resize);
  }
  const readerGone = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") return;
    // Unread, what the container still says would keep its streams from ever closing.
    streams.stdout.unpipe(process.stdout).resume();
    void container.signal("KILL").catch(() => {});
  };
  process.stdout.on("error", readerGone);
  return {
    [Symbol.dispose]() {
      if (raw) process.stdin.setRawMode(false);
      process.stdout.off("resize", resize);
      process.stdout.off("error", readerGone);
      if (!openStdin) return;
      process.stdin.unpipe(streams.stdin);
      // An open stdin would keep this process alive after the container has ended; one that is a file has nothing to release.
      process.stdin.pause();
      if (process.stdin instanceof Socket) process.stdin.unref();
    },
  };
}
