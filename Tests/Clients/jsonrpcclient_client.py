"""A conversation with the service by jsonrpcclient over a plain socket. usage: jsonrpcclient_client.py HOST PORT"""
import json
import socket
import sys

from jsonrpcclient import Error, Ok, notification, parse, request

with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20) as connection:
    stream = connection.makefile("rw", encoding="utf-8", newline="\n")

    def ask(message):
        print(json.dumps(message), file=stream, flush=True)
        return parse(json.loads(stream.readline()))

    match ask(request("system.ping", params={"echo": "Kindergärten"})):
        case Ok(result, _):
            assert result["echo"] == "Kindergärten"
        case other:
            raise AssertionError(other)

    message = request("amenities.search", params={"park": "no-such-park"})
    match ask(message):
        case Error(code, text, data, id):
            assert code == -32602 and text and data["path"] == "/params/park" and id == message["id"]
        case other:
            raise AssertionError(other)

    # A notification has no reply: the next line belongs to the batch.
    print(json.dumps(notification("system.ping")), file=stream, flush=True)
    batch = [request("parks.list"), request("system.ping", params=[[1, 2]]), request("no.such.method")]
    parks, ping, unknown = ask(batch)
    assert isinstance(parks, Ok) and parks.result["items"]
    assert ping == Ok({**ping.result, "echo": [1, 2]}, batch[1]["id"])
    assert isinstance(unknown, Error) and unknown.code == -32601

    # The same library behind the framing of the Language Server Protocol.
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20) as framed:
        body = json.dumps(request("system.ping", params=["framed"]), indent=2).encode()
        framed.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        replies = framed.makefile("rb")
        length = int(replies.readline().removeprefix(b"Content-Length: "))
        assert replies.readline() == b"\r\n"
        assert parse(json.loads(replies.read(length))).result["echo"] == "framed"

print("jsonrpcclient is content")
