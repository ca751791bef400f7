import { eventually, expectSame, http, main, signalContainer } from "../../../support/clients/target.ts";

await main(async (target) => {
  const { host, port } = target;
  const get = async () => (await http({ host, port, path: "/" })).body;
  await eventually(async () => expectSame("the page", /^rendered by \d+$/.test(await get()), true));
  const before = await get();
  await signalContainer(target, "HUP");
  await eventually(async () => expectSame("a new worker after the reload", (await get()) !== before, true));
});
