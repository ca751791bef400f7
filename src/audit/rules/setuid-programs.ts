import type { Rule } from "../rule.ts";

/** So many are named; the others are counted. */
const SHOWN = 3;

export const setuidPrograms: Rule = {
  id: "setuid-programs",
  title: "The image has programs that make a user root",
  severity: "low",
  why:
    "A hole in a program with the setuid or setgid bit gives its rights to whoever is in the container, whatever user it runs as. " +
    "Services hardly ever need one.",
  fix: "Take the bits away in the image, or forbid new privileges where it runs.",
  topic: "image",
  maps: { cisDocker: ["4.8"], nist800190: ["4.1.2"] },
  needs: [],
  spelled: { dockerfile: "RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +" },
  check: ({ image, settings }) => {
    const programs = image?.setuid ?? [];
    if (programs.length === 0 || settings.noNewPrivileges?.value === true) return [];
    const more = programs.length > SHOWN ? ` and ${programs.length - SHOWN} more` : "";
    return [{ message: `The image has ${programs.slice(0, SHOWN).join(", ")}${more} with the setuid or setgid bit.` }];
  },
  fires: [
    { what: "su", input: "image", settings: {}, image: { repoDigests: [], setuid: ["/bin/su"] } },
    { what: "in a container that allows it", settings: {}, image: { repoDigests: [], setuid: ["/bin/su"] } },
  ],
  silent: [
    { what: "none", input: "image", settings: {}, image: { repoDigests: [], setuid: [] } },
    { what: "nobody looked", input: "image", settings: {}, image: { repoDigests: [] } },
    {
      what: "new privileges are forbidden",
      settings: { noNewPrivileges: { value: true } },
      image: { repoDigests: [], setuid: ["/bin/su"] },
    },
  ],
};
