import { expect, test } from "vitest";
import { generatedServices } from "../../../test/support/quadlet.ts";
import type { AuditedContainer } from "../container.ts";
import { command } from "./command.ts";
import { quadlet } from "./quadlet.ts";
import { readWith, valuesOf } from "./testing.ts";

const UNITS: readonly string[] = [
  "ReadOnly=true\nTmpfs=/t:size=1m\nUser=5\nGroup=6",
  "ReadOnly=true\nReadOnlyTmpfs=false",
  "AddCapability=SYS_ADMIN CAP_NET_RAW\nDropCapability=all\nNoNewPrivileges=true",
  "SecurityLabelDisable=true\nSeccompProfile=/x.json",
  "SecurityLabelType=spc_t\nUnmask=ALL",
  "Volume=/a:/b:ro\nVolume=data:/c\nMount=type=bind,src=/d,dst=/e",
  "Network=host\nUserNS=host\nPidsLimit=9\nUlimit=nproc=5:5\nSysctl=net.core.somaxconn=1",
  "PublishPort=8080:80\nHealthCmd=true\nLogDriver=none\nWorkingDir=/w",
  'Environment=A=1 "B=x y"\nExec=serve "a b" c',
  "PodmanArgs=--privileged --memory 64m --cpus=2",
  "AddCapability=KILL\nAddCapability=\nReadOnly=true\nReadOnly=false",
];

test("a unit is read as the command line that Podman's own generator makes of it", () => {
  const files = UNITS.map((unit, index) => ({
    name: `u${index}.container`,
    text: `[Container]\nImage=docker.io/library/nginx:1\n${unit}\n`,
  }));
  const services = generatedServices(files);
  for (const [index, { name, text }] of files.entries()) {
    const [own] = readWith(quadlet, { [name]: text }).containers;
    const [generated] = readWith(command, { "x.service": services.get(`u${index}.service`) ?? "" }).containers;
    expect({ text, ...comparable(own) }).toEqual({ text, ...comparable(generated) });
  }
});

/** Lists as sets: the generator sorts them. */
function comparable(container: AuditedContainer | undefined): Readonly<Record<string, unknown>> {
  const values = container === undefined ? {} : valuesOf(container);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) && name !== "command" ? value.map((item) => JSON.stringify(item)).toSorted() : value,
    ]),
  );
}
