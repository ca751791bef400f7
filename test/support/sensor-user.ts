import { openSensor } from "../../src/sensor/open-sensor.ts";

// A process of its own that holds a sensor: what a test kills. Prints `open` when it has it, and closes it when its input ends.
const sensor = await openSensor({ onEvents: () => undefined });
await sensor.arm({ id: "petrify-test" });
process.stdout.write("open\n");
process.stdin.on("end", () => void sensor[Symbol.asyncDispose]().then(() => process.stdout.write("closed\n"))).resume();
