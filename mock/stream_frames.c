/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/expr/criterion.h"
#include "core/expr/expr.h"
#include "core/expr/template.h"
#include "core/expr/time_form.h"
#include "core/net/sse.h"
#include "mock/stream_parts.h"
#include "mock/world_view.h"

static cJSON *snapshot_tree(struct arena *arena, const struct happening *happening)
{
    cJSON *tree = json_parse(arena, happening->view->bytes, happening->view->len, NULL, NULL);
    cJSON *hidden = happening->hidden ? json_parse(arena, happening->hidden->bytes,
                                                   happening->hidden->len, NULL, NULL)
                                      : NULL;
    const cJSON *member;
    cJSON_ArrayForEach (member, hidden)
        tree_set(arena, tree, member->string, tree_copy(arena, member));
    return tree;
}

static cJSON *event_tree(struct play *play, const struct happening *happening)
{
    struct arena *arena = play->arena;
    cJSON *event = tree_object(arena);
    tree_set_string(arena, event, "name", happening->name);
    tree_set(arena, event, "number", tree_integer(arena, (int64_t)happening->number));
    tree_set(arena, event, "at", time_form_node(play->eval.time_form, happening->at, arena));
    if (happening->data)
        tree_set(arena, event, "data",
                 json_parse(arena, happening->data->bytes, happening->data->len, NULL, NULL));
    return event;
}

static bool frame_fits(struct play *play, const struct frame *frame,
                       const struct happening *happening)
{
    const struct lifecycle *frames_of = play->exchange->played->provider->lifecycle;
    const struct kind *kind = happening->kind->kind;
    bool named = !frame->name_count;
    if (frame->machine >= 0 &&
        !text_is(frames_of->machines[frame->machine].name, kind->machine->name))
        return false;
    for (size_t i = 0; i < frame->name_count && !named; i++)
        named = text_is(frame->names[i], happening->name);
    return named && criterion_gate(frame->when, frame->unless, &play->eval) == TRUTH_TRUE;
}

static void write_framed(struct streaming *streaming, const char *event, const char *id,
                         const char *data)
{
    if (streaming->style->framing == FRAMING_SSE)
        sse_write(&streaming->out, event, id, data ? data : "", data ? strlen(data) : 0);
    else
        strbuf_addf(&streaming->out, "%s\n", data ? data : "null");
}

/* A text is sent as it is ("[DONE]"), everything else as one line of ASCII JSON. */
static const char *data_text(struct arena *arena, const cJSON *data)
{
    if (cJSON_IsString(data))
        return data->valuestring;
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(data, JSON_COMPACT | JSON_ASCII, &text);
    const char *copy = arena_strndup(arena, text.buf, text.len);
    strbuf_release(&text);
    return copy;
}

void stream_write_frame(struct streaming *streaming, const struct frame *frame,
                        const cJSON *fallback)
{
    struct play *play = &streaming->exchange->play;
    if (criterion_gate(frame->when, frame->unless, &play->eval) != TRUTH_TRUE)
        return;
    const char *id = template_text(frame->id, &play->eval);
    const char *event = template_text(frame->event, &play->eval);
    const cJSON *data = frame->data ? template_value(frame->data, &play->eval) : fallback;
    size_t from = streaming->out.len;
    write_framed(streaming, event, id, data ? data_text(play->arena, data) : NULL);
    if (streaming->faults && !streaming->is_pinging)
        stream_faults_frame(streaming->faults, &streaming->out, from, streaming->role);
}

/* Whether a frame sends the resource itself, not only members of it. */
static bool sends_whole(const struct frame *frame, const struct kind *kind)
{
    const struct uses *uses = frame->data ? template_uses(frame->data) : NULL;
    for (size_t i = 0; uses && i < uses->count; i++) {
        const struct expr *expr = uses->items[i].expr;
        if (expr && text_is(expr_pointer(expr), "") &&
            (text_is(expr_root(expr), kind->name) || text_is(expr_root(expr), kind->machine->name)))
            return true;
    }
    return false;
}

/* From here on it is what an answer would show. */
static void hide(struct play *play, const struct kind_play *kind, cJSON *whole)
{
    for (size_t i = 0; i < kind->kind->hidden_count; i++)
        tree_remove(whole, kind->kind->hidden[i] + 1);
    for (size_t i = 0; i < kind->unset_count; i++)
        if (!tree_get(whole, kind->unset[i].name))
            tree_set(play->arena, whole, kind->unset[i].name, tree_null(play->arena));
}

/* What a frame is made of: the happening, and the resource as its snapshot shows it. */
struct told {
    cJSON *event, *whole;
};

/* In an env of its own, which the caller ends: the row that sends it; NULL: none does. */
static const struct frame *find_frame(struct streaming *streaming,
                                      const struct happening *happening, struct told *told)
{
    struct play *play = &streaming->exchange->play;
    const struct kind *kind = happening->kind->kind;
    cJSON *event = event_tree(play, happening), *whole = snapshot_tree(play->arena, happening);
    *told = (struct told){event, whole};
    if (streaming->style->numbers_frames)
        tree_set(play->arena, event, "number",
                 tree_integer(play->arena, (int64_t)streaming->framed + 1));
    play->env = env_new(play->arena, play->env);
    world_view_bind(play, streaming->root);
    play_bind(play, kind->name, whole);
    play_bind(play, kind->machine->name, whole);
    play_bind(play, "event", event);
    for (size_t i = 0; i < streaming->style->frame_count; i++)
        if (frame_fits(play, &streaming->style->frames[i], happening))
            return &streaming->style->frames[i];
    return NULL;
}

/* Hidden members can be read, but are not sent with the resource. */
void stream_write_happening(struct streaming *streaming, const struct happening *happening)
{
    struct play *play = &streaming->exchange->play;
    struct env *outer = play->env;
    struct told told;
    const struct frame *frame = find_frame(streaming, happening, &told);
    if (frame && sends_whole(frame, happening->kind->kind))
        hide(play, happening->kind, told.whole);
    if (frame && frame->is_marker)
        streaming->role = FRAME_MARKER;
    if (frame && ++streaming->framed > streaming->skipped)
        stream_write_frame(streaming, frame, tree_get(told.event, "data"));
    play->env = outer;
}

uint64_t stream_last_event(struct streaming *streaming)
{
    struct play *play = &streaming->exchange->play;
    struct env *outer = play->env;
    const struct happening *happening;
    uint64_t last = 0;
    for (uint64_t seen = streaming->seen; (happening = events_after(streaming->root, seen));
         seen = happening->number) {
        struct told told;
        const struct frame *frame = find_frame(streaming, happening, &told);
        if (frame && !frame->is_marker)
            last = happening->number;
        play->env = outer;
    }
    return last;
}
