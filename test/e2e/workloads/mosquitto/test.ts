import { MqttClient } from "../../../support/clients/mqtt-client.ts";
import { eventually, expectSame, main } from "../../../support/clients/target.ts";

const TOPIC = "petrify/demo";
const MESSAGE = "retained by the first container";

await main(async (target) => {
  const client = await eventually(() => MqttClient.connect(target));
  try {
    if (target.phase === "first") await client.publishRetained(TOPIC, MESSAGE);
    // mosquitto writes its store when it is stopped: only a later phase proves that it was kept.
    expectSame("the retained message", await client.retained(TOPIC), MESSAGE);
  } finally {
    client.close();
  }
});
