# SPDX-License-Identifier: MIT
"""A hub on loopback: nginx for what a good server does (ranges, redirects, TLS), a scripted one for
what others do."""

import contextlib
import http.server
import json
import os
import shutil
import socket
import socketserver
import subprocess
import threading
import time


def free_ports(count):
    """Different ones: each is held until all are found."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


class Nginx:
    """HUB (http and https) sends weights on to CDN, another port. Both serve `root`; `requests()`
    tells what came."""

    def __init__(self, work, root, sha256_of, slow="3m"):
        self.work, self.root, self.slow = work, root, slow
        self.hub, self.cdn, self.tls, self.downgrade = free_ports(4)
        self.log = os.path.join(work, "access.log")
        self.ca = os.path.join(work, "cert.pem")
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                f"{work}/key.pem",
                "-out",
                self.ca,
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
            ],
            check=True,
            capture_output=True,
        )
        links = "".join(
            f"""
    location = /{name} {{
      add_header X-Linked-Etag '"{value}"' always;
      return 302 http://127.0.0.1:{self.cdn}$uri;
    }}"""
            for name, value in sha256_of.items()
        )
        with open(f"{work}/nginx.conf", "w") as f:
            # Workers of another user could not read below a private folder.
            f.write("user root;" if os.geteuid() == 0 else "")
            f.write(f"""
daemon off; pid {work}/nginx.pid; error_log {work}/error.log;
events {{ worker_connections 64; }}
http {{
  log_format tell '$server_port $status $body_bytes_sent "$http_range" "$http_authorization" $uri';
  access_log {self.log} tell;
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3;
  uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  sendfile on; default_type application/octet-stream; types {{ application/json json; }}
  server {{ listen 127.0.0.1:{self.hub}; root {root}; {links}
  }}
  server {{ listen 127.0.0.1:{self.cdn}; root {root};
    location /slow/ {{ limit_rate {self.slow}; }} }}
  server {{ listen 127.0.0.1:{self.tls} ssl; ssl_certificate {self.ca};
    ssl_certificate_key {work}/key.pem; root {root}; }}
  server {{ listen 127.0.0.1:{self.downgrade} ssl; ssl_certificate {self.ca};
    ssl_certificate_key {work}/key.pem;
    location / {{ return 302 http://127.0.0.1:{self.cdn}$uri; }} }}
}}
""")
        binary = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen(
            [binary, "-p", work, "-c", f"{work}/nginx.conf"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.tls), 1).close()
                break
            except OSError:
                time.sleep(0.05)

    def forget(self):
        open(self.log, "w").close()
        # nginx appends: a truncated log goes on at its beginning

    def requests(self):
        """(port, status, bytes, range, authorization, path)"""
        time.sleep(0.2)
        rows = []
        for line in open(self.log, errors="replace"):
            line = line.replace("\0", "")
            if not line.strip():
                continue
            port, status, size, rest = line.split(" ", 3)
            _, ranged, _, authorization, path = rest.split('"', 4)
            rows.append((int(port), int(status), int(size), ranged, authorization, path.strip()))
        return rows

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Faults:
    """A server whose answer to each path is a list of functions, one a request, the last one for
    all that follow."""

    def __init__(self):
        self.script, self.seen, self.lock = {}, [], threading.Lock()
        faults = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with faults.lock:
                    faults.seen.append((self.path, dict(self.headers)))
                    answers = faults.script.get(self.path, [lambda h: faults.status(h, 404)])
                    answer = answers.pop(0) if len(answers) > 1 else answers[0]
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # clients that hang up are what is tested

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def times(self, path):
        return [headers for p, headers in self.seen if p == path]

    @staticmethod
    def status(handler, code, body=b"", **headers):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    @staticmethod
    def send(
        data,
        etag='"one"',
        until=None,
        pause=0,
        ranges=True,
        announce=None,
        content_type="application/octet-stream",
        chunked=False,
    ):
        """The file, or the range asked for; `until`: the connection ends there; `pause`: it stays
        open, silent."""

        def answer(handler):
            asked, condition = handler.headers.get("Range"), handler.headers.get("If-Range")
            first = 0
            if asked and ranges and condition in (None, etag):
                first = int(asked.split("=")[1].split("-")[0])
            if first and first >= len(data):
                return Faults.status(handler, 416, Content_Range=f"bytes */{len(data)}")
            handler.send_response(206 if first else 200)
            handler.send_header("Content-Type", content_type)
            if etag:
                handler.send_header("ETag", etag)
            if first:
                handler.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
            if chunked:
                handler.send_header("Transfer-Encoding", "chunked")
            else:
                handler.send_header(
                    "Content-Length", str(announce if announce is not None else len(data) - first)
                )
            handler.end_headers()
            part = data[first:until]
            handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(part), part) if chunked else part)
            handler.wfile.flush()
            if pause:
                time.sleep(pause)
            if until is not None:
                handler.close_connection = True
                handler.connection.shutdown(socket.SHUT_RDWR)

        return answer

    def listing(self, repository, names):
        self.script[f"/api/models/{repository}/revision/main"] = [
            lambda h: self.status(
                h, 200, json.dumps({"siblings": [{"rfilename": n} for n in names]}).encode()
            )
        ]

    def file(self, repository, name, *answers):
        self.script[f"/{repository}/resolve/main/{name}"] = list(answers)

    def stop(self):
        self.server.shutdown()
