"""A second client, written from docs/protocol.md alone. For tests: it shares no code with services/client.

  podium.py transcript FILE        replays a transcript; exits 1 at the first difference
  podium.py play URL SESSION TOKEN ANSWERS
                                   plays to the end, losing the connection after every third message; ANSWERS is JSON,
                                   the content of the answer by the prompt of the question; prints what it shows as JSON
"""
import asyncio
import json
import random
import sys
import uuid


class State:
    """What a screen shows, as a fold over messages."""

    def __init__(self):
        self.status, self.locked, self.question, self.reveal = None, False, None, None
        self.version, self.player_count, self.top, self.me, self.answered = 0, 0, [], None, []
        self.reasons, self.before = [], None

    def apply(self, kind, data):
        if kind == "session.snapshot":
            self.snapshot(data)
        elif kind == "lobby.updated":
            self.player_count = data["playerCount"]
        elif kind == "session.starting":
            self.status = "starting"
        elif kind == "question.opened":
            self.status, self.question, self.reveal = "question_open", data, None
        elif kind == "question.extended":
            if self.question and self.question["questionId"] == data["questionId"]:
                self.question = {**self.question, "opensAt": data["opensAt"], "closesAt": data["closesAt"]}
        elif kind == "question.closed":
            self.status, self.question, self.reveal, self.reasons = "question_closed", None, data, []
        elif kind in ("score.updated", "answer.accepted"):
            self.count(data["questionId"])
        elif kind in ("leaderboard.updated", "leaderboard.changed"):
            self.board(data)
        elif kind == "session.paused":
            if not self.reasons:
                self.before = self.status
            if data["reason"] not in self.reasons:
                self.reasons.append(data["reason"])
            self.status = "paused"
        elif kind == "session.resumed":
            self.reasons = [reason for reason in self.reasons if reason != data["reason"]]
            if not self.reasons:
                self.status = self.before or ("question_open" if "question" in data else "question_closed")
                self.question = data.get("question", self.question)
        elif kind in ("session.locked", "session.unlocked"):
            self.locked = kind == "session.locked"
        elif kind in ("session.finished", "session.cancelled"):
            self.status, self.question, self.reasons = kind.split(".")[1], None, []
            if "top" in data:
                self.top, self.player_count = data["top"], data["playerCount"]
                self.me = data.get("me", self.me)

    def snapshot(self, data):
        pause = data.get("pause", {})
        self.status, self.locked = data["status"], data["locked"]
        self.reasons, self.before = list(pause.get("reasons", [])), pause.get("status")
        is_open = "question_open" in (self.status, self.before if self.status == "paused" else None)
        self.question = data.get("question") if is_open else None
        self.reveal = None if is_open else data.get("reveal")
        me = data.get("me", {})
        board = {**data["leaderboard"]}
        board.pop("me", None)
        if "rank" in me:
            board["me"] = {"rank": me["rank"], "score": me["score"]}
        self.board(board)
        for question in me.get("answered", []):
            self.count(question)

    def board(self, data):
        if data["version"] < self.version:
            return
        if "order" in data:
            entries = {entry["playerId"]: entry for entry in self.top + data["changed"]}
            self.top = [entries[player] for player in data["order"] if player in entries]
        else:
            self.top = data["top"]
        self.version, self.player_count = data["version"], data["playerCount"]
        self.me = data.get("me", self.me)

    def count(self, question):
        if question not in self.answered:
            self.answered.append(question)

    def show(self):
        return {
            "status": self.status,
            "locked": self.locked,
            "question": self.question and self.question["questionId"],
            "closesAt": self.question and self.question["closesAt"],
            "reveal": self.reveal and self.reveal["questionId"],
            "version": self.version,
            "playerCount": self.player_count,
            "top": [[entry["nickname"], entry["score"]] for entry in self.top],
            "me": self.me,
            "answered": self.answered,
        }


class Client:
    """The protocol without a network: what to send, and what a message or a closed connection means."""

    def __init__(self):
        self.state, self.position, self.ended = State(), None, None
        self.behind, self.refs, self.pending, self.failures = 0, 0, {}, 0

    def opened(self):
        """The messages of a new connection: where we were, and the answers that have no reply."""
        first = {"type": "time", "ref": "clock"}
        if self.position is not None:
            first = {"type": "resume", "data": {"lastEventId": self.position}}
        return [first] + [self.request(answer) for answer in self.pending.values()]

    def answer(self, question, content):
        answer = {"answerId": str(uuid.uuid4()), "questionId": question, **content}
        self.pending[answer["answerId"]] = answer
        return self.request(answer)

    def request(self, answer):
        self.refs += 1
        return {"type": "answer", "ref": f"{self.refs}:{answer['answerId']}", "data": answer}

    def received(self, message):
        """False when the connection is to be given up."""
        kind, data, ref = message["type"], message.get("data", {}), message.get("ref")
        if ref is not None:
            self.replied(kind, data, str(ref).split(":")[-1])
            return True
        if "id" in message:
            known = -1 if self.position is None else self.position
            if kind == "session.snapshot":
                if message["id"] < known and self.behind < 2:
                    self.behind += 1
                    return False
                self.behind = 0
            elif message["id"] <= known:
                return True
            self.position = message["id"]
        self.failures = 0
        self.state.apply(kind, data)
        if kind in ("player.removed", "player.replaced"):
            self.ended = kind.replace(".", "-")
        return True

    def replied(self, kind, data, answer_id):
        answer = self.pending.get(answer_id)
        if answer is None:
            return
        if kind == "error" and (data["code"] == "question-not-open" or data["status"] in (429,) or data["status"] >= 500):
            return  # stays pending; the caller sends it again
        del self.pending[answer_id]
        if kind == "answer.accepted" or data["code"] == "already-answered":
            self.state.apply("answer.accepted", answer)

    def closed(self, code, reason):
        """Seconds until the next attempt; None when there is none."""
        if self.ended is None and 4500 <= code <= 4999:
            self.ended = {4503: "player-removed", 4505: "player-replaced"}.get(code, f"closed-{code}")
        if self.ended is not None:
            return None
        bound = min(10, 0.25 * 2 ** min(self.failures, 10))
        self.failures += 1
        try:
            hint = json.loads(reason)["retryAfterMs"] / 1000
        except (ValueError, KeyError, TypeError):
            hint = 0
        return max(hint, bound * (0.5 + random.random() / 2))


def replay(path):
    client, sent, own, reconnects = Client(), [], {}, True

    def fill(value):
        text = json.dumps(value)
        for name, text_of in own.items():
            text = text.replace(name, text_of)
        return json.loads(text)

    for number, line in enumerate(open(path), 1):
        ((step, value),) = json.loads(line).items()
        at = f"{path}:{number}"
        if step == "connect":
            assert reconnects, f"{at}: the client has ended"
            sent = [message for message in client.opened() if message["type"] != "time"]
        elif step == "server":
            client.received(fill(value))
        elif step == "do":
            content = dict(value["answer"])
            sent.append(client.answer(content.pop("questionId"), content))
        elif step == "client":
            assert sent, f"{at}: nothing was sent"
            message = sent.pop(0)
            if message["type"] == "answer":
                own = {"<ref>": message["ref"], "<answerId>": message["data"]["answerId"]}
            assert message == fill(value), f"{at}: sent {message}"
        elif step == "close":
            reconnects = client.closed(value["code"], value.get("reason", "")) is not None
        elif step == "ended":
            assert client.ended == value and not reconnects, f"{at}: {client.ended}"
        elif step == "show":
            shown = client.state.show()
            for member, wanted in value.items():
                assert shown[member] == wanted, f"{at}: {member} is {shown[member]}"
        else:
            raise ValueError(f"{at}: unknown step {step}")


async def play(url, session, token, answers):
    import websockets

    client, given, drops, received = Client(), set(), 0, 0
    address = url.replace("http", "ws", 1) + f"/v1/sessions/{session}/ws"

    def is_over():
        return client.state.status in ("finished", "cancelled") and not client.pending

    while client.ended is None and not is_over():
        code, reason = 1006, ""
        try:
            async with websockets.connect(address, subprotocols=["podium.v1", f"bearer.{token}"]) as socket:
                for message in client.opened():
                    await socket.send(json.dumps(message))
                while not is_over():
                    try:
                        text = await asyncio.wait_for(socket.recv(), 1)
                    except asyncio.TimeoutError:
                        for answer in list(client.pending.values()):
                            await socket.send(json.dumps(client.request(answer)))
                        continue
                    received += 1
                    if not client.received(json.loads(text)) or received % 3 == 0:
                        drops += 1
                        break
                    question = client.state.question
                    if question and question["questionId"] not in given and question["prompt"] in answers:
                        given.add(question["questionId"])
                        await socket.send(json.dumps(client.answer(question["questionId"], answers[question["prompt"]])))
        except websockets.ConnectionClosed as closed:
            code, reason = closed.code, closed.reason
        except OSError:
            pass
        wait = client.closed(code, reason)
        if wait is not None:
            await asyncio.sleep(wait)
    print(json.dumps({**client.state.show(), "drops": drops, "pending": len(client.pending)}))


if __name__ == "__main__":
    if sys.argv[1] == "transcript":
        replay(sys.argv[2])
    else:
        _, _, url, session, token, answers = sys.argv
        asyncio.run(play(url, session, token, json.loads(answers)))
