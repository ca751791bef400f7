import type { Rule } from "../rule.ts";

export const imageTools: Rule = {
  id: "image-tools",
  title: "The image has more than the application",
  severity: "low",
  why:
    "A shell and a package manager are what an attacker looks for first, and what most findings of image scanners are about. The " +
    "application needs neither once the image is built.",
  fix: "Build in one stage, and copy what runs into a second one (FROM scratch, or a base image without them).",
  topic: "image",
  maps: { nist800190: ["4.1.2"] },
  needs: [],
  // Elsewhere it is the image's own matter, and would be said of each container.
  inputs: ["image", "dockerfile"],
  check: ({ image }) => {
    const tools = image?.tools ?? [];
    return tools.length === 0 ? [] : [{ message: `The image has ${tools.join(", ")}.` }];
  },
  fires: [
    {
      what: "a package manager",
      input: "image",
      settings: {},
      image: { repoDigests: [], tools: ["/usr/bin/apt-get"] },
    },
  ],
  silent: [
    { what: "none", input: "image", settings: {}, image: { repoDigests: [], tools: [] } },
    { what: "a container of it", settings: {}, image: { repoDigests: [], tools: ["/bin/sh"] } },
  ],
};
