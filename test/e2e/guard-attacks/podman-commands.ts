import { PODMAN_IMAGE, PODMAN_IMAGE_OVER_CODE } from "./podman-calls.ts";
import { kubePod } from "./podman-pods.ts";

/** What a user of `podman --remote` runs, and what is said where it is refused. */
export interface PodmanCommand {
  readonly words: readonly string[];
  readonly before?: readonly (readonly string[])[];
  readonly input?: string;
  /** See PLAYED. */
  readonly needsTrust?: true;
  readonly refusal?: RegExp;
}

const RUN = ["run", "--network", "none"];
const RUN_ON = [...RUN, "-d", "--name", "box"];
const run = (...words: readonly string[]): readonly string[] => [...RUN, ...words, PODMAN_IMAGE, "true"];

export const COMMANDS: readonly PodmanCommand[] = [
  { words: [...RUN, PODMAN_IMAGE, "sh", "-c", "! echo > /x"] },
  { words: [...RUN, "-d", PODMAN_IMAGE] },
  { words: [...RUN, "-d", "--read-only=false", PODMAN_IMAGE] },
  { words: ["create", "--network", "none", PODMAN_IMAGE] },
  { words: run("--privileged"), refusal: /privileged/ },
  { words: run("--cap-add", "all"), refusal: /ALL/ },
  { words: run("--security-opt", "unmask=ALL"), refusal: /\/proc/ },
  { words: run("--device", "/dev/sda"), refusal: /\/dev\/sda/ },
  { words: run("-v", "/:/host"), refusal: /host/ },
  { words: run("-v", "/:/host:O"), refusal: /host/ },
  { words: run("-v", "attack:/bin"), refusal: /\/bin/ },
  { words: run("--mount", "type=tmpfs,destination=/bin"), refusal: /\/bin/ },
  { words: run("--annotation", "run.oci.handler=wasm"), refusal: /annotation/ },
  { words: ["run", "--rootfs", "/", "true"], refusal: /rootfs|No command/i },
  { words: [...RUN, PODMAN_IMAGE_OVER_CODE, "true"], refusal: /\/bin/ },
  { words: ["exec", "--privileged", "box", "true"], before: [[...RUN_ON, PODMAN_IMAGE]], refusal: /privileged/ },
  { words: ["exec", "box", "sh", "-c", "! echo > /x"], before: [[...RUN_ON, PODMAN_IMAGE]] },
  { words: ["cp", "/etc/hostname", "box:/x"], before: [[...RUN_ON, PODMAN_IMAGE]], refusal: /403/ },
  { words: ["restart", "box"], before: [[...RUN_ON, PODMAN_IMAGE]] },
  {
    words: run("-v", "host:/data"),
    before: [["volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", "device=/", "host"]],
    refusal: /host/,
  },
  { words: ["pod", "create", "--name", "attack", "--network", "none"] },
  {
    words: ["run", "-d", "--pod", "attack", PODMAN_IMAGE],
    before: [["pod", "create", "--name", "attack", "--network", "none"]],
  },
  {
    words: ["run", "-d", "--pod", "attack", "--privileged", PODMAN_IMAGE],
    before: [["pod", "create", "--name", "attack", "--network", "none"]],
    refusal: /privileged/,
  },
  { words: ["pod", "create", "--volume", "/:/host"], refusal: /host/ },
  { words: ["pod", "create", "--share", "pid"], refusal: /pause|infra|first container/i },
  { words: ["play", "kube", "--network", "none", "-"], input: kubePod(""), needsTrust: true },
  {
    words: ["play", "kube", "--network", "none", "-"],
    input: kubePod("securityContext: {privileged: true}"),
    refusal: /privileged/,
  },
  {
    words: ["container", "clone", "box"],
    before: [[...RUN_ON, PODMAN_IMAGE]],
    refusal: /not supported on the remote client/,
  },
];
