import type { ImageRecipe } from "./recipe.ts";

// `nginx` buffers a request body in a file only for what it hands on, and the site that Debian ships hands nothing on.
// `$pid` tells the test whether a reload really started new workers: a reload that cannot write keeps the old ones and goes on answering.
const UPLOAD_SITE = `
server {
  listen 80;
  server_name upload;
  client_max_body_size 8m;
  location / { proxy_pass http://127.0.0.1; proxy_set_header Host sink; }
}
server {
  listen 80;
  server_name sink;
  client_max_body_size 8m;
  location / { return 204; }
  location = /worker { return 200 $pid; }
}
`;

// The shipped pg_hba.conf admits nobody but the container's own loopback. Nothing outside the throw-away network reaches this one.
const HOST_BASED_AUTHENTICATION = `
local all all peer
host all all samenet trust
`;

export const NGINX: ImageRecipe = {
  name: "nginx",
  base: "debian",
  packages: ["nginx"],
  files: { "/etc/nginx/conf.d/upload.conf": { text: UPLOAD_SITE, mode: 0o644 } },
  // ExecStop of nginx.service sends QUIT.
  run: () => ({ command: ["nginx", "-g", "daemon off;"], exposedPorts: ["80/tcp"], stopSignal: "SIGQUIT" }),
  deviations: [
    "daemon off: the container's first process is the server",
    "conf.d/upload.conf: a site that passes uploads on, because the shipped one serves files only",
  ],
};

export const REDIS: ImageRecipe = {
  name: "redis",
  base: "debian",
  packages: ["redis-server"],
  // RuntimeDirectory=redis, RuntimeDirectoryMode=2755 of redis-server.service.
  setup: "install -d -o redis -g redis -m 2755 /run/redis",
  run: () => ({
    command: [
      "redis-server",
      "/etc/redis/redis.conf",
      "--daemonize",
      "no",
      "--bind",
      "0.0.0.0",
      "--protected-mode",
      "no",
    ],
    user: "redis",
    exposedPorts: ["6379/tcp"],
  }),
  deviations: [
    "--daemonize no: the container's first process is the server",
    "--bind 0.0.0.0 and --protected-mode no: clients come over the container's network, and no password is set",
    "/run/redis: made at build time, as the service unit's RuntimeDirectory would",
  ],
};

export const POSTGRESQL: ImageRecipe = {
  name: "postgresql",
  base: "debian",
  packages: ["postgresql"],
  files: { "/etc/petrify-demo/pg_hba.conf": { text: HOST_BASED_AUTHENTICATION, mode: 0o644 } },
  // tmpfiles.d/postgresql.conf of postgresql-common.
  setup: "install -d -o postgres -g postgres -m 2775 /run/postgresql",
  run: (version) => {
    // The metapackage's version starts with the server's major version: `15+248`, `17+278`.
    const major = version.split("+")[0];
    return {
      command: [
        `/usr/lib/postgresql/${major}/bin/postgres`,
        "-D",
        `/var/lib/postgresql/${major}/main`,
        "-c",
        `config_file=/etc/postgresql/${major}/main/postgresql.conf`,
        "-c",
        "hba_file=/etc/petrify-demo/pg_hba.conf",
        "-c",
        "listen_addresses=*",
      ],
      user: "postgres",
      env: [`PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/${major}/bin`],
      exposedPorts: ["5432/tcp"],
      // Fast shutdown: SIGTERM would wait for clients to leave (postgres(1)).
      stopSignal: "SIGINT",
    };
  },
  deviations: [
    "listen_addresses=*: clients come over the container's network",
    "hba_file: the shipped one admits only the container's own loopback",
    "/run/postgresql: made at build time, as systemd-tmpfiles would",
  ],
};

export const MOSQUITTO: ImageRecipe = {
  name: "mosquitto",
  base: "debian",
  packages: ["mosquitto"],
  files: { "/etc/mosquitto/conf.d/open.conf": { text: "listener 1883\nallow_anonymous true\n", mode: 0o644 } },
  // ExecStartPre of mosquitto.service.
  setup: "install -d -o mosquitto -g mosquitto -m 740 /run/mosquitto /var/log/mosquitto",
  run: () => ({ command: ["mosquitto", "-c", "/etc/mosquitto/mosquitto.conf"], exposedPorts: ["1883/tcp"] }),
  deviations: [
    "conf.d/open.conf: clients come over the container's network and have no password",
    "/run/mosquitto: made at build time, as the service unit's ExecStartPre would",
  ],
};

/** A bare Debian with a shell, for trials by hand. */
export const DEBIAN: ImageRecipe = {
  name: "debian",
  base: "debian",
  packages: [],
  run: () => ({ command: ["/bin/sh"] }),
  deviations: [],
};

/** A static busybox, for trials by hand that need nothing else. */
export const BUSYBOX: ImageRecipe = {
  name: "busybox",
  base: "busybox",
  packages: [],
  run: () => ({ command: ["/bin/sh"] }),
  deviations: [],
};

export const ALL_RECIPES: readonly ImageRecipe[] = [NGINX, REDIS, POSTGRESQL, MOSQUITTO, DEBIAN, BUSYBOX];
