import { applicationsOf } from "../applications.ts";
import type { Rule } from "../rule.ts";

export const severalApplications: Rule = {
  id: "several-applications",
  title: "It runs several applications",
  severity: "low",
  why:
    "Each application writes elsewhere, needs other rights and is updated on its own, and here all of them have the sum. When one " +
    "dies, the engine does not notice.",
  fix: "Give each a container of its own.",
  topic: "operation",
  maps: {},
  needs: [],
  check: (container) => {
    const names = applicationsOf(container);
    const at = (container.settings.command ?? container.settings.entrypoint)?.at;
    return names.length < 2 ? [] : [{ message: `It runs ${names.join(", ")}.`, at }];
  },
  fires: [
    { what: "a supervisor", settings: { command: { value: ["supervisord", "-n"] } } },
    {
      what: "one in the background",
      settings: { command: { value: ["sh", "-c", "cron & exec nginx -g 'daemon off;'"] } },
    },
    {
      what: "one after the other",
      settings: { command: { value: ["/bin/sh", "-c", "service cron start; apache2ctl"] } },
    },
    {
      what: "its processes are of two",
      input: "engine",
      settings: {},
      state: running([1, 0, "tini"], [7, 1, "nginx"], [8, 1, "php-fpm8.2"], [9, 7, "nginx"]),
    },
    {
      what: "a supervisor's processes",
      input: "engine",
      settings: {},
      state: running(
        [10, 2, "s6-svscan"],
        [11, 10, "s6-supervise"],
        [12, 10, "s6-supervise"],
        [13, 11, "cron"],
        [14, 12, "nginx"],
      ),
    },
  ],
  silent: [
    { what: "one", settings: { command: { value: ["nginx", "-g", "daemon off;"] } } },
    { what: "setting up first", settings: { command: { value: ["sh", "-c", "mkdir -p /tmp/x && exec nginx"] } } },
    { what: "a pipe and a redirection", settings: { command: { value: ["sh", "-c", "app 2>&1 | tee /tmp/log"] } } },
    {
      what: "many processes of one",
      input: "engine",
      settings: {},
      state: running([1, 0, "nginx"], [7, 1, "nginx"], [8, 1, "nginx"]),
    },
    {
      what: "a shell that waits for one",
      input: "engine",
      settings: {},
      state: running([1, 0, "bash"], [7, 1, "java"], [8, 1, "sleep"]),
    },
  ],
};

function running(...processes: readonly (readonly [pid: number, parentPid: number, name: string])[]) {
  return {
    status: "running",
    health: "healthy",
    processes: processes.map(([pid, parentPid, name]) => ({ pid, parentPid, name })),
  } as const;
}
