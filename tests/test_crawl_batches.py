"""Batches: many questions, few calls, and nobody waits for ever."""

import asyncio
import threading

import pytest

from crawler.crawl.revisits.conditional import Batches


def test_questions_during_a_call_go_into_the_next_call():
    calls, gate = [], threading.Event()

    def answer(questions):
        calls.append(list(questions))
        gate.wait(60)
        return {question: question * 2 for question in questions if question != 3}

    async def main():
        batches = Batches(answer)
        first = asyncio.create_task(batches.ask(1))
        while not calls:
            await asyncio.sleep(0.01)
        rest = [asyncio.create_task(batches.ask(number)) for number in (2, 3, 2)]
        await asyncio.sleep(0.01)
        gate.set()
        return [await one for one in (first, *rest)]

    assert asyncio.run(main()) == [2, 4, None, 4]
    assert calls == [[1], [2, 3, 2]]


def test_a_failed_call_raises_and_the_next_call_succeeds():
    def answer(questions):
        if 1 in questions:
            raise ValueError("no state")
        return dict.fromkeys(questions, "there")

    async def main():
        batches = Batches(answer)
        with pytest.raises(ValueError, match="no state"):
            await batches.ask(1)
        return await batches.ask(2)

    assert asyncio.run(main()) == "there"


def test_one_who_gives_up_takes_no_answer_from_another():
    gate = threading.Event()

    def answer(questions):
        gate.wait(60)
        return dict.fromkeys(questions, "there")

    async def main():
        batches = Batches(answer)
        leaving, staying = (asyncio.create_task(batches.ask(1)) for _ in range(2))
        await asyncio.sleep(0.05)
        leaving.cancel()
        gate.set()
        return await staying

    assert asyncio.run(main()) == "there"
