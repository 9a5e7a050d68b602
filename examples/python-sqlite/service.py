"""Redeems points for treats. The standard library alone; everything is in one SQLite file.

The right edition does key, debit and answer in one transaction that begins with the lock (BEGIN IMMEDIATE): of two requests with one
key the second one finds the first one's answer. The wrong edition reads first, in a transaction of its own, and writes later.
"""

import json
import os
import sqlite3
import time
import uuid
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PRICES = {"cake": 250, "tea": 80}
RIGHT = os.environ.get("EDITION", "right") != "wrong"
FILE = os.environ["DATABASE"]

SCHEMA = """
create table if not exists members (id text primary key, points integer not null check (points >= 0));
create table if not exists redeemed (
  id text primary key, member text not null, treat text not null, points integer not null, key text not null, at integer not null);
create table if not exists keys (
  member text not null, key text not null, asked text not null, status integer not null, answer text not null,
  primary key (member, key));
"""


class Refused(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def connect():
    # Transactions are begun by hand; whoever finds the file locked waits.
    connection = sqlite3.connect(FILE, timeout=5, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def redeem(member, treat, keys):
    if not keys:
        raise Refused(400, "no_key")
    key = keys[0]
    if len(keys) > 1 or not 1 <= len(key) <= 200 or any(not "!" <= letter <= "~" for letter in key):
        raise Refused(400, "bad_key")
    if treat not in PRICES:
        raise Refused(404, "no_such_treat")
    with closing(connect()) as database:
        if not RIGHT:
            known = answered(database, member, treat, key)
            if known:
                return known
            time.sleep(0.05)  # It asks somebody else something; the other request does, too.
        database.execute("begin immediate")
        try:
            known = answered(database, member, treat, key) if RIGHT else None
            result = known or carried_out(database, member, treat, key)
            database.execute("commit")
            return result
        except BaseException:
            database.execute("rollback")
            raise


def answered(database, member, treat, key):
    row = database.execute("select * from keys where member = ? and key = ?", (member, key)).fetchone()
    if row is None:
        return None
    if row["asked"] != treat:
        raise Refused(422, "key_used")
    return row["status"], row["answer"], True


def carried_out(database, member, treat, key):
    price = PRICES[treat]
    row = database.execute("select points from members where id = ?", (member,)).fetchone()
    if row is None:
        raise Refused(404, "who")
    if row["points"] < price:
        raise Refused(402, "too_few_points")
    name = str(uuid.uuid4())
    database.execute("update members set points = points - ? where id = ?", (price, member))
    at = time.time_ns() // 1_000_000
    database.execute("insert into redeemed values (?, ?, ?, ?, ?, ?)", (name, member, treat, price, key, at))
    answer = json.dumps({"id": name, "treat": treat, "left": row["points"] - price})
    database.execute("insert or replace into keys values (?, ?, ?, ?, ?)", (member, key, treat, 201, answer))
    return 201, answer, False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        try:
            text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get_content_type() != "application/json":
                raise Refused(415, "no_json")
            body = json.loads(text)
            _, what, member = self.path.split("/")
            if what != "redeem" or not isinstance(body, dict):
                raise Refused(404, "nowhere")
            status, answer, again = redeem(unquote(member), body.get("treat"), self.headers.get_all("Idempotency-Key"))
            self.say(status, answer, {"Idempotent-Replayed": "true"} if again else {})
        except Refused as refused:
            self.say(refused.status, json.dumps({"code": refused.code}))
        except ValueError:
            self.say(400, json.dumps({"code": "bad_body"}))
        except sqlite3.Error:
            self.say(503, json.dumps({"code": "store_down"}), {"Retry-After": "1"})

    def do_PUT(self):
        points = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))["points"]
        with closing(connect()) as database:
            member = unquote(self.path.removeprefix("/points/"))
            database.execute("insert or replace into members values (?, ?)", (member, points))
        self.say(200, "{}")

    def do_GET(self):
        what, _, member = self.path.strip("/").partition("/")
        member = unquote(member)
        with closing(connect()) as database:
            if what == "points":
                row = database.execute("select points from members where id = ?", (member,)).fetchone()
                self.say(*((200, json.dumps({"points": row["points"]})) if row else (404, '{"code":"who"}')))
            elif what == "redeemed":
                rows = database.execute("select * from redeemed where member = ? order by at", (member,)).fetchall()
                self.say(200, json.dumps([{"id": row["id"], "treat": row["treat"], "points": row["points"]} for row in rows]))
            else:
                self.say(200 if what == "ready" else 404, "{}")

    def say(self, status, answer, headers=None):
        body = answer.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


with closing(connect()) as made:
    made.execute("pragma journal_mode = wal")
    made.executescript(SCHEMA)
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
