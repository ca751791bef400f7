import type { Workload } from "../../model/workload.ts";
import type { YamlMap } from "../../strategy/yaml-text.ts";
import { compact, filled } from "../compact.ts";
import { dnsLabel } from "./names.ts";

/** The settings of a pod that a run says; `fsGroup` is the group of its claims. */
export function podSettings(workload: Workload, fsGroup: number | undefined): YamlMap {
  const security = compact({
    ...fsGroupSettings(fsGroup),
    supplementalGroups: filled(workload.groupAdd.filter((group) => /^\d{1,10}$/.test(group)).map(Number)),
    sysctls: filled(Object.entries(workload.sysctls).map(([name, value]) => ({ name, value }))),
  });
  const { hostname, dns, platform, stopTimeoutSeconds } = workload;
  return compact({
    hostname: hostname === undefined ? undefined : dnsLabel(hostname),
    hostNetwork: workload.network === "host" || undefined,
    dnsPolicy: dns.length > 0 ? "None" : undefined,
    dnsConfig: dns.length > 0 ? { nameservers: dns } : undefined,
    hostAliases: filled(workload.extraHosts.flatMap(hostAlias)),
    nodeSelector: platform === undefined ? undefined : nodeSelector(platform),
    terminationGracePeriodSeconds:
      stopTimeoutSeconds === undefined || stopTimeoutSeconds < 0 ? undefined : stopTimeoutSeconds,
    securityContext: Object.keys(security).length === 0 ? undefined : security,
  });
}

/** The group that owns the pod's claims; without OnRootMismatch every start would go through all their files. */
export function fsGroupSettings(fsGroup: number | undefined): YamlMap {
  return fsGroup === undefined ? {} : { fsGroup, fsGroupChangePolicy: "OnRootMismatch" };
}

/** `db:10.0.0.1`, whose address may hold colons. */
function hostAlias(entry: string): YamlMap[] {
  const [, host, ip] = /^([^:=]+)[:=](.+)$/.exec(entry) ?? [];
  return host === undefined || ip === undefined || ip === "host-gateway" ? [] : [{ ip, hostnames: [host] }];
}

/** `linux/arm64/v8` */
function nodeSelector(platform: string): YamlMap {
  const [os = "linux", architecture] = platform.split("/");
  return { "kubernetes.io/os": os, ...(architecture !== undefined && { "kubernetes.io/arch": architecture }) };
}
