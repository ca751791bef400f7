import { RedisClient } from "../../../support/clients/redis-client.ts";
import { eventually, expectSame, main } from "../../../support/clients/target.ts";

const KEYS = 1000;

await main(async (target) => {
  const redis = await eventually(async () => {
    const client = await RedisClient.connect(target);
    await client.call("PING");
    return client;
  });
  try {
    if (target.phase === "first") for (let n = 0; n < KEYS; n++) await redis.call("SET", `key:${n}`, `value ${n}`);
    expectSame("what the first container stored", await redis.call("GET", `key:${KEYS - 1}`), `value ${KEYS - 1}`);
    await redis.call("SET", "phase", target.phase);
    await redis.call("BGREWRITEAOF");
    // Stopped in the middle of it, redis would leave other files on each run.
    await eventually(async () => {
      const state = (await redis.call("INFO", "persistence")) ?? "";
      expectSame("the rewrite ends", /^aof_rewrite_(in_progress|scheduled):1/m.test(state), false);
    });
  } finally {
    redis.close();
  }
});
