import type { Command } from "commander";
import { takeSignals } from "./cleanup.ts";
import { DockerStyleCommand } from "./docker-style-command.ts";
import { engineOptions, withSession } from "./session.ts";

interface RunFlags {
  readonly host?: string;
  readonly context?: string;
  readonly strategy?: string;
}

/** `petrify run [docker run's flags] IMAGE [CMD...]`. */
export function runCommand(program: Command): void {
  const command = new DockerStyleCommand("run", "after image")
    .argument("<image>", "image to run with a read-only root")
    .argument("[command...]", "command of the container")
    .option(
      "--strategy <file>",
      "strategy to run under; default: the *.strategy.yaml in this folder that fits, else CRI-O's template",
    );
  program.addCommand(
    engineOptions(command).action(async (image: string, args: string[], flags: RunFlags) => {
      await run(command.runRequest(image, args), flags);
    }),
  );
}

async function run(request: ReturnType<DockerStyleCommand["runRequest"]>, flags: RunFlags): Promise<void> {
  const { startReadOnly } = await import("../run/run.ts");
  const { connectTerminal } = await import("../run/terminal.ts");
  process.exitCode = await withSession(flags, async (session, status) => {
    for (const note of request.notes) session.progress.note(note);
    const { container, streams } = await startReadOnly(session, {
      workload: request.workload,
      detach: request.detach,
      remove: request.remove,
      publishAll: request.publishAll,
      folder: ".",
      ...(request.containerName === undefined ? {} : { containerName: request.containerName }),
      ...(flags.strategy === undefined ? {} : { strategyFile: flags.strategy }),
    });
    if (streams === undefined) {
      process.stdout.write(`${container.id}\n`);
      return 0;
    }
    status[Symbol.dispose]();
    using foreground = new DisposableStack();
    foreground.use(connectTerminal(container, streams, request.workload));
    foreground.use(takeSignals((signal) => void container.signal(signal).catch(() => {})));
    let isRunning = true;
    // Whoever insists on an end (the third Ctrl-C) gets one, on an engine that lives on as well.
    session.defer(async () => {
      if (isRunning) await container.signal("KILL").catch(() => {});
    });
    const exitCode = await container.wait();
    isRunning = false;
    await streams.closed;
    return exitCode;
  });
}
