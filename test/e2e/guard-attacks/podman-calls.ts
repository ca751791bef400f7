import { call, raw } from "./attack.ts";

export const PODMAN_IMAGE = "localhost/attacked:1";
/** Its VOLUMEs lie over its programs. */
export const PODMAN_IMAGE_OVER_CODE = "localhost/attacked:volumes";
export const LIBPOD = "/v4.3.1/libpod";
/** Where `podman run -v` would put something of the host. */
export const HOST = "/host";

export type Spec = Readonly<Record<string, unknown>>;

/** A create of the test's image that would be writable, with these settings; a text goes as it is. */
export function spec(settings: Spec | string): Buffer {
  const body =
    typeof settings === "string"
      ? settings
      : JSON.stringify({ image: PODMAN_IMAGE, netns: { nsmode: "none" }, ...settings });
  return call("POST", `${LIBPOD}/containers/create`, body);
}

export const READ_ONLY = spec({ read_only_filesystem: true });
export const START = call("POST", `${LIBPOD}/containers/{id}/start`);
export const text = (settings: string): Buffer =>
  spec(`{"image":"${PODMAN_IMAGE}","netns":{"nsmode":"none"}${settings}}`);
export const play = (yaml: string, query = "network=none"): Buffer =>
  raw(
    `POST ${LIBPOD}/play/kube?${query} HTTP/1.1`,
    "Host: podman",
    "Connection: close",
    "Content-Type: application/yaml",
    `Content-Length: ${Buffer.byteLength(yaml)}`,
    "",
    yaml,
  );
export const REFUSED = /^HTTP\/1\.1 4\d\d [^]*"(?:message|cause)":".{30,}/;
export const says = (words: string): RegExp => new RegExp(`^HTTP/1\\.1 4\\d\\d [^]*${words}`, "i");
export const mount = (settings: Spec): Spec => ({ mounts: [settings] });
export const bind = (source: string, destination = HOST, options: readonly string[] = ["rbind", "rw"]): Spec =>
  mount({ type: "bind", source, destination, options });
export const volume = (Name: string, Dest: string, Options: readonly string[] = []): Spec => ({
  volumes: [{ Name, Dest, Options }],
});
export const hostVolume = (Name: string, Options: Spec): Buffer =>
  call("POST", `${LIBPOD}/volumes/create`, JSON.stringify({ Name, Driver: "local", Options }));
