#!/usr/bin/python3
"""OpenStack Swift with its S3 interface, whole and in one process, as a peer for tests: proxy, account
and container servers from Debian's packages, objects in memory.

    s3_peer.py FOLDER BUCKET [CERTIFICATE KEY]

Says "port N" when it serves. Key "centre:archive", secret "secret"; "centre:reader" may do nothing.
Each line it is given: "away" closes its port and all connections, "back" opens it again, "hang"
takes connections and never answers; it says the same word when it is done. It ends with its input.
"""
import base64
import hashlib
import hmac
import logging
import os
import sys
import warnings
from email.utils import formatdate

import eventlet

eventlet.monkey_patch()
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from eventlet import tpool, wsgi  # noqa: E402
from eventlet.green import socket, ssl  # noqa: E402
from swift.common import utils  # noqa: E402

utils.HASH_PATH_SUFFIX = b"of a test"
utils.validate_hash_conf = lambda: None
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402

folder, bucket = sys.argv[1:3]
secrets = sys.argv[3:5]
os.makedirs(folder, exist_ok=True)


def conf(name, text):
    path = os.path.join(folder, name + ".conf")
    with open(path, "w") as out:
        out.write(text)
    return path


def listen(port=0):
    sock = eventlet.listen(("127.0.0.1", port), backlog=128)
    return sock


def serve(sock, app):
    wsgi.server(sock, app, open(os.devnull, "w"), protocol=SwiftHttpProtocol, socket_timeout=60,
                capitalize_response_headers=False, debug=False)


with open(os.path.join(folder, "swift.conf"), "w") as out:
    out.write("[swift-hash]\nswift_hash_path_suffix = of a test\n")
parts = {"account": "account-server", "container": "container-server", "object": "object-server"}
listening = {}
for kind in parts:
    sock = listening[kind] = listen()
    os.makedirs(os.path.join(folder, "devices", "disk"), exist_ok=True)
    ring = RingBuilder(2, 1, 1)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1",
                  "port": sock.getsockname()[1], "device": "disk", "meta": ""})
    ring.rebalance()
    ring.get_ring().save(os.path.join(folder, kind + ".ring.gz"))
common = f"swift_dir = {folder}\ndevices = {folder}/devices\nmount_check = false\nlog_level = CRITICAL\n"
for kind, name in parts.items():
    use = "egg:swift#mem_object" if kind == "object" else "egg:swift#" + kind
    path = conf(name, f"[DEFAULT]\n{common}container_update_timeout = 60\n[pipeline:main]\n"
                      f"pipeline = {name}\n[app:{name}]\nuse = {use}\n"
                      "node_timeout = 60\nconn_timeout = 60\ncontainer_update_timeout = 60\n")
    eventlet.spawn(serve, listening[kind], loadapp(path))


class Memory:
    """What memcached would be to it."""

    def __init__(self):
        self.kept = {}

    def get(self, key, *_, **__):
        return self.kept.get(key)

    def set(self, key, value, *_, **__):
        self.kept[key] = value

    def delete(self, key, *_, **__):
        self.kept.pop(key, None)

    def incr(self, key, delta=1, *_, **__):
        self.kept[key] = int(self.kept.get(key, 0)) + delta
        return self.kept[key]


memory = Memory()
swift = loadapp(conf("proxy-server", f"""[DEFAULT]
{common}
[pipeline:main]
pipeline = catch_errors s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
node_timeout = 60
conn_timeout = 60
recoverable_node_timeout = 60
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
location = vn-north-1
s3_acl = false
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_centre_archive = secret .admin
user_centre_reader = secret
"""))


def proxy(env, start_response):
    env["swift.cache"] = memory
    return swift(env, start_response)




inner = listen()
plain = inner.getsockname()[1]
if secrets:
    inner = eventlet.wrap_ssl(inner, certfile=secrets[0], keyfile=secrets[1], server_side=True)
eventlet.spawn(serve, inner, proxy)


class Door:
    """The port that is told; what is behind it stays when it is shut."""

    def __init__(self):
        self.port = 0
        self.hangs = False
        self.connections = []
        self.open()

    def open(self):
        self.sock = listen(self.port)
        self.port = self.sock.getsockname()[1]
        self.thread = eventlet.spawn(self.accept, self.sock)

    def accept(self, sock):
        while True:
            outside, _ = sock.accept()
            self.connections.append(outside)
            if self.hangs:
                continue
            inside = socket.create_connection(("127.0.0.1", plain))
            self.connections.append(inside)
            eventlet.spawn(self.pump, outside, inside)
            eventlet.spawn(self.pump, inside, outside)

    def pump(self, source, to):
        try:
            while data := source.recv(1 << 16):
                to.sendall(data)
        except (OSError, EOFError):
            pass
        for one in (source, to):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        for one in self.connections:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connections = []  # closed by whoever reads them still, or with the last of us

    def shut(self):
        if self.sock:
            self.thread.kill()
            self.sock.close()
        self.sock = None
        self.cut()


def make_bucket():
    date = formatdate(usegmt=True)
    words = f"PUT\n\n\n{date}\n/{bucket}"
    mac = hmac.new(b"secret", words.encode(), hashlib.sha1).digest()
    sign = base64.b64encode(mac).decode()
    sock = socket.create_connection(("127.0.0.1", plain))
    if secrets:
        sock = ssl.wrap_socket(sock)
    sock.sendall(f"PUT /{bucket} HTTP/1.1\r\nHost: localhost:{plain}\r\nDate: {date}\r\n"
                 f"Authorization: AWS centre:archive:{sign}\r\nContent-Length: 0\r\n"
                 "Connection: close\r\n\r\n".encode())
    answer = sock.recv(4096)
    if b" 200 " not in answer.split(b"\r\n")[0]:
        sys.exit(f"no bucket: {answer[:500]}")


def say(word):
    print(word, flush=True)


make_bucket()
sys.stderr = open(os.devnull, "w")
door = Door()
say(f"port {door.port}")
while line := tpool.execute(sys.stdin.readline):
    word = line.strip()
    if word == "away":
        door.shut()
    elif word == "back":
        door.shut()
        door.hangs = False
        door.open()
    elif word == "hang":
        door.shut()
        door.hangs = True
        door.open()
    say(word)
