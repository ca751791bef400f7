import { basename } from "node:path/posix";
import type { AuditedContainer, AuditState } from "./container.ts";

/** Programs whose only work is to run several others. */
const SUPERVISORS = new Set(
  "supervisord s6-svscan s6-supervise runsvdir runsv runit perp monit circusd systemd god foreman honcho".split(" "),
);
const DAEMONS = new Set(
  (
    "apache2 apache2ctl apachectl caddy cron crond dnsmasq dovecot fail2ban-server haproxy httpd lighttpd mariadbd memcached " +
    "mongod mysqld mysqld_safe named nginx php-fpm postfix postgres proftpd rabbitmq-server redis-server rsyslogd sshd squid " +
    "syslog-ng uwsgi varnishd vsftpd"
  ).split(" "),
);
const INITS = new Set("tini docker-init dumb-init catatonit sh bash dash ash busybox gosu su-exec".split(" "));
/** What applications start beside themselves without being two: shells, their words and helpers, and helpers of Erlang. */
const HELPERS = new Set(
  (
    "sh bash dash ash sleep cat tee tail logger ps epmd erl_child_setup inet_gethost " +
    "if then else fi for while until do done case esac wait trap true : echo exit cd set export test [ kill " +
    "mkdir chown chmod cp mv ln rm touch sed envsubst"
  ).split(" "),
);
const SHELL = /^(?:[\w/.-]*\/)?(?:ba|da|a)?sh$/;

/** Names of the applications that it runs, as far as its processes or its command tell; one or none is as it should be. */
export function applicationsOf(container: AuditedContainer): readonly string[] {
  const { state, settings, image } = container;
  if (state?.processes !== undefined) return running(state.processes);
  const entrypoint = settings.entrypoint?.value ?? image?.entrypoint ?? [];
  return started([...entrypoint, ...(settings.command?.value ?? image?.command ?? [])]);
}

function running(processes: NonNullable<AuditState["processes"]>): readonly string[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const children = Map.groupBy(processes, ({ parentPid }) => parentPid);
  const expand = ({ pid, name }: (typeof processes)[number]): readonly string[] => {
    const below = children.get(pid) ?? [];
    return passes(name) && below.length > 0 ? below.flatMap(expand) : [name];
  };
  return distinct(processes.filter(({ parentPid }) => !pids.has(parentPid)).flatMap(expand));
}

function passes(name: string): boolean {
  return INITS.has(name) || SUPERVISORS.has(name);
}

function started(words: readonly string[]): readonly string[] {
  // What stands before the program: an init and its flags.
  const first = words.findIndex((word) => SHELL.test(word) || !(INITS.has(basename(word)) || word.startsWith("-")));
  const [program = "", ...rest] = words.slice(Math.max(first, 0));
  if (SUPERVISORS.has(basename(program))) return [basename(program), "what it supervises"];
  const flag = rest.findIndex((word) => /^-\w*c$/.test(word));
  const script = SHELL.test(program) && flag >= 0 ? rest[flag + 1] : undefined;
  return script === undefined ? [] : ofScript(script);
}

/** Those that a shell starts: daemons by name, what goes to the background, and what it then ends with. */
function ofScript(script: string): readonly string[] {
  // Quoted text, redirections such as 2>&1, and comments are no commands.
  const plain = script.replaceAll(/"[^"]*"|'[^']*'|>&\d|&>|#.*$/gm, " ");
  const commands = plain.split(/&&|\|\||[;|\n]/).flatMap((part) => {
    const names = part.split("&").map(programOf);
    return names.map((name, index) => ({ name, apart: index < names.length - 1 }));
  });
  const isApart = commands.some(({ apart }) => apart);
  const last = commands.findLastIndex(({ name }) => name !== undefined);
  const found = commands.filter(({ name, apart }, index) => {
    return name !== undefined && (DAEMONS.has(commonName(name)) || apart || (isApart && index === last));
  });
  return distinct(found.flatMap(({ name }) => name ?? []));
}

function programOf(text: string): string | undefined {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "exec" && word !== "nohup" && !/^\w+=/.test(word));
  const [first, second, third] = words;
  if (first === undefined) return undefined;
  if (first === "service" && third === "start" && second !== undefined) return second;
  if (first.startsWith("/etc/init.d/") && second === "start") return basename(first);
  return basename(first);
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names.map(commonName))].filter((name) => !HELPERS.has(name));
}

/** Without the version that Debian puts into the name, and the colon of a process that names itself (`nginx:`). */
function commonName(name: string): string {
  return name.replace(/:$/, "").replace(/^php-fpm[\d.]+$/, "php-fpm");
}

/** Whether an SSH server runs in it, or is what it starts. */
export function runsSshd({ state, settings, image }: AuditedContainer): boolean {
  if (state?.processes !== undefined)
    return state.processes.some(({ name }) => /^sshd(?:$|[:-])|^dropbear$/.test(name));
  const words = [
    ...(settings.entrypoint?.value ?? image?.entrypoint ?? []),
    ...(settings.command?.value ?? image?.command ?? []),
  ];
  return words.some((word) => /(?:^|[\s/;&])(?:sshd|dropbear)(?:$|[\s;&])|\bservice ssh start\b/.test(word));
}
