import { eventually, expectSame, http, main, signalContainer } from "../../../support/clients/target.ts";

await main(async (target) => {
  const { host, port } = target;
  const get = async () => expectSame("GET /", (await http({ host, port, path: "/" })).body, "served\n");
  await eventually(get);
  // Looks at the service directories again.
  await signalContainer(target, "ALRM");
  await eventually(get);
});
