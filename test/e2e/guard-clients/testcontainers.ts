/**
 * Uses an engine through the testcontainers library as a project's own tests do, and prints what happened as JSON. A process of its own:
 * published ports are reached from the network namespace of the engine. DOCKER_HOST names the engine, the first argument an image of busybox.
 *
 * TESTCONTAINERS_RYUK_DISABLED must be true: Ryuk, the library's own removal, mounts the engine's socket, which a guard refuses.
 */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { GenericContainer, Wait } from "testcontainers";

export interface TestcontainersResult {
  readonly exec: { readonly exitCode: number; readonly output: string };
  readonly write: { readonly exitCode: number; readonly output: string };
  /** Answer on the published port. */
  readonly page: string;
  /** What a consumer of the log stream got up to the end. */
  readonly logs: string;
  readonly restarted: string;
  readonly copyRefused: string;
  readonly copyBeforeStartRefused: string;
}

const image = process.argv[2] ?? "";
// After a restart the library reads the log from the moment on that the engine notes for it, and the first line may be older.
const SCRIPT = `trap 'echo ending; exit 0' TERM
echo page >/tmp/index.html; httpd -p 8080 -h /tmp
while :; do echo ready; sleep 1 & wait; done`;

const lines: string[] = [];
const container = await new GenericContainer(image)
  .withCommand(["sh", "-c", SCRIPT])
  .withExposedPorts(8080)
  .withLogConsumer((stream) => void stream.on("data", (line: Buffer) => lines.push(line.toString())))
  .withWaitStrategy(
    Wait.forAll([
      Wait.forListeningPorts(),
      Wait.forLogMessage(/^ready/),
      Wait.forHttp("/index.html", 8080),
      Wait.forSuccessfulCommand("test -e /tmp/index.html"),
    ]),
  )
  .withStartupTimeout(60_000)
  .start();
const address = { host: container.getHost(), port: () => container.getMappedPort(8080) };
const exec = await container.exec(["sh", "-c", "echo from exec; exit 3"]);
const write = await container.exec(["touch", "/etc/x"]);
const page = await get(address.host, address.port());
const copyRefused = await refusal(container.copyContentToContainer([{ content: "x", target: "/tmp/copied" }]));
await container.restart({ timeout: 10_000 });
const restarted = await get(address.host, address.port());
await container.stop();
const copyBeforeStartRefused = await refusal(
  new GenericContainer(image)
    .withCommand(["true"])
    .withCopyContentToContainer([{ content: "x", target: "/srv/copied" }])
    .start(),
);
const result: TestcontainersResult = {
  exec: { exitCode: exec.exitCode, output: exec.output },
  write: { exitCode: write.exitCode, output: write.output },
  page,
  logs: lines.join(""),
  restarted,
  copyRefused,
  copyBeforeStartRefused,
};
console.log(JSON.stringify(result));

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "it was not refused";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function get(host: string, port: number): Promise<string> {
  const socket = connect(port, host);
  socket.end("GET /index.html HTTP/1.0\r\n\r\n");
  return (await text(socket)).split("\r\n\r\n")[1] ?? "";
}
