import { eventually, expectSame, http, main, signalContainer } from "../../../support/clients/target.ts";

const VISITS = 20;

await main(async (target) => {
  const { host, port } = target;
  const visits = async () => {
    const { status, body } = await http({ host, port, path: "/" });
    expectSame("GET /", status, 200);
    return Number(body);
  };
  const visit = async (who: string) => {
    const body = Buffer.from(who);
    const headers = { "content-length": body.length };
    expectSame("POST /", (await http({ host, port, method: "POST", path: "/", headers }, body)).status, 200);
  };
  // Any answer: one that is an error will not get better.
  await eventually(() => http({ host, port, path: "/" }));
  if (target.phase === "first") for (let n = 0; n < VISITS; n++) await visit("first");
  await visit(target.phase === "first" ? "again" : target.phase);
  expectSame("visits to the first container", await visits(), VISITS);
  // New workers with the code read anew.
  await signalContainer(target, "HUP");
  expectSame("visits after the reload", await eventually(visits), VISITS);
});
