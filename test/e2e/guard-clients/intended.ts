/** What enforcement changes in a case's output, and why it must. */
export interface Intended {
  readonly why: string;
  /** `-`: direct alone has this line, `+`: the guard alone. */
  readonly lines: readonly string[];
}

/** Every difference that enforcement may make; any other one is a failure. By name of the case. */
export const INTENDED: Readonly<Record<string, Intended>> = {
  "cp in": {
    why: "dockerd puts no file into a container whose root is read-only.",
    lines: [
      "- = 0",
      "+ 2 REFUSED, AS READ-ONLY",
      "+ = 1",
      "- 1 content",
      "- = 0",
      "+ 2 cat: can't open '/srv/file': No such file or directory",
      "+ = 1",
      "- = 0",
      "+ 2 REFUSED, AS READ-ONLY",
      "+ = 1",
    ],
  },
  "cp in, not started": {
    why: "The same.",
    lines: [
      "- = 0",
      "+ 2 REFUSED, AS READ-ONLY",
      "+ = 1",
      "- 1 content",
      "- = 0",
      "+ 2 cat: can't open '/srv/file': No such file or directory",
      "+ = 1",
    ],
  },
  inspect: {
    why: "It tells the read-only root and the template.",
    lines: [
      '- 1  "ReadonlyRootfs": false,',
      '+ 1  "ReadonlyRootfs": true,',
      '+ 1  "Tmpfs": {',
      '+ 1  "/run": "rw,nosuid,nodev,noexec,size=64m,mode=0755",',
      '+ 1  "/tmp": "rw,nosuid,nodev,noexec,size=256m,mode=1777",',
      '+ 1  "/var/tmp": "rw,nosuid,nodev,noexec,size=256m,mode=1777"',
      "+ 1  },",
    ],
  },
  "refused by the engine": {
    why: "A runtime that the policy does not list is refused whether the engine has it or not.",
    lines: [
      "- 2 docker: Error response from daemon: Unknown runtime specified nosuch.",
      "+ 2 docker: Error response from daemon: The OCI runtime 'nosuch' was asked for, and it decides what read-only means. Leave --runtime out: the engine's own is always right; or add it to refuse.runtimes in policy clients, or exempt its image in policy clients (exemptions: [{imageId: \"sha256:ID0\", reason: why, until: YYYY-MM-DD}]). (policy clients).",
    ],
  },
  "pause, unpause": {
    why: "What was judged is reached by its id: its name could change hands meanwhile.",
    lines: [
      "- 2 Error response from daemon: Container NAME is paused, unpause the container before exec",
      "+ 2 Error response from daemon: Container ID0 is paused, unpause the container before exec",
    ],
  },
  diff: {
    why: "Nothing can change but what is mounted; the image lacks one mount point, which the engine makes.",
    lines: [
      "- = 0",
      "+ 2 sh: can't create /etc/made: Read-only file system",
      "+ 2 rm: can't remove '/etc/shipped': Read-only file system",
      "+ 2 touch: /srv/new: Read-only file system",
      "+ = 1",
      "- 1 A /etc/made",
      "- 1 A /srv/new",
      "- 1 C /etc",
      "- 1 C /srv",
      "- 1 D /etc/shipped",
      "+ 1 A /var/tmp",
      "+ 1 C /var",
    ],
  },
  commit: {
    why: "What could not be written is not in the image.",
    lines: [
      "- = 0",
      "+ 2 NAME: line 0: can't create /srv/new: Read-only file system",
      "+ = 1",
      "- 1 committed-NAME",
      "- = 0",
      "+ 2 cat: can't open '/srv/new': No such file or directory",
      "+ = 1",
    ],
  },
};
