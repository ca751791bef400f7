import { expect, test } from "vitest";
import { thrownBy } from "../../../test/support/splice.ts";
import { strategy, tmpfs, volume } from "../../../test/support/strategy-samples.ts";
import { spliceCompose } from "../compose-splice.ts";

const DATA = strategy([tmpfs("/run"), volume("/data")]);
const web = (more: string) => `services:\n  base: {image: other, scale: 2}\n  web: {image: app, ${more}}\n`;

test.each(["scale: 2", "deploy: {replicas: 3}", "scale: '2'", "scale: '${N:-1}'", "extends: base"])(
  "several containers would write one volume: %s",
  (more) => {
    const { code, message } = thrownBy(() => spliceCompose(web(more), DATA));
    expect([code, message]).toEqual([
      "E_EXPORT_UNSUPPORTED",
      "The service 'web' can have several containers, which would all write one volume at /data.",
    ]);
    expect(spliceCompose(web(more), strategy([tmpfs("/run")])).text).toContain("read_only: true");
    expect(spliceCompose(web(`${more}, volumes: ["d:/data"]`), DATA).text).toContain("read_only: true");
  },
);

test.each(["scale: 1", "scale: 0", "deploy: {replicas: 1}", "deploy: {replicas: null}", "extends: base, scale: 1"])(
  "one container: %s",
  (more) => {
    expect(spliceCompose(web(more), DATA).text).toContain("app_data:/data");
  },
);
