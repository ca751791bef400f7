import { PostgresClient } from "../../../support/clients/postgres-client.ts";
import { eventually, expectSame, main } from "../../../support/clients/target.ts";

const ROWS = 1000;
const COUNT = "SELECT count(*) FROM visits WHERE who = 'first'";
// 200,000 rows do not fit into 64 kB: the sort goes through temporary files.
const SORT_ON_DISK = `
  SET work_mem = '64kB';
  SELECT count(*) FROM (SELECT md5(n::text) AS hash FROM generate_series(1, 200000) n ORDER BY hash OFFSET 0) sorted`;

await main(async (target) => {
  const database = await eventually(() => PostgresClient.connect(target, "postgres"));
  try {
    if (target.phase === "first") {
      await database.query("CREATE TABLE visits (id serial PRIMARY KEY, who text NOT NULL)");
      await database.query(`INSERT INTO visits (who) SELECT 'first' FROM generate_series(1, ${ROWS})`);
    }
    expectSame("rows of the first container", await database.query(COUNT), String(ROWS));
    await database.query(`INSERT INTO visits (who) VALUES ('${target.phase} again')`);
    expectSame("rows sorted on disk", await database.query(SORT_ON_DISK), "200000");
    await database.query("ANALYZE visits");
    await database.query("CHECKPOINT");
  } finally {
    database.close();
  }
});
