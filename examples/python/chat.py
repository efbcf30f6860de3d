"""Asks one question over a socket and prints the answer as it grows. It survives lost connections and nodes.

    pip install "python-socketio[client]"      (Debian: python3-socketio python3-requests python3-websocket)
    PARLEY_URL=https://chat.example.org PARLEY_KEY=pk_... python3 chat.py "What is a lease?"

The key needs the scopes chat and read.
"""

import hashlib
import os
import queue
import sys
import uuid

import socketio

URL = os.environ.get("PARLEY_URL", "http://localhost:8000")
KEY = os.environ["PARLEY_KEY"]
FINAL = ("completed", "stopped", "interrupted", "failed")
ACK_SECONDS = 10
# A gap is often filled by what is already on its way: events come in threads of their own.
GAP_SECONDS = 0.5
SILENCE_SECONDS = 8


class Refused(Exception):
    pass


class Answer:
    """The text of one answer, and the cursor (attempt, seq) up to which it is known."""

    def __init__(self, message_id, show):
        self.message_id, self.show = message_id, show
        self.attempt, self.seq, self.text = 0, 0, ""
        self.held, self.end, self.status = {}, None, None

    @property
    def lacks(self):
        return bool(self.held) or self.end is not None

    def delta(self, event):
        if event["attempt"] < self.attempt:
            return
        if event["attempt"] > self.attempt:
            self.begin(event["attempt"])
        if event["seq"] > self.seq:
            self.held[event["seq"]] = event["text"]
        self.settle()

    def live(self, text):
        """The reply to an opening. `from_seq` 0 brings the whole text, another one what follows that delta."""
        attempt, seq = text["attempt"], text["seq"]
        if attempt < self.attempt or (attempt == self.attempt and seq < self.seq):
            return
        if text["from_seq"] == 0:
            if attempt > self.attempt:
                self.begin(attempt)
            self.replace(text["text"])
        elif attempt == self.attempt and text["from_seq"] == self.seq:
            self.append(text["text"])
        else:
            return
        self.seq = seq
        self.settle()

    def completed(self, event):
        if event["attempt"] >= self.attempt:
            self.end = event
            self.settle()

    def stored(self, message):
        """A message with a final status has the whole text."""
        if message["status"] in FINAL and message["attempt"] >= self.attempt:
            self.replace(message["content"])
            self.status = message["status"]

    def begin(self, attempt):
        self.attempt, self.seq, self.held = attempt, 0, {}
        self.replace("")

    def replace(self, text):
        if text.startswith(self.text):
            self.append(text[len(self.text) :])
        else:
            self.text = text
            self.show("\n[the answer begins again]\n" + text)

    def append(self, text):
        self.text += text
        self.show(text)

    def settle(self):
        while self.seq + 1 in self.held:
            self.seq += 1
            self.append(self.held.pop(self.seq))
        self.held = {seq: text for seq, text in self.held.items() if seq > self.seq}
        end = self.end
        if end is None or (end["attempt"], end["seq"]) != (self.attempt, self.seq):
            return
        if hashlib.sha256(self.text.encode()).hexdigest() != end["sha256"]:
            raise RuntimeError("The text is not the one that the server announced")
        self.status = end["status"]


# It connects again by itself, and the loop below asks for what it has missed.
sio = socketio.Client(reconnection_delay=0.3, reconnection_delay_max=8)
events = queue.Queue()
sio.on("connect", lambda: events.put(("connect", None)))
for name in ("message:delta", "message:completed", "server:resync", "session:ended"):
    sio.on(name, lambda payload, name=name: events.put((name, payload)))


def call(event, payload):
    """The data of the ack; None if the connection was lost before it came."""
    try:
        ack = sio.call(event, payload, timeout=ACK_SECONDS)
    except socketio.exceptions.SocketIOError:
        return None
    if not ack["ok"]:
        if ack["error"]["retryable"]:
            return None
        raise Refused(ack["error"]["message"])
    return ack["data"]


def send(content):
    """The same client_id may be sent again and again: there is one message and one answer."""
    question = {"client_id": uuid.uuid4().hex, "content": content, "answer": True}
    while True:
        sent = call("message:send", question)
        if sent is not None:
            return sent["conversation"]["id"], sent["assistant_message"]["id"]
        sio.sleep(GAP_SECONDS)


def read_again(answer, conversation_id):
    """After a reconnect, a gap or a silence: joins the conversation again, and fetches what was missed."""
    cursor = {"message_id": answer.message_id, "attempt": answer.attempt, "seq": answer.seq}
    data = call("conversation:open", {"conversation_id": conversation_id, "cursors": [cursor]})
    if data is None:
        return
    for text in data["live"]:
        if text["message_id"] == answer.message_id:
            answer.live(text)
    for message in data["messages"]:
        if message["id"] == answer.message_id:
            answer.stored(message)


def follow(answer, conversation_id):
    while answer.status is None:
        try:
            name, payload = events.get(timeout=GAP_SECONDS if answer.lacks else SILENCE_SECONDS)
        except queue.Empty:
            name, payload = "silence", None
        if name == "session:ended":
            raise Refused(payload["code"])
        if name in ("connect", "server:resync", "silence"):
            read_again(answer, conversation_id)
        elif payload["message_id"] == answer.message_id:
            answer.delta(payload) if name == "message:delta" else answer.completed(payload)


def main():
    sio.connect(URL, auth={"token": KEY, "protocol": 1})
    try:
        conversation_id, message_id = send(" ".join(sys.argv[1:]) or "What is a lease?")
        answer = Answer(message_id, lambda text: print(text, end="", flush=True))
        follow(answer, conversation_id)
        print(f"\n[{answer.status}]")
    except Refused as refused:
        sys.exit(f"Refused: {refused}")
    finally:
        sio.disconnect()


main()
