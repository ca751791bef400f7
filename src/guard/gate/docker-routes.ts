import type { Meaning } from "./meaning.ts";
import type { RouteRow } from "./routes.ts";

const PASS: Meaning = { kind: "pass" };
const engineChange = (what: string): Meaning => ({ kind: "engineChange", what });

/**
 * Every call of the Docker API 1.24 to 1.51 that is no plain read (moby api/server/router, later daemon/server/router), and those that
 * Podman serves beside them (pkg/api/server/register_*.go). `{}` is one part of the path or more: names of images and plugins hold
 * slashes.
 */
export const DOCKER_ROUTES: readonly RouteRow[] = [
  ["POST", "containers/create", { kind: "create", translator: "dockerCreate" }],
  ["POST", "containers/{}/start", { kind: "start", of: "container" }],
  ["POST", "containers/{}/restart", { kind: "start", of: "container" }],
  ["POST", "containers/{}/exec", { kind: "execCreate" }],
  ["POST", "exec/{}/start", { kind: "execStart" }],
  ["POST", "exec/{}/resize", PASS],
  ["POST", "containers/{}/attach", { kind: "attach" }],
  ["GET", "containers/{}/attach/ws", { kind: "attach" }],
  ["PUT", "containers/{}/archive", { kind: "copy" }],
  ["POST", "containers/{}/update", { kind: "update", schema: "docker" }],
  // A name that an exemption goes by counts when the container is started.
  ["POST", "containers/{}/rename", PASS],
  // The body may name any directory of the host, where it is written.
  ["POST", "containers/{}/checkpoints", { kind: "unknown" }],
  ["DELETE", "containers/{}/checkpoints/{}", PASS],
  // Out of a container: `docker cp` before 1.20.
  ["POST", "containers/{}/copy", PASS],
  ["POST", "containers/{}/kill", PASS],
  ["POST", "containers/{}/pause", PASS],
  ["POST", "containers/{}/unpause", PASS],
  ["POST", "containers/{}/stop", PASS],
  ["POST", "containers/{}/wait", PASS],
  ["POST", "containers/{}/resize", PASS],
  ["POST", "containers/prune", PASS],
  ["DELETE", "containers/{}", PASS],
  ["POST", "commit", { kind: "commit" }],
  ["POST", "build", { kind: "build" }],
  ["POST", "build/prune", PASS],
  ["POST", "build/cancel", PASS],
  ["POST", "session", { kind: "buildSession" }],
  ["POST", "grpc", { kind: "buildSession" }],
  // What an image holds is judged where a container is made of it.
  ["POST", "images/create", PASS],
  ["POST", "images/load", PASS],
  ["POST", "images/prune", PASS],
  ["POST", "images/{}/push", PASS],
  ["POST", "images/{}/tag", PASS],
  ["DELETE", "images/{}", PASS],
  ["POST", "networks/create", PASS],
  ["POST", "networks/prune", PASS],
  ["POST", "networks/{}/connect", PASS],
  ["POST", "networks/{}/disconnect", PASS],
  ["DELETE", "networks/{}", PASS],
  // Options that make a bind of a volume are looked at where a container gets it.
  ["POST", "volumes/create", PASS],
  ["POST", "volumes/prune", PASS],
  ["PUT", "volumes/{}", PASS],
  ["DELETE", "volumes/{}", PASS],
  ["POST", "plugins/pull", engineChange("installing a plugin")],
  ["POST", "plugins/create", engineChange("installing a plugin")],
  ["POST", "plugins/{}/enable", engineChange("enabling a plugin")],
  // It may be the one that asks the policy.
  ["POST", "plugins/{}/disable", engineChange("disabling a plugin")],
  ["POST", "plugins/{}/upgrade", engineChange("upgrading a plugin")],
  ["POST", "plugins/{}/set", engineChange("configuring a plugin")],
  ["POST", "plugins/{}/push", PASS],
  ["DELETE", "plugins/{}", engineChange("removing a plugin")],
  ["POST", "swarm/init", engineChange("making a swarm")],
  ["POST", "swarm/join", engineChange("joining a swarm")],
  ["POST", "swarm/unlock", engineChange("joining a swarm again")],
  ["POST", "swarm/update", engineChange("changing a swarm")],
  ["POST", "swarm/leave", PASS],
  ["POST", "services/create", { kind: "create", translator: "serviceCreate" }],
  ["POST", "services/{}/update", { kind: "create", translator: "serviceUpdate" }],
  ["DELETE", "services/{}", PASS],
  ["POST", "nodes/{}/update", PASS],
  ["DELETE", "nodes/{}", PASS],
  ["POST", "secrets/create", PASS],
  ["POST", "secrets/{}/update", PASS],
  ["DELETE", "secrets/{}", PASS],
  ["POST", "configs/create", PASS],
  ["POST", "configs/{}/update", PASS],
  ["DELETE", "configs/{}", PASS],
  ["POST", "auth", PASS],
];
