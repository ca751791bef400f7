import { isIP } from "node:net";
import { PetrifyError } from "../../model/errors.ts";
import type { PublishedPort } from "../../model/workload.ts";

/** `-p [IP:][HOST:]CONTAINER[/PROTOCOL]`, with ranges of equal length; one entry per port. Throws E_USAGE. */
export function parsePublish(text: string): readonly PublishedPort[] {
  const match = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)??(?:([^:]*):)?([^:/]+)(?:\/([a-z0-9]+))?$/i.exec(text);
  if (match === null) throw usage(text);
  const [, ip6, ip4, hostText = "", containerText = "", protocolText = "tcp"] = match;
  const hostIp = ip6 ?? ip4 ?? "";
  if (hostIp !== "" && isIP(hostIp) !== (ip6 === undefined ? 4 : 6))
    throw new PetrifyError("E_USAGE", `-p ${text}: '${hostIp}' is not an IP address.`);
  const protocol = protocolText.toLowerCase();
  if (protocol !== "tcp" && protocol !== "udp")
    throw new PetrifyError("E_USAGE", `-p ${text}: the protocol '${protocol}' cannot be used.`, {
      hint: "Use tcp or udp.",
    });

  const container = portRange(containerText, text);
  const host = hostText === "" ? undefined : portRange(hostText, text);
  if (host !== undefined && host.length !== container.length)
    throw new PetrifyError("E_USAGE", `-p ${text}: the ranges differ in length.`, {
      hint: "Give as many host ports as container ports.",
    });
  return container.map((containerPort, index) => {
    const hostPort = host?.[index];
    return {
      ...(hostIp !== "" && { hostIp }),
      // Host port 0 is Docker's way to write "any".
      ...(hostPort !== undefined && hostPort !== 0 && { hostPort }),
      containerPort,
      protocol,
    };
  });
}

function portRange(range: string, text: string): number[] {
  const [firstText = "", lastText = firstText, ...more] = range.split("-");
  const first = portNumber(firstText);
  const last = portNumber(lastText);
  if (first === undefined || last === undefined || last < first || more.length > 0) throw usage(text);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function portNumber(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65_535 ? port : undefined;
}

function usage(text: string): PetrifyError {
  return new PetrifyError("E_USAGE", `-p ${text} is not a port to publish.`, {
    hint: "Write it like 8080:80, 127.0.0.1:8080:80, [::1]:8080:80/tcp or 80.",
  });
}
