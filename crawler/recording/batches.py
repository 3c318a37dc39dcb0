"""Many small questions answered by few calls in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Batches(Generic[Question, Answer]):
    """Asks `answer(questions)` in a thread, one call at a time; what is asked meanwhile goes with the next.

    A question without an answer is answered None. What `answer` raises, every question of its call raises.
    """

    def __init__(self, answer: Callable[[Sequence[Question]], Mapping[Question, Answer]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[Question, asyncio.Future[Answer | None]]] = []
        self._work: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer | None:
        """Return the answer to one question."""
        future: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                answers = await asyncio.to_thread(self._answer, [question for question, _ in batch])
            except Exception as error:  # noqa: BLE001 (handed on to whoever asked)
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                for question, future in batch:
                    if not future.done():
                        future.set_result(answers.get(question))
