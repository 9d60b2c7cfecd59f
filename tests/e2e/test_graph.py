# SPDX-License-Identifier: Apache-2.0
"""dryrun graph: every state and everything that leads somewhere is in the picture, and no box lies on another."""
import re
import unittest
import xml.etree.ElementTree as ElementTree

from dryrun_test import ROOT, main, run

PROVIDERS = ("acp", "azure-agents", "azure-routines", "letta", "warp")
SVG = "{http://www.w3.org/2000/svg}"


def said(*words):
    return run(*words)[1]


def states_of(provider):
    """Machine to names of its states, as `dryrun list states` has them."""
    machines = {}
    for line in said("list", "states", provider).splitlines():
        machine, _, state = line.split()[0].partition("=")
        machines.setdefault(machine.split(".")[1], []).append(state)
    return machines


class Graph(unittest.TestCase):
    def svg(self, provider, machine):
        code, out, err = run("graph", provider, machine)
        self.assertEqual((code, err), (0, ""))
        return ElementTree.fromstring(out)

    def test_every_machine_of_every_service(self):
        for provider in PROVIDERS:
            for machine, states in states_of(provider).items():
                with self.subTest(provider=provider, machine=machine):
                    root = self.svg(provider, machine)
                    boxes = {group.find(f"{SVG}title").text: group.find(f"{SVG}rect")
                             for group in root.iter(f"{SVG}g") if (group.get("class") or "").startswith("state")}
                    self.assertEqual(sorted(boxes), sorted(states))
                    self.check_apart([tuple(float(box.get(name)) for name in ("x", "y", "width", "height"))
                                      for box in boxes.values()], root)
                    self.check_legible(root)

    def check_apart(self, boxes, root):
        width, height = float(root.get("width")), float(root.get("height"))
        for number, (x, y, w, h) in enumerate(boxes):
            self.assertTrue(0 <= x and x + w <= width and 0 <= y and y + h <= height, "within the picture")
            for other_x, other_y, other_w, other_h in boxes[:number]:
                apart = x + w < other_x or other_x + other_w < x or y + h < other_y or other_y + other_h < y
                self.assertTrue(apart, "no box on another")

    def check_legible(self, root):
        lines = [(float(text.get("x")), float(text.get("y")), text.text) for text in root.iter(f"{SVG}text")
                 if text.get("class") == "label"]
        for number, (x, y, text) in enumerate(lines):
            for other_x, other_y, other in lines[:number]:
                self.assertTrue(abs(y - other_y) >= 11 or abs(x - other_x) >= 5 * (len(text) + len(other)) / 2,
                                f"{text} hides {other}")

    def test_the_picture_in_the_docs(self):
        drawn = (ROOT / "docs" / "images" / "warp-run.svg").read_text()
        self.assertEqual(drawn, said("graph", "warp"), "make it anew: dryrun graph warp >docs/images/warp-run.svg")

    def test_what_leads_where(self):
        text = said("graph", "warp", "run", "--format", "mermaid")
        self.assertIn("stateDiagram-v2", text)
        for line in ("s_QUEUED --> s_PENDING", "s_CLAIMED --> s_INPROGRESS", "[*] --> s_QUEUED : ",
                     "s_INPROGRESS --> s_CANCELLED : cancelRun", "s_SUCCEEDED --> s_QUEUED : submitRunFollowup"):
            self.assertRegex(text, re.escape(line), line)
        self.assertNotIn("s_SUCCEEDED --> s_FAILED", text)
        dot = said("graph", "warp", "run", "--format", "dot")
        self.assertRegex(dot, r's_INPROGRESS -> s_CANCELLED \[label="cancelRun", style=dashed\]')
        self.assertEqual(dot.count(" -> "), len(re.findall(r" --> ", text)))
        self.assertEqual(dot.count(" -> "), len(list(self.svg("warp", "run").iter(f"{SVG}path"))) - 1)  # the arrow's head

    def test_twice_the_same(self):
        self.assertEqual(said("graph", "azure-agents", "run"), said("graph", "azure-agents", "run"))

    def test_the_largest_machine_when_none_is_named(self):
        self.assertEqual(said("graph", "acp"), said("graph", "acp", "run"))
        self.assertEqual(said("graph", "azure-agents", "--format", "mermaid").count("stateDiagram"),
                         sum(len(states) > 1 or states != ["present"] for states in states_of("azure-agents").values()))

    def test_refusals_name_the_nearest(self):
        for words, wanted in ((["warp", "rum"], "'warp' has no machine 'rum' (did you mean 'run'?)"),
                            (["wrap"], "did you mean 'warp'?"), ([], "graph needs a provider"),
                            (["warp", "run", "turn"], "an SVG shows one machine"),
                            (["warp", "--format", "png"], "svg, mermaid")):
            with self.subTest(words=words):
                code, out, err = run("graph", *words)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(wanted, err)


if __name__ == "__main__":
    main()
