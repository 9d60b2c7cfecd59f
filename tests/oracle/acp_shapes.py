# SPDX-License-Identifier: Apache-2.0
"""What bodies look like: FACTS.md sections 1 (errors), 2 (bodies) and 5 (streams), written out by hand."""

import re

from oracle_client import expect
from oracle_rows import require, time_of

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
STATES = ["pending", "error", "success", "timeout", "interrupted"]
THREAD_STATES = ["idle", "busy", "interrupted", "error"]
# the type of an output: the states of a run that has it, and the members it must have
OUTPUTS = {"result": (["success"], {}), "interrupt": (["interrupted"], {"interrupt": (dict, list, str, int, float)}),
           "error": (["error", "timeout"], {"run_id": str, "errcode": int, "description": str})}


def check_error(answer, _row):
    """Every error is a bare JSON string; only the reference server's refusal of a key is not."""
    if answer.status == 401:
        expect(answer.json == {"detail": "Invalid API Key"}, f"{answer}: not the reference server's words")
        return
    expect(answer.media == "application/json", f"{answer}: content type '{answer.media}'")
    expect(isinstance(answer.json, str) and answer.json, f"{answer}: an error is a bare JSON string")


def check_times(item, what):
    require(item, what, created_at=str, updated_at=str)
    expect(time_of(item["updated_at"]) >= time_of(item["created_at"]), f"{what}: updated before it was created")


def check_run(run):
    require(run, "run", run_id=str, agent_id=str, status=str, creation=dict)
    check_times(run, "run")
    expect(UUID.fullmatch(run["run_id"]), f"run_id '{run['run_id']}' is no uuid v4")
    expect(run["status"] in STATES, f"unknown status '{run['status']}'")
    extra = {"metadata", "kwargs", "input", "output"} & set(run)
    expect(not extra, f"a run has no {extra}: {run}")


def check_thread(thread):
    require(thread, "thread", thread_id=str, metadata=dict, status=str)
    check_times(thread, "thread")
    expect(thread["status"] in THREAD_STATES, f"unknown status '{thread['status']}'")
    for message in thread.get("messages") or []:
        check_message(message)


def check_message(message):
    require(message, "message", role=str)
    content = message.get("content")
    expect(isinstance(content, (str, list)), f"message without content: {message}")
    for block in content if isinstance(content, list) else []:
        require(block, "block", type=str)
        expect(block["type"] != "text" or isinstance(block.get("text"), str), f"a text block without text: {block}")


def check_thread_state(state):
    require(state, "state", checkpoint=dict)
    require(state["checkpoint"], "checkpoint", checkpoint_id=str)
    expect("values" in state, f"a state without values: {state}")


def check_agent(agent):
    require(agent, "agent", agent_id=str, metadata=dict)
    check_metadata(agent["metadata"])


def check_metadata(metadata):
    require(metadata, "metadata", ref=dict, description=str)
    require(metadata["ref"], "ref", name=str, version=str)
    expect(re.fullmatch(r"\d+\.\d+\.\d+([-+].*)?", metadata["ref"]["version"]), f"no semantic version: {metadata}")


def check_descriptor(descriptor):
    """The rules that make a descriptor consistent."""
    require(descriptor, "descriptor", metadata=dict, specs=dict)
    check_metadata(descriptor["metadata"])
    specs = descriptor["specs"]
    require(specs, "specs", capabilities=dict, input=dict, output=dict, config=dict)
    can, kinds = specs["capabilities"], [item["interrupt_type"] for item in specs.get("interrupts") or []]
    expect(not can.get("interrupts") or kinds, f"interrupts without a type: {specs}")
    expect(len(kinds) == len(set(kinds)), f"a type of interrupt twice: {kinds}")
    for item in specs.get("interrupts") or []:
        require(item, "interrupt", interrupt_type=str, interrupt_payload=dict, resume_payload=dict)
    custom = bool((can.get("streaming") or {}).get("custom"))
    expect(custom == bool(specs.get("custom_streaming_update")), f"custom streaming and its schema differ: {specs}")
    expect(can.get("threads") or "thread_state" not in specs, f"a thread state without threads: {specs}")


def check_output(output, run):
    require(output, "output", type=str)
    expect(output["type"] in OUTPUTS, f"unknown type of output: {output}")
    states, members = OUTPUTS[output["type"]]
    expect(run["status"] in states, f"a run that is {run['status']} with the output {output}")
    for name, kind in members.items():
        expect(isinstance(output.get(name), kind) and not isinstance(output.get(name), bool), f"{name} of {output}")
    if output["type"] == "error":
        expect(output["run_id"] == run["run_id"], f"the error of another run: {output}")


def check_waited(answer):
    require(answer.json, "waited", run=dict, output=dict)
    check_run(answer.json["run"])
    check_output(answer.json["output"], answer.json["run"])


EVENT_MEMBERS = {"values": ["run_id", "status", "values"], "custom": ["status", "update"],
                 "interrupt": ["run_id", "status", "interrupt"],
                 "error": ["run_id", "status", "errcode", "description"]}


def check_stream(answer):
    """Frames have id, event and data on one line; the kind is data.type; there is no end mark."""
    expect(b":" in answer.content[:20], f"{answer}: no frames")
    blank = re.search(rb"(^|\n)(:[^\n]*\n)*\n", answer.content)
    expect(not blank or answer.content[:blank.end()].rstrip().split(b"\n")[-1].startswith(b"data"),
           f"{answer}: a blank line that ends no event")
    events = answer.events
    ids = [event.get("id") for event in events]
    expect(all(ids) and len(ids) == len(set(ids)), f"{answer}: ids {ids}")
    expect([int(text) for text in ids] == sorted(int(text) for text in ids), f"{answer}: ids {ids} do not rise")
    for event in events:
        expect(event.get("event") == "agent_event", f"event '{event.get('event')}' is not agent_event")
        data = event["data"]
        require(data, "data", type=str, status=str)
        expect(data["type"] in EVENT_MEMBERS, f"unknown type '{data['type']}'")
        missing = [name for name in EVENT_MEMBERS[data["type"]] if name not in data]
        expect(not missing, f"{data['type']} without {missing}: {data}")
        expect(data["status"] in STATES, f"unknown status in {data}")
        expect(data["type"] != "custom" or isinstance(data["update"], dict), f"update is no object: {data}")
    return [event["data"] for event in events]
