import { MysqlClient } from "../../../support/clients/mysql-client.ts";
import { eventually, expectSame, main } from "../../../support/clients/target.ts";

const ROWS = 1000;
// Larger than the smallest tmp_memory_table_size: the temporary table goes to disk.
const SORT_ON_DISK =
  "SELECT COUNT(*) FROM (SELECT DISTINCT CONCAT(REPEAT('x', 200), seq) AS text FROM seq_1_to_20000 ORDER BY text DESC LIMIT 20000) sorted";

await main(async (target) => {
  const database = await eventually(() => MysqlClient.connect(target, "shop", "shop"));
  try {
    if (target.phase === "first") {
      await database.query("CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, who TEXT) ENGINE=InnoDB");
      await database.query(`INSERT INTO orders (who) SELECT 'first' FROM seq_1_to_${ROWS}`);
    }
    const count = "SELECT COUNT(*) FROM orders WHERE who = 'first'";
    expectSame("rows of the first container", await database.query(count), String(ROWS));
    await database.query(`INSERT INTO orders (who) VALUES ('${target.phase} again')`);
    await database.query("SET tmp_memory_table_size = 1024, max_heap_table_size = 16384");
    expectSame("rows sorted on disk", await database.query(SORT_ON_DISK), "20000");
    await database.query("ALTER TABLE orders ADD INDEX (who(10)), ALGORITHM=COPY");
    await database.query("ALTER TABLE orders DROP INDEX who");
    await database.query("FLUSH LOGS");
  } finally {
    database.close();
  }
});
