import { PlacedText } from "../../../export/placed-text.ts";
import type { AuditImage, BuildStep } from "../../container.ts";
import { shellCommands } from "../words/shell-words.ts";
import { execForm } from "./words.ts";

const PACKAGE_MANAGERS = new Set("apt apt-get apk dnf yum microdnf zypper pacman tdnf".split(" "));
/** A mode with the setuid or setgid bit; directories have theirs for another reason, and mostly by `g+s`. */
const SETUID_MODE = /^(?:0?[46]\d{3}|[ugoa,=+rwx]*u[+=][rwxt]*s[rwxt]*(?:,.*)?|\+s)$/;
const TAKEN_AWAY = /chmod\s+(?:-\w+\s+)*(?:a|u|ug)?-s/;

/** What the text alone tells of the image: what its own instructions use is in it, and what they make. */
export function factsOf(steps: readonly BuildStep[], volumes: readonly string[]): AuditImage {
  const tools = new Set<string>();
  let setuid: string[] = [];
  for (const { name, text } of steps) {
    if (name !== "RUN") continue;
    const words = execForm(text);
    if (words === undefined) tools.add("/bin/sh");
    for (const command of shellCommands(new PlacedText(words?.join(" ") ?? text, 0))) {
      const [program = "", mode = "", ...paths] = command
        .map(({ placed }) => placed.text)
        .filter((word, index) => index === 0 || !/^-\w|^--/.test(word));
      if (PACKAGE_MANAGERS.has(program)) tools.add(program);
      if (program === "chmod" && SETUID_MODE.test(mode)) setuid.push(...paths.filter((path) => path.startsWith("/")));
    }
    if (TAKEN_AWAY.test(text)) setuid = [];
  }
  return {
    repoDigests: [],
    ...(volumes.length > 0 ? { volumes: [...new Set(volumes)] } : {}),
    ...(setuid.length > 0 ? { setuid } : {}),
    ...(tools.size > 0 ? { tools: [...tools] } : {}),
  };
}
