/**
 * Annotations by which a container is changed, or the host is: runtimes and Podman read them. Sources: crun(1), "EXTENSIONS" (`run.oci.`:
 * libraries to load, hooks, another handler); runc docs (`org.criu.`, `org.systemd.property.`); Kata's `io.katacontainers.`;
 * containers/podman libpod/define/annotations.go (`io.podman.annotations.cid-file` names a file of the host that is removed with the
 * container).
 */
const READ_BY_RUNTIMES =
  "run.oci. module.wasm. org.criu. org.systemd. io.katacontainers. io.kubernetes.cri io.podman. io.crun. dev.gvisor. org.projectatomic.".split(
    " ",
  );

/** Those of Podman that only say what it shows in an inspection; its command line always sends the last. */
const SHOWN = new Set([
  ...["seccomp", "label", "apparmor", "init", "privileged", "publish-all", "autoremove", "autoremove-image"].map(
    (name) => `io.podman.annotations.${name}`,
  ),
  "io.kubernetes.cri-o.TTY",
]);

/** Whether an annotation of `podman create` changes more than what is shown. */
export function isReadByRuntime(name: string): boolean {
  if (SHOWN.has(name)) return false;
  return READ_BY_RUNTIMES.some((prefix) => name.startsWith(prefix));
}
