import { eventually, expectSame, http, main } from "../../../support/clients/target.ts";

await main(async ({ host, port }) => {
  await eventually(async () => expectSame("GET /", (await http({ host, port, path: "/" })).body, "loaded"));
});
