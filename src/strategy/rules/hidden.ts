/**
 * What images ship in directories that get a mount, and that no service misses as long as it does nothing there: leftovers of
 * building the image, and base directories for an init system that does not run in a container (runit's: dh_runit of Debian).
 * Source: file lists of debian:12, ubuntu:24.04, alpine:3.20 and fedora:40 base images; tmpfiles.d of systemd (legacy.conf, var.conf).
 */
const HARMLESS: readonly RegExp[] = [
  /^\/(?:var\/)?tmp\//,
  /^\/run\/(?:lock|mount|user|systemd|udev|runit|log|setrans|motd\.d|faillock|shm|sendsigs\.omit\.d|initctl|\.containerenv)(?=\/|$)/,
  /^\/var\/log\/(?:README|alternatives\.log|apt|bootstrap\.log|btmp|dnf.*|dpkg\.log|faillog|hawkey\.log|installer|journal|lastlog|private|runit|sysstat|tallylog|unattended-upgrades|wtmp)(?=\/|$)/,
  /^\/var\/cache\/(?:adduser|apt|debconf|dictionaries-common|dnf|fontconfig|ldconfig|man|yum|apk|misc|private)(?=\/|$)/,
];

/** Whether nobody misses it when a mount hides what the image ships at `path`. */
export function isHarmlessToHide(path: string): boolean {
  return HARMLESS.some((pattern) => pattern.test(path));
}
