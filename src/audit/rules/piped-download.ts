import type { BuildStep } from "../container.ts";
import type { Rule } from "../rule.ts";
import { exampleSteps } from "./examples.ts";

const PROGRAM = String.raw`(?:sudo\s+)?(?:env\s+)?(?:\w+=\S+\s+)*(?:/\S*/)?(?:(?:ba|da|z|k|a)?sh|python[\d.]*|perl|node|ruby|php|pwsh)\b`;
/** A download that goes straight into an interpreter. */
const PIPED = new RegExp(
  String.raw`\b(?:curl|wget|fetch)\b[^|;&\n]*\|\s*${PROGRAM}|${PROGRAM}[^|;&\n]*(?:<\(|\$\(|\x60)\s*(?:curl|wget)\b`,
);

export const pipedDownload: Rule = {
  id: "piped-download",
  title: "What is downloaded is run unseen",
  severity: "medium",
  why:
    "Whoever controls the server, or the name that leads to it, puts what they want into the image, and each build may get something " +
    "else. A download that breaks off runs by half.",
  fix: "Download a named version, check its digest (ADD --checksum=sha256:..., sha256sum -c), and run it then.",
  topic: "image",
  maps: { cisDocker: ["4.11"], nist800190: ["4.1.5"] },
  needs: [],
  inputs: ["dockerfile"],
  windows: true,
  check: ({ build = [] }) =>
    build
      .filter(isPiped)
      .map(({ text, at }) => ({ message: `${firstWords(text)} runs what it downloads.`, at, key: firstWords(text) })),
  fires: [
    {
      what: "into a shell",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("RUN curl -fsSL https://example.com/i | sh"),
    },
    {
      what: "as an argument",
      input: "dockerfile",
      settings: {},
      build: exampleSteps('RUN bash -c "$(wget -qO- https://example.com/i)"'),
    },
  ],
  silent: [
    {
      what: "into a file",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("RUN curl -o x https://example.com/x && sha256sum -c x.sum"),
    },
    {
      what: "into an archiver",
      input: "dockerfile",
      settings: {},
      build: exampleSteps("RUN curl https://example.com/x.tgz | tar xz"),
    },
  ],
};

function isPiped({ name, text }: BuildStep): boolean {
  return name === "RUN" && PIPED.test(text);
}

/** Tells steps apart, and says which one is meant. */
function firstWords(text: string): string {
  const [found = ""] = /(?:curl|wget|fetch)\b[^|;&\n]*/.exec(text) ?? [];
  return `'${found.replaceAll(/\s+/g, " ").trim().slice(0, 60)}'`;
}
