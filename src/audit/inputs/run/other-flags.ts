/**
 * Flags that set nothing that is audited; they are known so that what follows them is read as what it is.
 * Sources: docker/cli cli/command/container/opts.go and run.go; podman cmd/podman/common/create.go and netflags.go.
 */
export const OTHER_VALUES: readonly string[] = (
  "add-host annotation arch attach/a authfile blkio-weight blkio-weight-device cert-dir cgroup-conf cgroupns cgroups chrootdirs " +
  "cidfile conmon-pidfile cpu-count cpu-percent cpu-period cpu-rt-period cpu-rt-runtime cpu-shares/c cpuset-cpus cpuset-mems creds " +
  "decryption-key detach-keys device-read-bps device-read-iops device-write-bps device-write-iops dns dns-opt dns-option " +
  "dns-search domainname env-file env-merge expose gidmap gpus group-add group-entry health-interval health-log-destination " +
  "health-max-log-count health-max-log-size health-on-failure health-retries health-start-interval health-start-period " +
  "health-startup-cmd health-startup-interval health-startup-retries health-startup-success health-startup-timeout health-timeout " +
  "hooks-dir hostname/h hosts-file hostuser image-volume init-ctr init-path io-maxbandwidth io-maxiops ip ip6 kernel-memory " +
  "label/l label-file link link-local-ip mac-address memory-reservation memory-swap memory-swappiness net-alias network-alias " +
  "oom-score-adj os passwd-entry personality pidfile pod-id-file preserve-fd preserve-fds pull rdt-class requires retry retry-delay " +
  "sdnotify seccomp-policy secret shm-size shm-size-systemd stop-signal stop-timeout storage-opt subgidname subuidname systemd " +
  "timeout tz uidmap umask unsetenv variant volume-driver"
).split(" ");

export const OTHER_SWITCHES: readonly string[] = (
  "detach/d disable-content-trust env-host help http-proxy init interactive/i no-hostname no-hosts oom-kill-disable passwd " +
  "publish-all/P quiet/q replace rm rmi rootfs sig-proxy tls-verify tty/t unsetenv-all"
).split(" ");
