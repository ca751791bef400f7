import { chmodSync, chownSync, existsSync, lstatSync, readFileSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { PetrifyError } from "../../model/errors.ts";

/** Where clients connect to. */
export type Listening =
  | {
      readonly kind: "path";
      readonly path: string;
      readonly mode: number;
      /** Name or number. */ readonly group: string;
    }
  /** A socket that is open already: systemd's. */
  | { readonly kind: "descriptor"; readonly fd: number };

/** As Docker's own unit has it: `SocketMode=0660`, `SocketGroup=docker`. */
export const SOCKET_MODE = 0o660;
export const SOCKET_GROUP = "docker";

/** sd_listen_fds(3): the first of them. */
const FIRST_FD = 3;

/**
 * The socket that systemd has opened for this process, if any; takes the variables away, so that no child believes they are its own.
 * Throws E_USAGE when there are several.
 */
export function activatedListening(env: NodeJS.ProcessEnv, pid: number): Listening | undefined {
  const { LISTEN_PID, LISTEN_FDS } = env;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[name];
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined || LISTEN_FDS === "0") return undefined;
  if (LISTEN_FDS !== "1")
    throw new PetrifyError("E_USAGE", "systemd gave more than one socket.", {
      hint: "One socket unit with one ListenStream= for each petrify guard.",
    });
  return { kind: "descriptor", fd: FIRST_FD };
}

/**
 * Has the server listen. A socket file that nobody listens on is replaced, and nothing else ever; it is never open to more than its
 * owner until it has its group and mode. Throws E_SOCKET_IN_USE, E_IO.
 */
export async function listen(server: Server, listening: Listening): Promise<void> {
  if (listening.kind === "descriptor") return opened(server, () => server.listen({ fd: listening.fd }));
  const { path, mode, group } = listening;
  const gid = groupId(group);
  await removeStaleSocket(path);
  // The file is made within `listen`.
  const mask = process.umask(0o177);
  try {
    await opened(server, () => {
      try {
        server.listen({ path });
      } finally {
        process.umask(mask);
      }
    });
    if (gid !== undefined) chownSync(path, process.getuid?.() ?? 0, gid);
    chmodSync(path, mode);
  } catch (error) {
    server.close();
    throw ioError(path, error);
  }
}

async function opened(server: Server, start: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    start();
  });
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new PetrifyError("E_SOCKET_IN_USE", `'${path}' is there and no socket.`, { hint: "Name another path." });
  if (!(await isStale(path)))
    throw new PetrifyError("E_SOCKET_IN_USE", `Somebody listens on '${path}' already.`, {
      hint: "`petrify guard status` tells who; name another path, or stop that first.",
    });
  unlinkSync(path);
}

/** Whatever else than a refusal by the kernel may be somebody who is slow. */
async function isStale(path: string): Promise<boolean> {
  const socket = connect({ path });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once("connect", () => resolve(false));
  socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

/** Undefined: stays as it is, for an engine of a user who is not root. Docker's socket belongs to root where its group does not exist. */
function groupId(group: string): number | undefined {
  if (group === SOCKET_GROUP && process.getuid?.() !== 0) return undefined;
  if (/^[0-9]{1,9}$/.test(group)) return Number(group);
  const entry = readFileSync("/etc/group", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === group);
  if (entry?.[2] !== undefined) return Number(entry[2]);
  if (group === SOCKET_GROUP) return 0;
  throw new PetrifyError("E_USAGE", `The group '${group}' does not exist.`, {
    hint: "--socket-group takes a name of /etc/group, or a number.",
  });
}

function ioError(path: string, cause: unknown): unknown {
  if (cause instanceof PetrifyError) return cause;
  // A folder that is not there comes from `listen` as EACCES (libuv, uv_pipe_bind).
  const folder = dirname(path);
  if (!existsSync(folder))
    return new PetrifyError("E_IO", `The socket '${path}' cannot be made: the folder '${folder}' does not exist.`, {
      hint: "Make it: only those who should use the socket may enter it.",
      cause,
    });
  const { code = "unknown" } = cause as NodeJS.ErrnoException;
  return new PetrifyError("E_IO", `The socket '${path}' cannot be made: ${code}.`, {
    hint: "Check its folder, and that petrify guard runs as root.",
    cause,
  });
}
