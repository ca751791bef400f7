import { isWithin } from "../../strategy/paths.ts";
import { forbiddenReason } from "../../strategy/rules/forbidden.ts";
import type { AuditedContainer } from "../container.ts";
import { writableMounts } from "../mounts.ts";
import type { Rule } from "../rule.ts";
import { startedCode } from "../started-code.ts";

/** Places where strategies put nothing either, but which hold no programs; devices and kernel interfaces have rules of their own. */
const NO_CODE = (
  "/dev /proc /sys /var /home /etc/alternatives /etc/apt /etc/ca-certificates /etc/default /etc/modprobe.d /etc/pki " +
  "/etc/security /etc/skel /etc/ssl /etc/sysctl.d /usr/local/etc /usr/local/share /usr/local/man /usr/share"
).split(" ");

export const writableCode: Rule = {
  id: "writable-code",
  title: "A writable mount lies over programs",
  severity: "high",
  why:
    "A read-only root protects programs, and a writable mount over them takes that back: what is planted there runs at the " +
    "next start, and survives a new image. Checks that read only the flag pass it.",
  fix: "Mount it read-only, or move the mount to where the application keeps its data.",
  topic: "read-only root",
  maps: {
    cisDocker: ["5.13"],
    cisDockerBefore: ["5.12"],
    nsa: ["Immutable container file systems"],
    nist800190: ["4.4.4"],
  },
  needs: ["mounts"],
  check: (container) =>
    writableMounts(container.settings).flatMap(({ target, type, at }) => {
      const program = codeOn(target, container);
      const shut = forbiddenReason(target);
      const isCode = shut !== undefined && target !== "/opt" && !NO_CODE.some((place) => isWithin(target, place));
      if (!isCode && program === undefined) return [];
      const what =
        program === undefined
          ? `${target}, where programs or what decides about them lie`
          : `${target}, from where ${program} runs`;
      return [{ message: `A writable ${type} lies over ${what}.`, at, key: target }];
    }),
  fires: [
    { what: "a volume over /bin", settings: { mounts: [mount("volume", "/bin")] } },
    { what: "a bind of a single program", settings: { mounts: [mount("bind", "/usr/local/bin/entrypoint.sh")] } },
    { what: "a tmpfs over /etc", settings: { mounts: [mount("tmpfs", "/etc")] } },
    {
      what: "a volume over the folder of the program that is started",
      settings: { mounts: [mount("volume", "/opt/app")], command: { value: ["/opt/app/bin/server"] } },
    },
    {
      what: "a bind over the working directory of a script",
      settings: {
        mounts: [mount("bind", "/app")],
        workingDir: { value: "/app" },
        command: { value: ["node", "server.js"] },
      },
    },
  ],
  silent: [
    { what: "read-only over /bin", settings: { mounts: [{ ...mount("bind", "/bin"), readOnly: true }] } },
    { what: "data", settings: { mounts: [mount("volume", "/var/lib/postgresql/data")] } },
    { what: "an image volume", settings: { mounts: [mount("image", "/usr/lib")] } },
    { what: "shared memory", settings: { mounts: [mount("tmpfs", "/dev/shm")] } },
    {
      what: "a configuration file that is an argument",
      settings: { mounts: [mount("volume", "/data")], command: { value: ["redis-server", "/data/redis.conf"] } },
    },
  ],
};

/** What the container starts from below `target`: its program, or a script that a program is given. */
function codeOn(target: string, { settings, image }: AuditedContainer): string | undefined {
  const words = [
    ...(settings.entrypoint?.value ?? image?.entrypoint ?? []),
    ...(settings.command?.value ?? image?.command ?? []),
  ];
  const started = startedCode(words, settings.workingDir?.value ?? image?.workingDir ?? "/");
  return started.find(({ path }) => isWithin(path, target))?.word;
}

function mount(type: "bind" | "volume" | "tmpfs" | "image", target: string) {
  return { type, target, readOnly: false } as const;
}
