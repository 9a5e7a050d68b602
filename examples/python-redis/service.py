"""A points service in Python's standard library, with Redis spoken over a plain socket.

Environment: EDITION (right or wrong), PORT, REDIS (host:port). The right edition does everything in one script; the wrong
one looks the key up first, as it is written every day.
"""

import json
import os
import socket
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COST = {"mug": 300, "pen": 100}

REDEEM = """
local known = redis.call('GET', KEYS[2])
if known then return known end
local points = tonumber(redis.call('GET', KEYS[1]) or '-1')
if points < 0 then return 'unknown' end
if points < tonumber(ARGV[1]) then return 'poor' end
redis.call('DECRBY', KEYS[1], ARGV[1])
redis.call('RPUSH', KEYS[3], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return ARGV[3]
"""


class Redis:
    """One connection a request: nothing is shared, and what breaks breaks one request."""

    def __enter__(self):
        host, port = os.environ["REDIS"].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=2)
        self.file = self.socket.makefile("rb")
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def call(self, *parts):
        words = [str(part).encode() for part in parts]
        message = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)
        self.socket.sendall(message)
        return self.reply()

    def reply(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("redis hung up")
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"-":
            raise RuntimeError(rest)
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == "-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        return rest


def names(member, key):
    return f"points:{member}", f"answer:{member}:{key}", f"ledger:{member}"


def redeem_right(redis, member, key, cost, entry, answer):
    return redis.call("EVAL", REDEEM, 3, *names(member, key), cost, entry, answer)


def redeem_wrong(redis, member, key, cost, entry, answer):
    points_name, answer_name, ledger_name = names(member, key)
    known = redis.call("GET", answer_name)
    if known:
        return known
    points = redis.call("GET", points_name)
    if points is None:
        return "unknown"
    if int(points) < cost:
        return "poor"
    redis.call("DECRBY", points_name, cost)
    redis.call("RPUSH", ledger_name, entry)
    redis.call("SET", answer_name, answer)
    return answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/ready":
            return self.send(200, {})
        member = self.path.rsplit("/", 1)[-1]
        try:
            with Redis() as redis:
                points = redis.call("GET", f"points:{member}")
        except OSError:
            return self.send(503, {"code": "STORE_DOWN"})
        return self.send(404, {"code": "WHO"}) if points is None else self.send(200, {"points": int(points)})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        key = self.headers.get("Idempotency-Key")
        if not key:
            return self.send(400, {"code": "NO_KEY"})
        member, gift = body["member"], body["gift"]
        if gift not in COST:
            return self.send(404, {"code": "NO_SUCH_GIFT"})
        order = str(uuid.uuid4())
        entry = {"redemption": order, "points": COST[gift], "key": key, "at": int(time.time() * 1000)}
        answer = {"order": order, "gift": gift}
        redeem = redeem_wrong if os.environ["EDITION"] == "wrong" else redeem_right
        try:
            with Redis() as redis:
                said = redeem(redis, member, key, COST[gift], json.dumps(entry), json.dumps(answer))
        except OSError:
            return self.send(503, {"code": "STORE_DOWN"})
        if said == "unknown":
            return self.send(404, {"code": "WHO"})
        if said == "poor":
            return self.send(402, {"code": "TOO_FEW_POINTS"})
        if json.loads(said)["gift"] != gift:
            return self.send(422, {"code": "KEY_USED"})
        return self.send(200, json.loads(said))

    def send(self, status, body):
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
