import type { ImageRecipe } from "../../../demo/images/recipe.ts";

/**
 * What goes wrong under a wrong strategy, once each: data that is read back, content that was shipped, a log, a pid file that is
 * renamed into place, a large temporary file, a program that is made and run, a hard link from one directory to another (mv would copy instead), a socket's directory
 * with a narrow mode, and a path behind a symlink. A failure of one is not the end: the workload goes on, as daemons do.
 */
const APPLICATION = `#!/bin/sh
trap 'exit 0' TERM
cat /srv/app/state; echo started >> /srv/app/state
cat /etc/app/conf && echo changed > /etc/app/conf.new && mv /etc/app/conf.new /etc/app/conf
echo line >> /var/log/app/log
echo $$ > /run/app/new; mv /run/app/new /run/app/pid
dd if=/dev/zero of=/tmp/big bs=1M count=24; rm /tmp/big
printf '#!/bin/sh\\nexit 0\\n' > /var/cache/app/tool && chmod 755 /var/cache/app/tool && /var/cache/app/tool
rm -f /srv/spool/*/job; echo x > /srv/spool/in/job; ln /srv/spool/in/job /srv/spool/done/job
echo l > /link/through
echo ready > /run/app/ready
while :; do sleep 1000 & wait; done
`;

const USER = 1234;
const own = { mode: 0o750, uid: USER, gid: USER, directory: true } as const;

/** The same application, as root on directories of root, and as a user on directories of its own. */
export const MUTANTS: readonly { readonly recipe: ImageRecipe; readonly user?: string }[] = [
  { recipe: recipe("mutant-root", { directory: true, mode: 0o755 }) },
  { recipe: recipe("mutant-user", own, `${USER}:${USER}`), user: `${USER}:${USER}` },
];

/** Succeeds when all that the application does has been done. */
export const MUTANT_TEST = "test -s /run/app/ready -a -s /etc/app/conf -a -s /srv/spool/done/job";

function recipe(
  name: string,
  directory: { readonly directory: true; readonly mode: number; readonly uid?: number; readonly gid?: number },
  user?: string,
): ImageRecipe {
  const directories = [
    "/srv/app",
    "/srv/spool",
    "/srv/spool/in",
    "/srv/spool/done",
    "/etc/app",
    "/var/log/app",
    "/run/app",
    "/var/cache/app",
    "/srv/target",
  ];
  return {
    name,
    base: "busybox",
    packages: [],
    files: {
      ...Object.fromEntries(directories.map((path) => [path, directory])),
      "/tmp": { directory: true, mode: 0o1777 },
      "/etc/app/conf": { text: "shipped\n", mode: 0o666 },
      "/link": { linkTo: "/srv/target" },
      "/bin/application": { text: APPLICATION, mode: 0o755 },
    },
    run: () => ({ command: ["/bin/application"], ...(user === undefined ? {} : { user }) }),
    deviations: [],
  };
}
