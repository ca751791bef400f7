import type { ImageRecipe } from "../../demo/images/recipe.ts";
import { NGINX, REDIS } from "../../demo/images/recipes.ts";

// A shop as many are: nginx hands requests to PHP, which counts visits in redis, stores orders in MariaDB and its visitors in
// sessions. Every package as Debian ships it but for what lets the four find each other.

const SITE = `
server {
  listen 80 default_server;
  root /srv/shop;
  client_max_body_size 8m;
  location / {
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME /srv/shop/index.php;
    fastcgi_pass php:9000;
  }
}
`;

const POOL = "[www]\\nlisten = 9000\\nclear_env = no\\n";

const PAGE = `<?php
session_start();
$_SESSION['seen'] = ($_SESSION['seen'] ?? 0) + 1;
$redis = new Redis();
$redis->connect('redis', 6379);
$db = new PDO('mysql:host=db;dbname=shop', 'shop', getenv('DB_PASSWORD'), [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$db->exec('CREATE TABLE IF NOT EXISTS orders (id INT AUTO_INCREMENT PRIMARY KEY, body LONGTEXT)');
$body = file_get_contents('php://input');
if ($body !== '') $db->prepare('INSERT INTO orders (body) VALUES (?)')->execute([$body]);
header('Content-Type: application/json');
echo json_encode([
  'seen' => $_SESSION['seen'],
  'visits' => $redis->incr('visits'),
  'orders' => (int) $db->query('SELECT COUNT(*) FROM orders')->fetchColumn(),
]), "\\n";
`;

const INIT_SQL = `
CREATE DATABASE IF NOT EXISTS shop;
CREATE USER IF NOT EXISTS 'shop'@'%' IDENTIFIED BY 'for-the-example';
GRANT ALL ON shop.* TO 'shop'@'%';
`;

export const SHOP_NGINX: ImageRecipe = {
  ...NGINX,
  name: "shop-nginx",
  files: { "/etc/nginx/sites-available/default": { text: SITE, mode: 0o644 } },
  deviations: ["sites-available/default: a site that hands everything to PHP", ...NGINX.deviations.slice(0, 1)],
};

export const SHOP_PHP: ImageRecipe = {
  name: "shop-php",
  base: "debian",
  packages: ["php-fpm", "php-mysql", "php-redis"],
  // RuntimeDirectory=php of php8.2-fpm.service.
  setup: `install -d -o www-data -g www-data -m 755 /run/php; ln -s $(ls /usr/sbin/php-fpm*) /usr/local/sbin/php-fpm; printf '${POOL}' > $(echo /etc/php/*/fpm)/pool.d/zz-shop.conf`,
  files: { "/srv/shop/index.php": { text: PAGE, mode: 0o644 } },
  run: () => ({ command: ["php-fpm", "--nodaemonize"], exposedPorts: ["9000/tcp"], stopSignal: "SIGQUIT" }),
  deviations: [
    "listen = 9000: nginx comes over the network",
    "/run/php: made at build time, as the service unit would",
  ],
};

export const SHOP_MARIADB: ImageRecipe = {
  name: "shop-mariadb",
  base: "debian",
  packages: ["mariadb-server"],
  // RuntimeDirectory of mariadb.service.
  setup: "install -d -o mysql -g mysql -m 755 /run/mysqld",
  files: { "/etc/petrify-demo/init.sql": { text: INIT_SQL, mode: 0o644 } },
  run: () => ({
    command: ["mariadbd", "--bind-address=0.0.0.0", "--init-file=/etc/petrify-demo/init.sql"],
    user: "mysql",
    exposedPorts: ["3306/tcp"],
  }),
  deviations: [
    "--bind-address: PHP comes over the network",
    "--init-file: a database and a user for it",
    "/run/mysqld: made at build time",
  ],
};

export const SHOP_RECIPES: readonly ImageRecipe[] = [SHOP_NGINX, SHOP_PHP, SHOP_MARIADB, REDIS];
