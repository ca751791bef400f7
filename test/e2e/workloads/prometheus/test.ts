import { eventually, expectSame, http, main, signalContainer } from "../../../support/clients/target.ts";

await main(async (target) => {
  const { host, port } = target;
  const value = async (query: string) => {
    const answer = await http({ host, port, path: `/api/v1/query?query=${encodeURIComponent(query)}` });
    expectSame(`the query ${query}`, answer.status, 200);
    const { data } = JSON.parse(answer.body) as { data: { result: readonly { value: readonly [number, string] }[] } };
    return Number(data.result[0]?.value[1]);
  };
  await eventually(async () => expectSame("/-/ready", (await http({ host, port, path: "/-/ready" })).status, 200));
  await eventually(async () => expectSame("it sees itself", await value('up{job="prometheus"}'), 1));
  if (target.phase !== "first") {
    const oldest = await value('min_over_time(timestamp(up{job="prometheus"})[1h:1s])');
    const runtime = await http({ host, port, path: "/api/v1/status/runtimeinfo" });
    const { startTime } = (JSON.parse(runtime.body) as { data: { startTime: string } }).data;
    expectSame("samples of the first container are there", oldest * 1000 < Date.parse(startTime), true);
  }
  await signalContainer(target, "HUP");
  await eventually(async () => expectSame("the reload", await value("prometheus_config_last_reload_successful"), 1));
});
