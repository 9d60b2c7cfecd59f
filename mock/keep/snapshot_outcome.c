/* SPDX-License-Identifier: Apache-2.0 */
/* An outcome that plays, as data: which one, where it stands in its steps, and what it remembers.
 */
#include "core/base/draw.h"
#include "mock/keep/snapshot_parts.h"

/* The step that the frame below is in. */
static const struct step *frame_parent(const struct step_frame *frames, size_t index)
{
    const struct step_frame *below = &frames[index - 1];
    return &below->steps->items[below->index - 1];
}

uint64_t outcome_fingerprint(const struct outcome *outcome, const struct step_frame *frames,
                             size_t count)
{
    uint64_t hash = outcome->fingerprint;
    for (size_t i = 1; i < count; i++) {
        const struct step *step = frame_parent(frames, i);
        if (step->verb == VERB_DO && step->run.script &&
            frames[i].steps == &step->run.script->steps)
            hash = draw_hash(hash, &step->run.script->fingerprint, sizeof(uint64_t));
    }
    return hash;
}

/* How the steps of a frame are reached from the step that the frame below is in. */
static const char *frame_kind(const struct step_frame *frames, size_t index)
{
    if (!index)
        return "steps";
    const struct step *step = frame_parent(frames, index);
    if (frames[index].steps == &step->otherwise)
        return "else";
    return frames[index].kind == FRAME_EACH     ? "each"
           : frames[index].kind == FRAME_REPEAT ? "repeat"
                                                : "do";
}

static void open_item(struct strbuf *text)
{
    if (text->buf[text->len - 1] != '[')
        strbuf_addch(text, ',');
    strbuf_addch(text, '{');
}

static void put_frames(struct strbuf *text, const struct snap_outcome *outcome)
{
    state_put_name(text, "frames");
    strbuf_addch(text, '[');
    for (size_t i = 0; i < outcome->frame_count; i++) {
        const struct step_frame *frame = &outcome->frames[i];
        open_item(text);
        state_put_text(text, "in", frame_kind(outcome->frames, i));
        state_put_number(text, "step", (int64_t)frame->index);
        state_put_flag(text, "waited", frame->waited);
        state_put_flag(text, "gated", frame->gated);
        state_put_count(text, "round", frame->round);
        state_put_tree(text, "items", frame->array);
        state_put_flag(text, "has_with", frame->has_with);
        if (frame->has_with)
            state_put_tree(text, "outer_with", frame->outer_with);
        strbuf_addch(text, '}');
    }
    strbuf_addch(text, ']');
}

static void put_names(struct strbuf *text, const struct snap_outcome *outcome)
{
    state_put_name(text, "names");
    strbuf_addch(text, '[');
    for (size_t i = 0; i < outcome->name_count; i++) {
        const struct snap_name *name = &outcome->names[i];
        open_item(text);
        state_put_text(text, "name", name->name);
        if (name->serial)
            state_put_number(text, "resource", (int64_t)name->serial);
        else
            state_put_tree(text, "value", name->value);
        strbuf_addch(text, '}');
    }
    strbuf_addch(text, ']');
}

static void put_request(struct strbuf *text, const struct request_snapshot *request)
{
    if (!request->method)
        return;
    state_put_name(text, "request");
    strbuf_addch(text, '{');
    state_put_text(text, "method", request->method);
    state_put_text(text, "url", request->url);
    state_put_tree(text, "path", request->path);
    state_put_tree(text, "query", request->query);
    state_put_tree(text, "body", request->body);
    if (request->sent != request->body)
        state_put_tree(text, "sent", request->sent);
    strbuf_addch(text, '}');
}

void snapshot_put_outcome(struct strbuf *text, const struct snap_outcome *outcome)
{
    static const char *const statuses[] = {"due", "halted", "signal", "queued"};
    const struct playing *playing = outcome->playing;
    state_put_name(text, "outcome");
    strbuf_addch(text, '{');
    state_put_text(text, "name", playing->outcome->name);
    state_put_hex(text, "fingerprint",
                  outcome_fingerprint(playing->outcome, outcome->frames, outcome->frame_count));
    state_put_text(text, "status", statuses[outcome->status]);
    if (outcome->sequence) {
        state_put_instant(text, "due", outcome->due);
        state_put_number(text, "order", (int64_t)outcome->sequence);
    }
    state_put_text(text, "signal", outcome->signal);
    state_put_text(text, "queue", playing->queue);
    state_put_count(text, "queued", outcome->queued);
    state_put_hex(text, "draw_key", playing->draw_key);
    state_put_count(text, "drawn", outcome->drawn);
    put_names(text, outcome);
    put_frames(text, outcome);
    put_request(text, &outcome->request);
    strbuf_addch(text, '}');
}
