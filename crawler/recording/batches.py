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
        self._waiting: dict[Question, asyncio.Future[Answer | None]] = {}
        self._work: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer | None:
        """Return the answer to one question."""
        future = self._waiting.get(question)
        if future is None:
            future = self._waiting[question] = asyncio.get_running_loop().create_future()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run())
        # Shielded: one who asks and is cancelled must not take the answer from others.
        return await asyncio.shield(future)

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, {}
            try:
                answers = await asyncio.to_thread(self._answer, list(batch))
            except Exception as error:  # noqa: BLE001 (handed on to whoever asked)
                for future in batch.values():
                    future.set_exception(error)
            else:
                for question, future in batch.items():
                    future.set_result(answers.get(question))
