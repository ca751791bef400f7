import type { HostNamespace } from "../../../policy/request.ts";
import { bodyError } from "../go-json/body-error.ts";
import { shown } from "../go-json/parse.ts";

/**
 * Parameters without effect on what a container may write (pkg/api/handlers/libpod/kube.go, KubePlay). The first five come from `podman
 * --remote` and are read by no service: they say how its client pulls and what it prints.
 */
const HARMLESS: ReadonlySet<string> = new Set(
  "authfile certDir username password quiet noHosts noHostname noTrunc replace publishPorts publishAllPorts serviceContainer start staticIPs staticMACs tlsVerify wait noPodPrefix"
    .toLowerCase()
    .split(" "),
);

export interface KubeQuery {
  readonly logDriver?: string;
  readonly hostNamespaces: readonly HostNamespace[];
}

/** Each parameter, in lower case, by the value that lets it pass. */
const LIMITED: Readonly<Record<string, (value: string) => boolean>> = {
  logdriver: (value) => /^[\w-]*$/.test(value),
  // `path` is a file of the host, and `driver` is another driver (pkg/specgen/generate/kube, ToSpecGen).
  logoptions: (value) => /^(?:max-size|tag)=/.test(value),
  network: () => true,
  userns: (value) => /^(?:|host|auto(?::.*)?|keep-id(?::.*)?|nomap|private)$/.test(value),
  // They count like those of the text.
  annotations: (value) => value === "" || value === "{}",
  build: (value) => /^(?:0|f|false)$/i.test(value),
  // Of `podman --remote`, read by no service: what they name there is the client's own default.
  signaturepolicy: (value) => value === "",
  seccompprofileroot: (value) => value === "" || value === "/var/lib/kubelet/seccomp",
};

/** What a kube play's parameters ask for. Throws E_REQUEST_BODY for one that is not known, or that cannot be judged. */
export function readKubeQuery(parameters: readonly (readonly [name: string, value: string])[]): KubeQuery {
  // As Podman's clients write them and its service takes them (gorilla/schema).
  const query = parameters.map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name, value] of query) {
    if (HARMLESS.has(name)) continue;
    const passes = Object.hasOwn(LIMITED, name) ? LIMITED[name] : undefined;
    if (passes === undefined) throw bodyError("", `comes with the parameter ${shown(name)}, which is not known here`);
    if (!passes(value)) throw bodyError("", `comes with ${name}=${shown(value)}, which cannot be judged`);
  }
  const drivers = query.filter(([name]) => name === "logdriver").map(([, value]) => value);
  if (drivers.length > 1) throw bodyError("", "comes with the parameter logDriver twice");
  const networks = query.filter(([name]) => name === "network").map(([, value]) => value);
  const isHost = networks.some((network) => network === "host" || network.startsWith("ns:"));
  const [logDriver = ""] = drivers;
  return { ...(logDriver !== "" && { logDriver }), hostNamespaces: isHost ? ["network"] : [] };
}
