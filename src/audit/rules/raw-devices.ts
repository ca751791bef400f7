import { isRawDevice } from "../host-paths.ts";
import type { Rule } from "../rule.ts";

export const rawDevices: Rule = {
  id: "raw-devices",
  title: "The container has the host's disks or memory",
  severity: "high",
  why:
    "Below the file systems there are no permissions: who has the disk reads and changes every file on it. Neither a read-only " +
    "root nor a user other than root helps.",
  fix: "Remove the device, and mount the directory that is needed.",
  topic: "isolation",
  maps: { cisDocker: ["5.18"], nist800190: ["4.4.3"], nist80053: ["CM-7"], stig: ["V-235809"] },
  needs: ["devices"],
  check: ({ settings: { devices, deviceRules } }) => [
    ...(devices?.value ?? [])
      .filter(isRawDevice)
      .map((device) => ({ message: `The container has ${device} of the host.`, at: devices?.at, key: device })),
    // With MKNOD, which is among the default capabilities, it makes the device itself.
    ...(deviceRules?.value ?? [])
      .filter((rule) => /^[ab]\b/.test(rule))
      .map((rule) => ({
        message: `The container may use block devices of the host (${rule}).`,
        at: deviceRules?.at,
        key: rule,
      })),
  ],
  fires: [
    { what: "a disk", settings: { devices: { value: ["/dev/sda"] } } },
    { what: "a partition", settings: { devices: { value: ["/dev/nvme0n1p2"] } } },
    { what: "the memory", settings: { devices: { value: ["/dev/mem"] } } },
    { what: "a rule for block devices", settings: { deviceRules: { value: ["b 8:* rwm"] } } },
    { what: "all devices", settings: { devices: { value: ["/dev"] } } },
  ],
  silent: [
    { what: "a graphics card", settings: { devices: { value: ["/dev/dri/renderD128"] } } },
    { what: "a rule for character devices", settings: { deviceRules: { value: ["c 189:* rwm"] } } },
    { what: "a serial port", settings: { devices: { value: ["/dev/ttyUSB0"] } } },
    { what: "none", settings: {} },
  ],
};
