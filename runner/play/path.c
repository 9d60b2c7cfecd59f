/* SPDX-License-Identifier: Apache-2.0 */
/* x-dryrun-expect-path: the states that answers and events showed, one after the other. */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "core/lifecycle/machine.h"
#include "runner/play/player.h"

struct tracing {
    struct arena *arena;
    const struct arazzo_path *path;
    const char *id;    /* whose states they are; NULL = not known yet */
    const char *other; /* another one that was seen */
    struct {
        VEC(const char *);
    } seen;
};

static void note(struct tracing *tracing, const char *id, const char *state)
{
    size_t count = tracing->seen.count;
    if (id && tracing->id && !text_is(id, tracing->id)) {
        tracing->other = tracing->path->has_id ? NULL : id;
        return;
    }
    tracing->id = tracing->id ? tracing->id : id;
    if (!count || !text_is(tracing->seen.items[count - 1], state))
        vec_push_arena(tracing->arena, &tracing->seen, state);
}

static void look_at(struct tracing *tracing, const struct observed_list *list)
{
    const struct machine *machine = tracing->path->machine;
    const struct observed *observed;
    vec_foreach (observed, list)
        for (size_t i = 0; i < machine->observe_count; i++) {
            const struct observation *row = &machine->observe[i];
            if (!row->schema || !text_is(row->schema, observed->schema))
                continue;
            state_set states =
                row->is != STATE_NONE
                    ? (state_set)1 << row->is
                    : machine_states_of(machine, observed->value, row->state_at, row->partial);
            const cJSON *id = row->id ? pointer_get(observed->value, row->id) : NULL;
            if (state_set_count(states) == 1)
                note(tracing, id ? value_text(tracing->arena, id) : NULL,
                     machine->states[state_set_first(states)].name);
            break;
        }
}

static const char *joined(struct tracing *tracing)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    for (size_t i = 0; i < tracing->seen.count; i++)
        strbuf_addf(&text, "%s%s", i ? " -> " : "", tracing->seen.items[i]);
    const char *copy = arena_strdup(tracing->arena, text.len ? text.buf : "none");
    strbuf_release(&text);
    return copy;
}

const char *path_differs(struct scene *scene, const struct arazzo_path *path, size_t first_step,
                         size_t first_attempt)
{
    const struct played_workflow *played = scene->talk->played;
    struct tracing tracing = {.arena = scene->talk->runner->arena, .path = path};
    const struct arazzo_path_state *state;
    size_t at = 0;
    if (path->has_id) {
        cJSON *id = scene_value(scene, &path->id);
        tracing.id = id ? value_text(tracing.arena, id) : "";
    }
    for (size_t i = first_step; i < played->steps.count; i++)
        for (size_t j = i == first_step ? first_attempt : 0;
             j < played->steps.items[i]->attempts.count; j++) {
            const struct seen *seen = played->steps.items[i]->attempts.items[j]->seen;
            if (!seen || seen->is_doubtful)
                continue;
            look_at(&tracing, &seen->observed);
            for (size_t e = 0; e < seen->events.count; e++)
                look_at(&tracing, &seen->events.items[e].observed);
        }
    if (tracing.other)
        return arena_printf(tracing.arena,
                            "the path is of one %s, but '%s' and '%s' were seen: say which in 'id'",
                            path->machine->name, tracing.id, tracing.other);
    vec_foreach (state, &path->states) {
        if (at < tracing.seen.count && text_is(tracing.seen.items[at], state->name))
            at++;
        else if (!state->may_be_missed)
            break;
    }
    if (at == tracing.seen.count && state == path->states.items + path->states.count)
        return NULL;
    return arena_printf(tracing.arena, "the states of %s%s%s were %s, expected %s",
                        path->machine->name, tracing.id ? " " : "", tracing.id ? tracing.id : "",
                        joined(&tracing), path->text);
}
