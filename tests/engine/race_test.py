#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two clients of one session and granted time: one streams a run, the other sleeps 450 ms of virtual time, thinks for 0
to 3 real ms and cancels. Whatever the threads of the machine do, there is one transcript."""

import random
import threading
import time

from engine_test import Cases, main

REPETITIONS = 400
AT_ONCE = 4  # sessions played at the same time: the machine is to be busy


class Race(Cases):
    page = "tools"

    def play(self, number, chance):
        """One repetition in its own session, as text."""
        streaming, acting = (self.engine.client(f"race-{number}") for _ in range(2))
        acting.participants(2)
        run = acting.post("/runs", {}).body["id"]
        seen = []
        reader = threading.Thread(target=lambda: seen.append(streaming.get(f"/runs/{run}/events")))
        reader.start()
        acting.sleep("560ms")
        time.sleep(chance.random() * 0.003)
        cancelled = acting.post(f"/runs/{run}/cancel")
        acting.participants(1)  # this one is done: the other goes on alone
        reader.join()
        text = f"{cancelled.status} {cancelled.text} {cancelled.headers['Date']}\n{seen[0].text}"
        streaming.close()
        acting.close()
        return text.replace(run, "RUN")

    def test_two_clients_one_transcript(self):
        transcripts, lock = [], threading.Lock()

        def play_some(worker):
            chance = random.Random(worker)
            for number in range(worker, REPETITIONS, AT_ONCE):
                transcript = self.play(number, chance)
                with lock:
                    transcripts.append(self.same_steps(transcript))

        workers = [threading.Thread(target=play_some, args=(worker,)) for worker in range(AT_ONCE)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.case(f"{REPETITIONS} repetitions were played", len(transcripts), REPETITIONS)
        self.case("one transcript", len(set(transcripts)), 1)
        self.case("the cancel was accepted", transcripts[0][:4], "200 ")
        self.case_true("in the middle of the words", transcripts[0].count("step.delta") == 1)
        Cases.cases += REPETITIONS

    @staticmethod
    def same_steps(text):
        """Sessions draw their own ids: the step's is named by its place."""
        at = text.find('"step_')
        return text.replace(text[at + 1 : at + 14], "STEP") if at >= 0 else text


if __name__ == "__main__":
    main()
