import { isBelow, parentOf } from "../paths.ts";

/**
 * Where nothing writable is ever mounted. `scope` says how far a rule reaches:
 * the directory itself, its children too, or everything below it.
 * Source: FHS 3.0 chapters 3-5 for what a directory is for; CIS Docker Benchmark 5.13 (root mounted read-only) and
 * the file lists of container escapes and persistence (pam, sudoers, cron, profile, ld.so) for the parts of /etc.
 */
interface ForbiddenRule {
  readonly path: string;
  readonly scope: "itself" | "children" | "below";
  readonly reason: string;
}

const SHARED = "it is shared by everything in the image";
const PROGRAMS = "it holds the programs and libraries of the image";
const CONFIGURATION = "it holds the configuration of the whole image";
const SECURITY = "it decides who may do what, or what is run";
const KERNEL = "it belongs to the kernel and the engine";

const FORBIDDEN: readonly ForbiddenRule[] = [
  { path: "/", scope: "itself", reason: "it is the root itself" },
  ...["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot"].map(everythingBelow(PROGRAMS)),
  ...["/dev", "/proc", "/sys"].map(everythingBelow(KERNEL)),
  { path: "/usr", scope: "children", reason: PROGRAMS },
  ...["/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/include", "/usr/src", "/usr/games"].map(everythingBelow(PROGRAMS)),
  // Applications do keep folders of their own deep in here (/usr/lib/unifi/data); the direct children are packages' code.
  ...["/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/local/lib"].map((path) => ({
    path,
    scope: "children" as const,
    reason: PROGRAMS,
  })),
  // Images install whole applications as /usr/local/NAME (tomcat, openresty): only the standard children are shut.
  ...["bin", "sbin", "libexec", "include", "src", "games"].map((n) => `/usr/local/${n}`).map(everythingBelow(PROGRAMS)),
  ...["/usr/local/etc", "/usr/local/share", "/usr/local/man"].map(only(SHARED)),
  { path: "/etc", scope: "itself", reason: CONFIGURATION },
  ...[
    "alternatives apt ca-certificates cron.d cron.daily cron.hourly cron.monthly cron.weekly default init.d ld.so.conf.d",
    "modprobe.d pam.d pki profile.d rc0.d rc1.d rc2.d rc3.d rc4.d rc5.d rc6.d rcS.d security skel ssl sudoers.d sysctl.d systemd",
  ]
    .flatMap((names) => names.split(" "))
    .map((name) => `/etc/${name}`)
    .map(everythingBelow(SECURITY)),
  ...["/var", "/var/lib", "/var/spool", "/home", "/opt"].map(only(SHARED)),
  ...["/var/lib/dpkg", "/var/lib/apt", "/var/lib/rpm", "/var/lib/apk", "/var/lib/pacman", "/var/lib/dnf"].map(
    everythingBelow("it is the package manager's record of what the image holds"),
  ),
];

function everythingBelow(reason: string) {
  return (path: string): ForbiddenRule => ({ path, scope: "below", reason });
}
function only(reason: string) {
  return (path: string): ForbiddenRule => ({ path, scope: "itself", reason });
}

/** Whether a file in `directory` is trusted by everything in the image, as programs and keys are: a link from there to a writable place would undo that. */
export function isTrusted(directory: string): boolean {
  return FORBIDDEN.some(({ path, scope }) => scope === "below" && (path === directory || isBelow(directory, path)));
}

/** Why nothing may be mounted on `directory`; undefined when it may. */
export function forbiddenReason(directory: string): string | undefined {
  return FORBIDDEN.find(
    (rule) =>
      directory === rule.path ||
      (rule.scope === "children" && parentOf(directory) === rule.path) ||
      (rule.scope === "below" && isBelow(directory, rule.path)),
  )?.reason;
}
