import { expect, test } from "vitest";
import { applicationsOf, runsSshd } from "./applications.ts";
import type { AuditedContainer, Settings } from "./container.ts";

test.each([
  [
    "sh -c with a daemon and a foreground program",
    ["sh", "-c", "rsyslogd; exec postfix start-fg"],
    ["rsyslogd", "postfix"],
  ],
  ["variables before the program", ["bash", "-ec", "A=1 cron && B=2 exec apache2 -DFOREGROUND"], ["cron", "apache2"]],
  ["versions of php-fpm", ["sh", "-c", "php-fpm8.2 -D\nnginx -g 'daemon off;'"], ["php-fpm", "nginx"]],
  ["an init script", ["/bin/bash", "-c", "/etc/init.d/cron start && memcached"], ["cron", "memcached"]],
  ["an init in front", ["tini", "--", "supervisord"], ["supervisord", "what it supervises"]],
  ["the background, and what it ends with", ["sh", "-c", "worker & worker2 & wait"], ["worker", "worker2"]],
  ["setting up in the background", ["sh", "-c", "(sleep 5; touch /tmp/x) & exec app"], ["app"]],
  ["an ampersand in quotes", ["sh", "-c", "curl 'http://a/?b&c' && exec app"], []],
  ["one daemon, checked first", ["sh", "-c", "nginx -t && exec nginx"], ["nginx"]],
  ["no shell", ["node", "-c", "cron & nginx"], []],
  ["s6", ["/bin/s6-svscan", "/etc/s6"], ["s6-svscan", "what it supervises"]],
  ["nothing", [], []],
])("%s", (_what, command, expected) => {
  expect(applicationsOf(container({ command: { value: command } }))).toEqual(expected);
});

test("the image's command counts where none is given", () => {
  const image = { repoDigests: [], entrypoint: ["/init"], command: ["supervisord"] };
  expect(applicationsOf({ ...container({ entrypoint: { value: [] } }), image })).toHaveLength(2);
});

test("processes that claim to be each other's parents end the search", () => {
  const processes = [
    { pid: 1, parentPid: 2, name: "sh" },
    { pid: 2, parentPid: 1, name: "sh" },
    { pid: 3, parentPid: 0, name: "web" },
  ];
  expect(applicationsOf({ ...container({}), state: { status: "running", health: "none", processes } })).toEqual([
    "web",
  ]);
});

test("a long script is read in one pass", () => {
  const script = `${"a & ".repeat(20_000)}${"1".repeat(20_000)}${'"'.repeat(10_001)}`;
  expect(applicationsOf(container({ command: { value: ["sh", "-c", script] } })).length).toBeGreaterThan(0);
});

test.each([
  [["/usr/sbin/sshd", "-D"], true],
  [["sh", "-c", "service ssh start && app"], true],
  [["dropbear", "-F"], true],
  [["ssh", "-N", "host"], false],
  [["cat", "/etc/ssh/sshd_config"], false],
])("%j is an SSH server: %s", (command, expected) => {
  expect(runsSshd(container({ command: { value: command } }))).toBe(expected);
});

function container(settings: Settings): AuditedContainer {
  return {
    source: { kind: "compose", name: "compose.yaml" },
    workload: "web",
    role: "main",
    os: "linux",
    settings,
    strategy: { standing: "none" },
  };
}
