import { RedisClient } from "../../../support/clients/redis-client.ts";
import { eventually, expectSame, main } from "../../../support/clients/target.ts";

const KEY = "petrify-demo:greeting";
const VALUE = "written by the first container";

await main(async (target) => {
  const redis = await eventually(async () => {
    const client = await RedisClient.connect(target);
    // While it loads its file, redis accepts connections and answers LOADING.
    await client.call("PING");
    return client;
  });
  try {
    if (target.phase !== "first")
      expectSame("GET of what the first container stored", await redis.call("GET", KEY), VALUE);
    expectSame("SET", await redis.call("SET", KEY, VALUE), "OK");
    expectSame("GET", await redis.call("GET", KEY), VALUE);
    expectSame("SAVE", await redis.call("SAVE"), "OK");
    await redis.call("BGSAVE");
    await eventually(async () =>
      expectSame("BGSAVE ends", info(await redis.call("INFO", "persistence"), "rdb_bgsave_in_progress"), "0"),
    );
    expectSame("BGSAVE", info(await redis.call("INFO", "persistence"), "rdb_last_bgsave_status"), "ok");
  } finally {
    redis.close();
  }
});

function info(text: string | null, field: string): string | undefined {
  return new RegExp(`^${field}:(.*)$`, "m").exec(text ?? "")?.[1]?.trim();
}
