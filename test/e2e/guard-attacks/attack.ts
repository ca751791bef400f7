/** What a hostile client sends, and what it is told. Afterwards nothing that it made may have a root that can be written. */
export interface Attack {
  readonly name: string;
  /** One connection each, in this order. `{id}` stands for the container that was made last, `{exec}` for the last exec. */
  readonly sends: readonly Buffer[];
  /** What the last answer says where it is a refusal; absent: the attack is let through, and does no harm. */
  readonly refusal?: RegExp;
}

export const IMAGE = "petrify-attacked:1";
/** Its VOLUMEs lie over its programs. */
export const IMAGE_OVER_CODE = "petrify-attacked:volumes";
export const API = "/v1.41";

/** Body of a create that would be writable. */
export const WRITABLE = JSON.stringify({ Image: IMAGE, HostConfig: { ReadonlyRootfs: false } });

/** A request as a well-behaved client frames it. */
export function call(method: string, path: string, body?: string | Buffer, headers: readonly string[] = []): Buffer {
  const bytes = Buffer.from(body ?? "");
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: docker",
    "Connection: close",
    ...(body === undefined ? [] : ["Content-Type: application/json", `Content-Length: ${bytes.length}`]),
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), bytes]);
}

export function create(body: unknown, path = `${API}/containers/create`): Buffer {
  return call("POST", path, typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

/** A create of the test's image with this host configuration. */
export function createWith(hostConfig: Readonly<Record<string, unknown>>, config: object = {}): Buffer {
  return create({ Image: IMAGE, ...config, HostConfig: hostConfig });
}

/** A create that ends in CRLF lines as given, byte for byte. */
export function raw(...lines: readonly string[]): Buffer {
  return Buffer.from(lines.join("\r\n"), "latin1");
}

export const START = call("POST", `${API}/containers/{id}/start`);

/** Of a container that the policy has nothing to say against: what is done to it afterwards is the attack. */
export const ORDINARY = createWith({ ReadonlyRootfs: true });

/** What the attacks are judged by. */
export const HOSTILE_POLICY = `apiVersion: petrify.dev/v1
kind: ReadOnlyPolicy
metadata: { name: hostile-tenants }
mode: enforce
trust: hostile
privileged: refuse
`;
