import type { Attached, ContainerHandle } from "../engine/engine.ts";

/**
 * Connects this process's terminal or pipes with a container's main process, as `docker run` does: raw keys and the window's
 * size with a tty, three separate streams without. Disposing gives the terminal back.
 */
export function connectTerminal(container: ContainerHandle, streams: Attached, tty: boolean): Disposable {
  const raw = tty && process.stdin.isTTY;
  const resize = (): void => {
    const { columns, rows } = process.stdout;
    // The size of a container that just ended is nobody's concern.
    void container.resize(columns, rows).catch(() => {});
  };
  streams.stdout.pipe(process.stdout, { end: false });
  streams.stderr.pipe(process.stderr, { end: false });
  // A container that ends while input is still coming closes the stream: not an error of ours.
  streams.stdin.on("error", () => {});
  process.stdin.pipe(streams.stdin);
  if (raw) {
    process.stdin.setRawMode(true);
    resize();
    process.stdout.on("resize", resize);
  }
  return {
    [Symbol.dispose]() {
      if (raw) process.stdin.setRawMode(false);
      process.stdout.off("resize", resize);
      process.stdin.unpipe(streams.stdin);
      // An open stdin would keep this process alive after the container has ended.
      process.stdin.pause();
      process.stdin.unref();
    },
  };
}
