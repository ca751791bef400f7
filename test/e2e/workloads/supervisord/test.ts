import { RedisClient } from "../../../support/clients/redis-client.ts";
import { eventually, expectSame, http, main, portOf } from "../../../support/clients/target.ts";

const VALUE = "written by the first container";

await main(async (target) => {
  const { host } = target;
  const port = portOf(80);
  await eventually(async () => expectSame("GET /", (await http({ host, port, path: "/" })).status, 200));
  const redis = await eventually(async () => {
    const client = await RedisClient.connect({ ...target, port: portOf(6379) });
    await client.call("PING");
    return client;
  });
  try {
    if (target.phase !== "first") expectSame("GET of what the first one stored", await redis.call("GET", "key"), VALUE);
    expectSame("SET", await redis.call("SET", "key", VALUE), "OK");
    expectSame("SAVE", await redis.call("SAVE"), "OK");
  } finally {
    redis.close();
  }
});
