import { dockerHttp, dockerJson } from "./docker-http.ts";

/**
 * A program that starts containers as a test-suite does, without a pause between create and start: IMAGE, HOW ("in turn", "at once")
 * and a name for each. Every container's first instruction makes a directory; half of them remove themselves.
 */
const [image = "", how = "", ...names] = process.argv.slice(2);
const socketPath = (process.env["DOCKER_HOST"] ?? "").replace("unix://", "");

async function run(name: string, index: number): Promise<void> {
  const autoRemove = index % 2 === 1;
  const body = {
    Image: image,
    Cmd: ["mkdir", `/state/${name}`],
    HostConfig: { NetworkMode: "none", AutoRemove: autoRemove },
  };
  const path = `/containers/create?name=${name}`;
  const { Id } = await dockerJson<{ Id: string }>(socketPath, "POST", path, body);
  await dockerJson(socketPath, "POST", `/containers/${Id}/start`);
  const condition = autoRemove ? "removed" : "not-running";
  await dockerHttp(socketPath, "POST", `/containers/${Id}/wait?condition=${condition}`);
}

if (how === "at once") await Promise.all(names.map(run));
else for (const [index, name] of names.entries()) await run(name, index);
