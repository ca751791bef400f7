import { runsSshd } from "../applications.ts";
import type { Rule } from "../rule.ts";

export const sshServer: Rule = {
  id: "ssh-server",
  title: "An SSH server runs in it",
  severity: "medium",
  why: "It is a second way in, with keys and passwords of its own that nobody renews. Who may exec into the container does not need it.",
  fix: "Remove it; use docker exec or kubectl exec.",
  topic: "operation",
  maps: { cisDocker: ["5.7"], nist800190: ["4.1.2"], nist80053: ["CM-7"], stig: ["V-235803"] },
  needs: [],
  check: (container) =>
    runsSshd(container)
      ? [
          {
            message: "An SSH server runs in it.",
            at: (container.settings.command ?? container.settings.entrypoint)?.at,
          },
        ]
      : [],
  fires: [
    { what: "started by the command", settings: { command: { value: ["/usr/sbin/sshd", "-D"] } } },
    {
      what: "started beside the application",
      settings: { command: { value: ["sh", "-c", "/usr/sbin/sshd; exec app"] } },
    },
    {
      what: "it runs",
      input: "engine",
      settings: {},
      state: { status: "running", health: "none", processes: [{ pid: 1, parentPid: 0, name: "sshd" }] },
    },
  ],
  silent: [
    { what: "another server", settings: { command: { value: ["nginx"] } } },
    { what: "a client", settings: { command: { value: ["ssh", "-N", "host"] } } },
  ],
};
