import { command } from "../engine/embedded/command.ts";
import { type Finding, ok, warn } from "./report.ts";

/** In a mount namespace of its own, so that nothing has to be undone; a tmpfs, because an overlay takes no overlay as its upper layer. */
const TRY = `
mount -t tmpfs petrify /tmp && cd /tmp && mkdir lower upper work merged
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work petrify merged && : >merged/file && [ -e upper/file ]
`;

/** Whether the layers of images can be laid over each other here, tried by one mount and one write. */
export async function examineOverlay(): Promise<Finding> {
  const [id, name] = ["overlay", "overlay file system"];
  if (process.getuid?.() !== 0)
    return warn(id, name, "not tried: only root may mount", "Run petrify doctor with sudo.");
  const { exitCode, stderr } = await command("unshare", ["--mount", "--propagation", "private", "sh", "-euc", TRY]);
  if (exitCode === 0) return ok(id, name, "mounts, and takes writes");
  const reason = stderr.trim().split("\n").at(-1) || `exit code ${exitCode}`;
  return warn(
    id,
    name,
    `cannot be used: ${reason}`,
    "Engines lay images over each other with it: load it by modprobe overlay, and give petrify CAP_SYS_ADMIN.",
  );
}
