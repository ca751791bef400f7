import { isRawDevice } from "../host-paths.ts";
import type { Rule } from "../rule.ts";

export const hostDevices: Rule = {
  id: "host-devices",
  title: "The container has devices of the host",
  severity: "low",
  why:
    "A device is handled by a driver of the host's kernel, and is shared with whoever else uses it. Each one is a way past the " +
    "container's walls that should be there for a reason.",
  fix: "Keep only the devices that it needs, with only the permissions that it needs (r, w, m).",
  topic: "isolation",
  maps: { cisDocker: ["5.18"], nist80053: ["CM-7"], stig: ["V-235809"] },
  needs: ["devices"],
  check: ({ settings: { devices } }) => {
    const others = (devices?.value ?? []).filter((device) => !isRawDevice(device));
    return others.length === 0
      ? []
      : [{ message: `The container has ${others.join(", ")} of the host.`, at: devices?.at }];
  },
  fires: [{ what: "a serial port", settings: { devices: { value: ["/dev/ttyUSB0"] } } }],
  silent: [
    { what: "none", settings: { devices: { value: [] } } },
    { what: "a disk, which is told by another rule", settings: { devices: { value: ["/dev/sda"] } } },
  ],
};
