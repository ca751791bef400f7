import sqlite3

DATABASE = "/srv/app/data/visits.db"


def application(environ, start_response):
    with sqlite3.connect(DATABASE, timeout=10) as database:
        database.execute("CREATE TABLE IF NOT EXISTS visits (who TEXT)")
        if environ["REQUEST_METHOD"] == "POST":
            size = int(environ.get("CONTENT_LENGTH") or 0)
            database.execute("INSERT INTO visits VALUES (?)", (environ["wsgi.input"].read(size).decode(),))
        count = database.execute("SELECT count(*) FROM visits WHERE who = 'first'").fetchone()[0]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(count).encode()]
