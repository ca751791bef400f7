import { eventually, expectSame, http, main } from "../../../support/clients/target.ts";

await main(async (target) => {
  const { host, port } = target;
  const get = async (path: string) => {
    const { status, body } = await http({ host, port, path });
    expectSame(`GET ${path}`, status, 200);
    return body.trim();
  };
  await eventually(async () => expectSame("the shipped page", (await get("/")).includes("Tomcat"), true));
  if (target.phase === "first") await eventually(() => get("/app/?note=first"));
  expectSame("the note of the first container", await eventually(() => get("/app/")), "first");
});
