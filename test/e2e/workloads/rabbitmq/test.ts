import { AmqpClient } from "../../../support/clients/amqp-client.ts";
import { eventually, expectSame, main } from "../../../support/clients/target.ts";

const QUEUE = "petrify";
const MESSAGE = "published to the first container";

await main(async (target) => {
  const broker = await eventually(() => AmqpClient.connect(target, "guest", "guest"));
  try {
    await broker.declare(QUEUE);
    if (target.phase === "first") await broker.publish(QUEUE, MESSAGE);
    expectSame("the message of the first container", await broker.peek(QUEUE), MESSAGE);
    await broker.declare(`${QUEUE}-${target.phase}`);
    await broker.publish(`${QUEUE}-${target.phase}`, "x".repeat(10_000));
  } finally {
    broker.close();
  }
});
