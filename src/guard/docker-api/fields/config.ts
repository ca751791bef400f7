import {
  BOOL,
  INT64,
  listOf,
  mapOf,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  STRSLICE,
  struct,
} from "../go-json/go-type.ts";

/** `struct{}`, as the values of sets. */
export const EMPTY_STRUCT = struct({});

/** moby api/types/container/config.go, HealthConfig. Times are nanoseconds. */
export const HEALTH_CONFIG = struct({
  Test: STRINGS,
  Interval: INT64,
  Timeout: INT64,
  StartPeriod: INT64,
  StartInterval: INT64,
  Retries: INT64,
});

/** moby api/types/container/config.go, Config: all fields of 20.10 to 28. */
export const CONFIG = struct({
  Hostname: STRING,
  Domainname: STRING,
  User: STRING,
  AttachStdin: BOOL,
  AttachStdout: BOOL,
  AttachStderr: BOOL,
  ExposedPorts: mapOf(EMPTY_STRUCT),
  Tty: BOOL,
  OpenStdin: BOOL,
  StdinOnce: BOOL,
  Env: STRINGS,
  Cmd: STRSLICE,
  Healthcheck: pointerTo(HEALTH_CONFIG),
  ArgsEscaped: BOOL,
  Image: STRING,
  Volumes: mapOf(EMPTY_STRUCT),
  WorkingDir: STRING,
  Entrypoint: STRSLICE,
  NetworkDisabled: BOOL,
  MacAddress: STRING,
  OnBuild: listOf(STRING),
  Labels: STRING_MAP,
  StopSignal: STRING,
  StopTimeout: pointerTo(INT64),
  Shell: STRSLICE,
});
