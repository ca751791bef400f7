import { readFileSync } from "node:fs";
import { hostname, release } from "node:os";
import type { ContainerHandle, ContainerState } from "../engine/engine.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Workload } from "../model/workload.ts";
import { isSecret } from "../strategy/secrets.ts";
import type { Mark } from "./plan/types.ts";

/** What an engine calls the host when nobody says: the start of the container's id. */
const SHORT_ID_CHARS = 12;

/** Texts that belong to this host, to the day, and to what the run was given. */
export function commonMarks(workload: Workload, image: ImageFacts, now: Date = new Date()): readonly Mark[] {
  const given = workload.env.map((variable) => markOf(variable, "the value of the variable that was given as"));
  const secrets = image.env.filter(isSecret).map((variable) => markOf(variable, "the image's own secret"));
  const names = workload.extraHosts.flatMap((line) => [
    line.slice(0, line.search(/[:=]/)),
    line.slice(line.search(/[:=]/) + 1),
  ]);
  return [
    ...given,
    ...secrets,
    ...[...names, ...workload.dns].map((text) => ({ text, what: "a name or address that was given" })),
    { text: hostname() === "localhost" ? "" : hostname(), what: "the name of this host" },
    { text: release(), what: "the version of this host's kernel" },
    { text: contentOf("/etc/machine-id"), what: "the identifier of this host" },
    { text: contentOf("/proc/sys/kernel/random/boot_id"), what: "the identifier of this host's boot" },
    ...datesOf(now).map((text) => ({ text, what: "the date of the run" })),
  ].filter(({ text }) => text !== "");
}

/** Texts that belong to one container. */
export function containerMarks(
  container: Pick<ContainerHandle, "id" | "name">,
  { ipAddress }: Pick<ContainerState, "ipAddress">,
  hostName: string | undefined,
): readonly Mark[] {
  return [
    { text: container.id.slice(0, SHORT_ID_CHARS), what: "the container's id" },
    { text: container.name, what: "the container's name" },
    { text: hostName ?? "", what: "the container's host name" },
    { text: ipAddress, what: "the container's address" },
    { text: ipAddress.replace(/\.\d+$/, ".1"), what: "the address of the container's network" },
  ].filter(({ text }) => text !== "");
}

function markOf(variable: string, what: string): Mark {
  const [name = ""] = variable.split("=", 1);
  return { text: variable.slice(name.length + 1), what: `${what} ${name}` };
}

/** As ISO 8601, syslog, HTTP and ctime(3) write them, on this host and in UTC. */
function datesOf(now: Date): readonly string[] {
  const dates = ["UTC", undefined].flatMap((timeZone) => {
    const part = (options: Intl.DateTimeFormatOptions): string =>
      new Intl.DateTimeFormat("en-GB", { ...options, ...(timeZone !== undefined && { timeZone }) }).format(now);
    const [year, month, day] = [part({ year: "numeric" }), part({ month: "2-digit" }), part({ day: "2-digit" })];
    const name = part({ month: "short" }).slice(0, 3);
    return [
      `${year}-${month}-${day}`,
      `${year}${month}${day}`,
      `${year}/${month}/${day}`,
      `${day}/${name}/${year}`,
      `${day} ${name} ${year}`,
      `${name} ${String(Number(day)).padStart(2)} `,
    ];
  });
  return [...new Set(dates)];
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
