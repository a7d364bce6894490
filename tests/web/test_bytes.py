"""Any bytes get an answer or a closed door, never a fault: sent to the program as `crm web` serves it."""

import asyncio
import re

COOKIE = b"Cookie: crm-visit=a\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
PARTS = b"Content-Type: multipart/form-data; boundary=b\r\n"
JSON = b"Content-Type: application/json\r\nAccept: application/json\r\n"


def get(target, more=b"", host=b"crm.test", method=b"GET"):
    return method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n" + more + b"\r\n"


def post(target, body, more=FORM, length=None):
    size = str(len(body) if length is None else length).encode()
    return get(target, more + COOKIE + b"Content-Length: " + size + b"\r\n", method=b"POST") + body


TARGETS = (
    b"/%", b"/%zz", b"/%00", b"/%ff%fe", b"/employers/%00", b"/employers/%c0%af..", b"/..%2f..%2fetc/passwd", b"//evil.example/",
    b"/static/../../etc/passwd", b"/static/%2e%2e/%2e%2e/crm.py", b"/" + b"a" * 60_000, b"/?" + b"a=&" * 15_000, b"/\xff\xfe", b"/\x00",
    b"/sign-in?next=%0d%0aSet-Cookie:x=1", b"/sign-in?next=%00", b"/sign-in?next=\xff", b"/today?x=%0d%0ay", b"/%0d%0aSet-Cookie:%20x=1",
    b"/employers?after=%ff", b"/sign-in/link/%00", b"/sign-in/link/%ff", b"/sign-in/first/" + b"x" * 5_000, b"/audit?before=99999999999999999999",
    b"/employers/00000000-0000-0000-0000-00000000000g", b"/api/v1/employers?limit=-1", b"/api/v1/employers/%00", b"http://evil.example/x",
    b"*", b"crm.test:443", b"/api/v1/docs#%00", b"/%F0%9F%92%A9", b"/health/ready/%00", b"/plugins/%2e%2e",
)  # fmt: skip
BODIES = (
    post(b"/sign-in", b"email=%ff%fe&password=%00"), post(b"/sign-in", b"\xff\xfe\x00\x01"), post(b"/sign-in", b"%%%=&&&==;;"),
    post(b"/sign-in", b"a" * 100_000), post(b"/sign-in", b"&" * 50_000), post(b"/sign-in", b"_token=\xff\xff"), post(b"/sign-in", b"_token=" + b"1" * 9_000),
    post(b"/sign-in", b"", length=10), post(b"/sign-in", b"a=b", length=1), post(b"/sign-in", b"a=b", length=-1),
    post(b"/sign-in", b"a=b", FORM + b"Content-Length: 9\r\n"), post(b"/sign-in", b"a=b", FORM + b"Transfer-Encoding: chunked\r\n"),
    get(b"/sign-in", FORM + b"Transfer-Encoding: chunked\r\n", method=b"POST") + b"zz\r\nx\r\n0\r\n\r\n",
    get(b"/sign-in", FORM + b"Content-Length: 99999999999999999999\r\n", method=b"POST"), get(b"/sign-in", FORM + b"Content-Length: x\r\n", method=b"POST"),
    post(b"/sign-in", b"", PARTS), post(b"/sign-in", b"--b", PARTS), post(b"/sign-in", b"--b\r\n\r\n\r\n--b--", PARTS),
    post(b"/sign-in", b'--b\r\nContent-Disposition: form-data; name="_token"\r\n\r\n\xff\xfe', PARTS),
    post(b"/sign-in", b'--b\r\nContent-Disposition: form-data; name="a"; filename="\x00../x"\r\n\r\nx\r\n--b--\r\n', PARTS),
    post(b"/sign-in", b"x", b"Content-Type: multipart/form-data\r\n"), post(b"/sign-in", b"x", b"Content-Type: multipart/form-data; boundary=\xff\r\n"),
    post(b"/sign-in", b"x", b"Content-Type: \xff/\xff; charset=nonsense\r\n"), post(b"/sign-in/passkey", b"{" * 50_000, JSON),
    post(b"/sign-in/passkey", b"\xff", JSON), post(b"/api/v1/employers", b"[" * 50_000, JSON), post(b"/api/v1/employers", b'{"name": "\\ud800"}', JSON),
    post(b"/api/v1/employers", b"\x00", JSON + b"Authorization: Bearer \xff\xff\r\n"), post(b"/api/v1/employers", b"{}", JSON + b"Authorization: Bearer\r\n"),
    post(b"/nowhere", b"a=b"), post(b"/language", b"language=%00&next=%0d%0ax"),
)  # fmt: skip
HEADERS = (
    get(b"/sign-in", b"Cookie: " + b"a=b; " * 2_000 + b"\r\n"), get(b"/sign-in", b"Cookie: crm-session=\xff\xfe\r\n"), get(b"/sign-in", b"Cookie: crm-session=\x00\r\n"),
    get(b"/sign-in", b'Cookie: crm-session="\\377\\000"; crm-flash=a.b; ===; \xc3\r\n'), get(b"/sign-in", b"Cookie: crm-flash=" + b"x" * 20_000 + b".y\r\n"),
    get(b"/sign-in", b"Cookie: crm-flash=\xc3\xa9.\xc3\xa9\r\n"), get(b"/sign-in", b"X-Long: " + b"x" * 200_000 + b"\r\n"), get(b"/sign-in", b"X: y\r\n" * 5_000),
    get(b"/sign-in", b"Host: evil.example\r\n"), get(b"/sign-in", host=b"evil.example"), get(b"/sign-in", host=b"[::1"), get(b"/sign-in", host=b"crm.test:x"),
    get(b"/sign-in", host=b"\xff"), get(b"/sign-in", host=b""), get(b"/sign-in", host=b"user@crm.test"), b"GET /sign-in HTTP/1.1\r\n\r\n", b"GET /sign-in HTTP/1.0\r\n\r\n",
    get(b"/sign-in", b"Accept-Language: " + b"\xff," * 50 + b"\r\n"), get(b"/sign-in", b"Range: bytes=9-1\r\nIf-None-Match: \xff\r\n"),
    get(b"/sign-in", b"X-Forwarded-For: \xff\r\nForwarded: for=\x01\r\n"), get(b"/sign-in", b"Expect: 200-maybe\r\n"), get(b"/sign-in", b"Upgrade: websocket\r\nConnection: upgrade\r\n"),
    get(b"/sign-in", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"),
    get(b"/sign-in", b" folded: x\r\n"), get(b"/sign-in", b"Na me: x\r\n"), get(b"/sign-in", b"X-Csrf-Token: \xff\r\n", method=b"POST"),
    get(b"/sign-in", COOKIE + b"X-Csrf-Token: \xc3\xa9\r\n", method=b"POST"),
    get(b"/sign-in", COOKIE + b"Origin: http://[\r\n", method=b"POST"), get(b"/sign-in", COOKIE + b"Origin: \xff\r\nSec-Fetch-Site: \xff\r\n", method=b"POST"),
    *(get(b"/sign-in", method=m) for m in (b"BREW", b"TRACE", b"CONNECT", b"get", b"G\xff", b"PROPFIND", b"OPTIONS", b"HEAD", b"A" * 5_000)),
)  # fmt: skip
NO_HTTP = (
    b"", b"\r\n\r\n", b"\x00" * 1_000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\nHost: crm.test\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n", "Łódź".encode() * 500,
)  # fmt: skip
CORPUS = [*(get(target) for target in TARGETS), *BODIES, *HEADERS, *NO_HTTP]
MACHINE_WORDS = re.compile(rb"Traceback|site-packages|asyncpg|DETAIL:")
INJECTED = re.compile(rb"^set-cookie:\s*x=1", re.IGNORECASE | re.MULTILINE)


async def sent(port, given, door=None):
    """What comes back until the door closes, or until it is clear that the program waits for more."""
    async with door or asyncio.Semaphore():
        return await _sent(port, given)


async def _sent(port, given):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        writer.write(given)
        async with asyncio.timeout(1):
            while part := await reader.read(65536):
                answer += part
    except (ConnectionError, TimeoutError):
        pass
    finally:
        writer.close()
    return answer


async def test_no_bytes_are_a_fault(server):
    wrong, answered, door = [], 0, asyncio.Semaphore(16)  # a crowd would be told to come back
    for given, answer in zip(CORPUS, await asyncio.gather(*(sent(server.port, given, door) for given in CORPUS)), strict=True):
        status = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        answered += bool(status)
        if (answer and not status) or (status and status[1] >= b"500") or MACHINE_WORDS.search(answer) or INJECTED.search(answer.partition(b"\r\n\r\n")[0]):
            wrong.append((given[:120], answer[:300]))
    assert not wrong, wrong[:5]
    assert answered > len(CORPUS) / 2
    assert [line for line in server.log() if line["level"] in {"error", "critical"}] == []
    assert "Traceback" not in server.text()
    assert (await sent(server.port, get(b"/sign-in"))).startswith(b"HTTP/1.1 200")
