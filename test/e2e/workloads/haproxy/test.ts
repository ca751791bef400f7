import { eventually, expectSame, http, main, signalContainer } from "../../../support/clients/target.ts";

await main(async (target) => {
  const { host, port } = target;
  const get = async (path: string) => {
    const { status, body } = await http({ host, port, path });
    expectSame(`GET ${path}`, status, 200);
    return body;
  };
  await eventually(async () => expectSame("the page", await get("/"), "served"));
  const before = await get("/worker");
  // To the master: new workers, which bind the sockets anew.
  await signalContainer(target, "USR2");
  await eventually(async () => expectSame("a new worker after the reload", (await get("/worker")) !== before, true));
  expectSame("the page after the reload", await get("/"), "served");
});
