"""All engines, all kinds of question, in turns: what each takes, and what each found.

In every round, and for every kind, the engines take turns by short runs of questions in an order
drawn anew, so that whatever else the machine does hits all of them alike. A round gives one set of
percentiles; what is reported is the median over rounds, and how the first round was beside it (a
cache of results would show there).
"""

import gc
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.corpus import SEED
from bench.measure import percentiles
from bench.peers import Answer, Peer, Session
from bench.queries import Question

TURN = 20
WARM_SECONDS = 8.0


@dataclass
class Tally:
    """One engine on one kind. ``asked`` shrinks to what fits the time budget of the first round.

    ``numbers`` are the questions' places in the kind's list, ``rounds`` the milliseconds of each
    by that number; ``answers`` and ``errors`` are those of the last round.
    """

    asked: list[Question]
    numbers: list[int]
    rounds: list[dict[int, float]] = field(default_factory=list)
    answers: list[Answer | None] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    spent: float = 0.0

    def begin(self) -> None:
        self.rounds.append({})
        self.answers, self.errors, self.spent = [], [], 0.0

    def end(self) -> None:
        """Close a round; later rounds ask the same questions again, no more."""
        self.asked = self.asked[: len(self.answers)]
        self.numbers = self.numbers[: len(self.answers)]

    def turn(self, session: Session, budget: float) -> None:
        place = len(self.answers)
        for number, question in zip(
            self.numbers[place : place + TURN], self.asked[place : place + TURN], strict=True
        ):
            if self.spent > budget and len(self.rounds) == 1:
                return
            self._ask(session, number, question)

    def _ask(self, session: Session, number: int, question: Question) -> None:
        start = time.perf_counter()
        try:
            answer: Answer | None = session.run(question)
        # Any failure of one engine is a figure of the report, not the end of it.
        except Exception as error:
            self.errors.append(f"{type(error).__name__}: {error}")
            answer = None
        seconds = time.perf_counter() - start
        self.spent += seconds
        self.answers.append(answer)
        if answer is not None:
            self.rounds[-1][number] = seconds * 1e3

    def report(self, ours: "Tally | None") -> dict[str, Any]:
        """Milliseconds: medians of the rounds' percentiles, the first round's, ours on the same questions."""
        found: dict[str, Any] = {"n": len(self.asked), **self.figures(self.numbers)}
        if self.rounds[0]:
            found["first_round"] = percentiles(list(self.rounds[0].values()))
        if ours and ours is not self and len(self.numbers) < len(ours.numbers):
            found["ours"] = ours.figures(self.numbers)
        found["articles"] = sum(answer.total for answer in self.answers if answer)
        if self.errors:
            found |= {"errors": len(self.errors), "error": self.errors[0]}
        return found

    def figures(self, numbers: Sequence[int]) -> dict[str, float]:
        """Medians of the rounds' percentiles over some of the questions; empty if none was answered."""
        timed = [[times[number] for number in numbers if number in times] for times in self.rounds]
        rounds = [percentiles(times) for times in timed if times]
        return {name: median(one[name] for one in rounds) for name in rounds[0]} if rounds else {}


def measure(
    peers: Mapping[str, Peer],
    sessions: Mapping[str, Session],
    questions: Mapping[str, Sequence[Question]],
    rounds: int,
    budget: float,
) -> dict[str, dict[str, Tally]]:
    """Kind → engine → tally. ``budget``: seconds an engine may take for a kind in a round."""
    tallies = {
        kind: {name: _tally(peers[name], asked) for name in sessions} for kind, asked in questions.items()
    }
    chance = random.Random(SEED)
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for kind in tallies:
            _round(tallies[kind], sessions, budget, chance)
    gc.unfreeze()
    return {
        kind: {name: tally for name, tally in row.items() if tally.asked} for kind, row in tallies.items()
    }


def _tally(one: Peer, asked: Sequence[Question]) -> Tally:
    numbers = [number for number, question in enumerate(asked) if one.answers(question)]
    return Tally([asked[number] for number in numbers], numbers)


def _round(
    row: dict[str, Tally], sessions: Mapping[str, Session], budget: float, chance: random.Random
) -> None:
    for tally in row.values():
        tally.begin()
    turns = -(-max((len(tally.asked) for tally in row.values()), default=0) // TURN)
    names = list(row)
    gc.collect()
    gc.disable()
    for _ in range(turns):
        chance.shuffle(names)
        for name in names:
            row[name].turn(sessions[name], budget)
    gc.enable()
    for tally in row.values():
        tally.end()


def warm(peers: Mapping[str, Peer], sessions: Mapping[str, Session], questions: Sequence[Question]) -> None:
    """Let every engine answer questions that are not measured, for a moment."""
    for name, session in sessions.items():
        until = time.perf_counter() + WARM_SECONDS
        for question in filter(peers[name].answers, questions):
            if time.perf_counter() > until:
                break
            try:
                session.run(question)
            except Exception:  # Counted where it is measured.
                continue
