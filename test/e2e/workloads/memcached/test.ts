import { LineClient } from "../../../support/clients/line-client.ts";
import { eventually, expectSame, main } from "../../../support/clients/target.ts";

const VALUE = "x".repeat(100_000);

await main(async (target) => {
  const cache = await eventually(() => LineClient.connect(target));
  try {
    expectSame("set", await cache.ask(`set key 0 0 ${VALUE.length}\r\n${VALUE}`), "STORED");
    expectSame("get", await cache.ask("get key"), `VALUE key 0 ${VALUE.length}`);
    expectSame("its value", await cache.line(), VALUE);
    expectSame("its end", await cache.line(), "END");
  } finally {
    cache.close();
  }
});
