import { INT64, mapOf, pointerTo, STRING, STRING_MAP, STRINGS, struct } from "../go-json/go-type.ts";
import { CONFIG } from "./config.ts";
import { HOST_CONFIG } from "./host-config.ts";

/** moby api/types/network/endpoint.go, EndpointSettings: all fields of 20.10 to 28. */
const ENDPOINT_SETTINGS = struct({
  IPAMConfig: pointerTo(struct({ IPv4Address: STRING, IPv6Address: STRING, LinkLocalIPs: STRINGS })),
  Links: STRINGS,
  Aliases: STRINGS,
  MacAddress: STRING,
  DriverOpts: STRING_MAP,
  GwPriority: INT64,
  NetworkID: STRING,
  EndpointID: STRING,
  Gateway: STRING,
  IPAddress: STRING,
  IPPrefixLen: INT64,
  IPv6Gateway: STRING,
  GlobalIPv6Address: STRING,
  GlobalIPv6PrefixLen: INT64,
  DNSNames: STRINGS,
});

const INNER = {
  HostConfig: pointerTo(HOST_CONFIG),
  NetworkingConfig: pointerTo(struct({ EndpointsConfig: mapOf(pointerTo(ENDPOINT_SETTINGS)) })),
};

/** Body of `POST /containers/create` from Docker 27 (API 1.46) on: moby api/types/container/create_request.go, CreateRequest. */
export const CREATE_REQUEST = struct(INNER, CONFIG);

/** The same before: moby runconfig/config_unix.go, ContainerConfigWrapper, which reads a host configuration beside the inner one. */
export const CREATE_REQUEST_WITH_HOST_FIELDS = struct({ ...INNER, Cpuset: STRING }, CONFIG, HOST_CONFIG);
