import type { Policy } from "../../model/policy.ts";
import type { Circumstances } from "../decide.ts";
import type { ContainerRequest, RequestedDevice } from "../request.ts";
import { imageFacts, policy, volumeMount } from "./samples.ts";

export type Outcome = "deny" | "note" | "nothing";
/** What a rule says of a container made by `docker run app:1` with these settings. */
export type Case = readonly [
  what: string,
  container: Partial<ContainerRequest>,
  expected: Outcome,
  policy?: Partial<Policy>,
  now?: Partial<Circumstances>,
];

export const refuse = (settings: Partial<Policy["refuse"]>): Partial<Policy> => ({
  refuse: { ...policy().refuse, ...settings },
});
export const hostile = { trust: "hostile" } as const;
export const local = (o: string, type = "none", device = "/etc") =>
  volumeMount("/data", { source: "v", driverOptions: { type, o, device } });
export const started = (...entrypoint: readonly string[]) => imageFacts({ entrypoint, command: [] });
export const device = (hostPath: string, settings: Partial<RequestedDevice> = {}) => ({
  devices: [{ hostPath, containerPath: "/dev/x", permissions: "rwm", ...settings }],
});
