import { resolve4 } from "../../../support/clients/dns.ts";
import { eventually, expectSame, main, portOf, signalContainer } from "../../../support/clients/target.ts";

await main(async (target) => {
  const server = { host: target.host, port: portOf("53_UDP") };
  const ask = () => resolve4(server, "petrify.test");
  expectSame("the address", await eventually(ask), "192.0.2.7");
  await signalContainer(target, "HUP");
  expectSame("the address after the reload", await eventually(ask), "192.0.2.7");
});
