# SPDX-License-Identifier: Apache-2.0
"""Lists, FACTS.md section 5, and what is not a run: messages, files and vector stores."""

from azure_agents_shapes import (COUNTS, check_assistant, check_batch, check_file, check_message, check_page, check_run, check_step,
                                 check_store, check_store_file, check_thread, text_of)
from azure_agents_states import (STORE_FILES, VERSION, advance_until, bring_file, get_run, make, make_assistant, make_message, make_run,
                                 make_thread, upload)
from oracle_client import expect

CHECKS = {"listAgents": check_assistant, "listThreads": check_thread, "listMessages": check_message, "listRuns": check_run,
          "listRunSteps": check_step, "listVectorStores": check_store, "listVectorStoreFiles": check_store_file,
          "listVectorStoreFileBatchFiles": check_store_file}


def fill(done, count):
    """`count` of what is listed, a second apart: the order of equal times is not said."""
    session, name = done.session, done.row["operation"]
    if name in ("listMessages", "listRuns"):
        done.ident = make_thread(session)
    if name in ("listVectorStoreFiles", "listVectorStoreFileBatchFiles"):
        store = make(session, "/vector_stores", {"name": "notes"})["id"]
        done.ident = store
    makers = {"listAgents": lambda: make_assistant(session), "listThreads": lambda: make_thread(session),
              "listMessages": lambda: make_message(session, done.ident),
              "listRuns": lambda: advance_until(session, make_run(session, done.ident), "completed"),
              "listVectorStores": lambda: make(session, "/vector_stores", {"name": "notes"}),
              "listVectorStoreFiles": lambda: make(session, f"/vector_stores/{store}/files",
                                                   {"file_id": bring_file(session, "present", "")})}
    if name == "listVectorStoreFileBatchFiles":
        files = [bring_file(session, "present", "") for _ in range(count)]
        done.ident = store, make(session, f"/vector_stores/{store}/file_batches", {"file_ids": files})["id"]
        session.advance("1h")
    elif name == "listRunSteps":
        done.ident = make_run(session, make_thread(session))
        advance_until(session, done.ident, "completed")
    else:
        for _ in range(count):
            makers[name]()
            session.advance("1s")


def page(done, query):
    answer = done.send(query=VERSION + query)
    expect(answer.status == 200, f"{answer}: no page")
    return answer, check_page(answer, CHECKS[done.row["operation"]])


def usual_page(done):
    """Without a limit a page has 20, the newest first."""
    fill(done, 23)
    _, everything = page(done, "&limit=100")
    answer, ids = page(done, "")
    expect(ids == everything[:20] and len(ids) == 20, f"a page of {len(ids)}, not the newest 20 of {len(everything)}")
    expect(answer.json["has_more"] is (len(everything) > 20), f"{answer}: has_more")
    return answer


def ordered(order):
    def story(done):
        fill(done, 4)
        answer, ids = page(done, f"&limit=100&order={order}")
        times = [item["created_at"] for item in answer.json["data"]]
        expect(times == sorted(times, reverse=order == "desc"), f"order {order}: {times}")
        _, other = page(done, f"&limit=100&order={'asc' if order == 'desc' else 'desc'}")
        expect(ids == other[::-1] or len(set(times)) < len(times), f"{ids} the other way round is {other}")
        return answer
    return story


def walk(size, order, how):
    """Page after page with after (or before), to an empty page whose last_id is null."""
    def story(done):
        fill(done, 5)
        _, everything = page(done, f"&limit=100&order={order}")
        seen, cursor = [], ""
        while True:
            answer, ids = page(done, f"&limit={size}&order={order}{cursor}")
            expect(len(ids) == min(size, len(everything) - len(seen)), f"{answer}: a page of {len(ids)}")
            expect(answer.json["has_more"] is (len(seen) + len(ids) < len(everything)), f"{answer}: has_more")
            if not ids:
                break
            seen += ids
            cursor = f"&after={ids[-1]}"
        expect(seen == everything, f"pages {seen}, the whole is {everything}")
        return answer
    return story


def before(done):
    fill(done, 4)
    _, everything = page(done, "&limit=100")
    answer, ids = page(done, f"&limit=100&before={everything[-1]}")
    expect(ids == everything[:-1], f"before the last of {everything}: {ids}")
    return answer


def nothing_after_the_last(done):
    fill(done, 2)
    _, everything = page(done, "&limit=100")
    answer, _ = page(done, f"&after={everything[-1]}")
    return answer


def of_a_run(done):
    """run_id tells the messages of a run from the others."""
    run = make_run(done.session, done.ident)
    advance_until(done.session, run, "completed")
    make_message(done.session, done.ident)
    answer, ids = page(done, f"&run_id={run[1]}")
    expect(ids and all(item["run_id"] == run[1] for item in answer.json["data"]), f"{answer}: others than of {run}")
    return answer


# Messages, files and stores -------------------------------------------------------------------------------

def in_blocks(done):
    answer = done.send({"role": "user", "content": [{"type": "text", "text": "How is it?"}]}, query=VERSION)
    if answer.status == 200:
        expect(text_of(answer.json["content"]) == "How is it?", f"{answer}: another text")
    return answer


def in_words(done):
    answer = done.send({"role": "user", "content": "How is it?"}, query=VERSION)
    expect(text_of(answer.json["content"]) == "How is it?", f"{answer}: another text")
    return answer


def thread_with_messages(done):
    body = {"messages": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]}
    answer = done.send(body, query=VERSION)
    found = done.session.get(f"/threads/{answer.json['id']}/messages{VERSION}&order=asc").json["data"]
    told = [(message["role"], text_of(message["content"])) for message in found]
    expect(told == [("user", "one"), ("assistant", "two")], f"{answer}: its messages are {told}")
    return answer


def uploaded(done):
    answer = upload(done.session)
    expect(answer.status == 200, f"{answer}: not taken")
    check_file(answer.json)
    wanted = {"filename": "notes.txt", "bytes": 17, "purpose": "assistants"}
    expect({name: answer.json[name] for name in wanted} == wanted, f"{answer}: not {wanted}")
    return answer


def ready(done):
    """Pollers wait for one of these."""
    done.session.advance("1h")
    answer = done.send(query=VERSION)
    expect(answer.json["status"] in ("uploaded", "processed"), f"{answer}: an hour later")
    return answer


def content_of(done):
    answer = done.send(query=VERSION)
    expect(answer.content == b"blue is a colour\n", f"{answer}: not what was uploaded")
    return answer


def by_purpose(done):
    upload(done.session)
    upload(done.session, purpose="vision", name="a.png")
    answer = done.send(query=VERSION + "&purpose=vision")
    expect(answer.json["object"] == "list", f"{answer}: object")
    expect({item["purpose"] for item in answer.json["data"]} == {"vision"}, f"{answer}: others than vision")
    return answer


def all_files(done):
    names = {upload(done.session).json["id"] for _ in range(25)}
    answer = done.send(query=VERSION)
    expect(names <= {item["id"] for item in answer.json["data"]}, f"{answer}: files are not paged")
    return answer


def with_file(done):
    ident = bring_file(done.session, "present", "")
    answer = done.send({"file_id": ident}, query=VERSION)
    expect(answer.status == 200 and answer.json["id"] == ident, f"{answer}: of {ident}")
    expect(answer.json["vector_store_id"] == done.ident, f"{answer}: in another store")
    return answer


def store_with_files(done):
    files = [bring_file(done.session, "present", "") for _ in range(2)]
    answer = done.send({"name": "notes", "file_ids": files}, query=VERSION)
    done.session.advance("1h")
    store = done.session.get(f"/vector_stores/{answer.json['id']}{VERSION}").json
    check_store(store)
    expect(store["file_counts"]["total"] == 2 and store["status"] == "completed", f"{store}: an hour later")
    return answer


def with_files(done):
    files = [bring_file(done.session, "present", "") for _ in range(2)]
    answer = done.send({"file_ids": files}, query=VERSION)
    check_batch(answer.json)
    expect(answer.json["file_counts"]["total"] == 2, f"{answer}: two files")
    return answer


def indexed(state):
    """A file of a store, to a state: its status, the reason if it failed, and how the store counts it."""
    def story(done):
        ident = bring_file(done.session, "present", "")
        answer = done.send({"file_id": ident}, query=VERSION, headers={"X-Dryrun-Outcome": STORE_FILES[state]})
        expect(answer.status == 200, f"{answer}: not taken")
        done.session.advance("1h")
        found = done.session.get(f"/vector_stores/{done.ident}/files/{ident}{VERSION}").json
        check_store_file(found)
        expect(found["status"] == state, f"an hour later it is {found['status']}")
        if state == "failed":
            code = (found["last_error"] or {}).get("code")
            expect(code in ("server_error", "invalid_file", "unsupported_file"), f"last_error of {found}")
        else:
            expect(found["last_error"] is None, f"last_error of {found}")
        store = done.session.get(f"/vector_stores/{done.ident}{VERSION}").json
        counts = {name: int(name in (state, "total")) for name in COUNTS}
        expect(store["file_counts"] == counts, f"file_counts of {store}")
        expect((store["status"] == "in_progress") == (state == "in_progress"), f"the store is {store['status']}")
        for status in COUNTS[:-1]:
            listed = done.session.get(f"/vector_stores/{done.ident}/files{VERSION}&filter={status}").json["data"]
            expect(len(listed) == counts[status], f"filter={status} finds {listed}")
        return answer
    return story


def expires(done):
    """A store expires so many days after it was last active."""
    answer = done.send({"expires_after": {"anchor": "last_active_at", "days": 2}}, query=VERSION)
    store = answer.json
    expect(store["expires_at"] == store["last_active_at"] + 2 * 86400, f"{answer}: expires_at")
    path = f"/vector_stores/{store['id']}{VERSION}"
    done.session.advance("47h")
    expect(done.session.get(path).json["status"] == "completed", "expired before its time")
    done.session.advance("2h")
    seen = done.session.get(path).json["status"]
    expect(seen == "expired", f"after two days it is {seen}")
    return answer


def cancelled_batch(done):
    answer = done.send(query=VERSION)
    done.session.advance("1h")
    batch = done.session.get(done.path.removesuffix("/cancel") + VERSION).json
    check_batch(batch)
    expect(batch["status"] == "cancelled" and batch["file_counts"]["in_progress"] == 0, f"an hour later: {batch}")
    return answer


def stays_with_deleted_run(done):
    """A thread that is deleted is gone, and with it the way to its messages."""
    answer = done.send(query=VERSION)
    found = done.session.get(f"/threads/{done.ident}/messages{VERSION}")
    expect(found.status == 404, f"{found}: messages of a thread that is gone")
    return answer


def twice(done):
    first = done.send(query=VERSION)
    expect(first.status == 200, f"{first}: not deleted")
    return done.send(query=VERSION)


def run_metadata(done):
    answer = done.send({"metadata": {"team": "red"}}, query=VERSION)
    expect(answer.status != 200 or get_run(done.session, done.ident)["metadata"] == {"team": "red"}, f"{answer}: its metadata")
    return answer


STORIES = {
    **{(name, cause): story for name in CHECKS for cause, story in (
        ("in order asc", ordered("asc")), ("in order desc", ordered("desc")), ("before the last", before),
        ("nothing after the last", nothing_after_the_last), ("pages of 1", walk(1, "desc", "after")),
        ("pages of 2 asc", walk(2, "asc", "after")))},
    **{(name, "without a limit"): usual_page for name in CHECKS if name not in ("listRunSteps",)},
    ("listMessages", "of a run"): of_a_run,
    ("createMessage", "words"): in_words, ("createMessage", "blocks"): in_blocks,
    ("createThread", "with messages"): thread_with_messages,
    ("uploadFile", "plain"): uploaded,
    ("uploadFile", "no purpose"): lambda done: upload(done.session, purpose=None),
    ("uploadFile", "no file"): lambda done: upload(done.session, content=None),
    ("getFile", "an hour later"): ready, ("getFileContent", "what was uploaded"): content_of,
    ("listFiles", "by purpose"): by_purpose, ("listFiles", "more than a page"): all_files,
    ("createVectorStoreFile", "plain"): with_file, ("createVectorStore", "with files"): store_with_files,
    ("createVectorStoreFileBatch", "plain"): with_files, ("createVectorStore", "expires"): expires,
    **{("createVectorStoreFile", f"to {state}"): indexed(state) for state in STORE_FILES},
    ("cancelVectorStoreFileBatch", "to its end"): cancelled_batch,
    ("deleteThread", "its messages"): stays_with_deleted_run,
    ("updateRun", "plain"): run_metadata,
    **{(name, "twice"): twice for name in ("deleteAgent", "deleteThread", "deleteFile", "deleteVectorStore",
                                           "deleteVectorStoreFile")},
}
