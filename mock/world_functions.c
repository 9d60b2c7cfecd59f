/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world_functions.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/pointer.h"
#include "core/expr/time_form.h"
#include "mock/blob.h"
#include "mock/body.h"
#include "mock/play.h"
#include "mock/world/scan.h"

/* ---- $find ---- */

enum find_parameter {
    FIND_KIND,
    FIND_ID,
    FIND_WHERE,
    FIND_OF,
    FIND_AT,
    FIND_IN,
    FIND_FIRST,
    FIND_LAST,
    FIND_LIMIT
};

struct finding_out {
    struct play *play;
    const struct kind_play *kind;
    state_set in;
    const struct bound_match *where;
    int64_t limit;
    struct {
        VEC(struct resource *);
    } found;
};

static state_set states_of(const struct machine *machine, const cJSON *in)
{
    state_set states = 0;
    const cJSON *one;
    if (!in)
        return STATES_ANY;
    if (cJSON_IsString(in))
        return machine_states_named(machine, in->valuestring);
    cJSON_ArrayForEach (one, in)
        if (cJSON_IsString(one))
            states |= machine_states_named(machine, one->valuestring);
    return states;
}

static bool is_full(const struct finding_out *out)
{
    return (int64_t)out->found.count >= out->limit;
}

static void consider(struct finding_out *out, struct resource *resource)
{
    if (!resource || is_full(out) || !(out->in & STATE_BIT(resource->state)))
        return;
    if (out->where && match_bound_test(out->where, play_tree(out->play, resource)) != TRUTH_TRUE)
        return;
    vec_push_arena(out->play->arena, &out->found, resource);
}

/* What links to `of`, by the first link that leads to its machine. */
static void consider_related(struct finding_out *out, struct resource *of)
{
    const struct machine *machine = out->kind->kind->machine;
    const struct machine *target = play_machine(out->play, of);
    for (size_t i = 0; i < machine->link_count; i++) {
        if (machine->links[i].machine != target->index)
            continue;
        struct resource *one =
            store_related_first(out->play->world->store, out->kind->index, (unsigned)i, of->id);
        for (; one && !is_full(out); one = store_related_next(one, (unsigned)i))
            consider(out, one);
        return;
    }
}

static bool fits_where(const struct resource *resource, void *data)
{
    struct finding_out *out = data;
    return !out->where ||
           match_bound_test(out->where, play_tree(out->play, (struct resource *)resource)) ==
               TRUTH_TRUE;
}

static void consider_all(struct finding_out *out, bool from_the_end)
{
    struct predicate states = {.test = TEST_STATE, .states = out->in};
    struct scan scan = {.is_backward = from_the_end,
                        .limit = (size_t)out->limit,
                        .predicates = &states,
                        .predicate_count = 1,
                        .fits = fits_where,
                        .data = out};
    struct scan_result result;
    scan_run(store_index(out->play->world->store, out->kind->index), &scan, &result);
    for (size_t i = 0; i < result.count; i++)
        vec_push_arena(out->play->arena, &out->found, result.rows[i]);
    scan_release(&result);
}

static const cJSON *value_of(struct play *play, struct resource *resource, const char *at)
{
    const cJSON *tree = resource ? play_tree(play, resource) : NULL;
    return at ? pointer_get(tree, at) : tree;
}

static const cJSON *find(const struct call *call, struct eval *eval)
{
    struct play *play = eval->host;
    const struct kind *kind = provider_kind(play->played->provider, call_name(call, FIND_KIND));
    const char *at = call_name(call, FIND_AT);
    struct finding_out out = {.play = play, .limit = INT64_MAX};
    if (!kind)
        return eval_problem(eval, "'$find' knows no kind '%s'", call_name(call, FIND_KIND));
    out.kind = played_kind(play->played, kind);
    out.in = states_of(kind->machine, call_value(call, FIND_IN, eval));
    if (call_match(call, FIND_WHERE))
        out.where = match_bind(call_match(call, FIND_WHERE), eval);
    if (call_has(call, FIND_ID)) {
        const char *id = call_text(call, FIND_ID, eval);
        const struct resource *of = play_resource(play, call_value(call, FIND_OF, eval));
        struct resource *found =
            id ? play_find_under(play, kind->machine, of ? of->id : NULL, id) : NULL;
        return value_of(play, found, at);
    }
    bool first = tree_is_true(call_value(call, FIND_FIRST, eval));
    bool last = tree_is_true(call_value(call, FIND_LAST, eval));
    tree_as_int64(call_value(call, FIND_LIMIT, eval), &out.limit);
    if (call_has(call, FIND_OF)) {
        struct resource *of = play_resource(play, call_value(call, FIND_OF, eval));
        if (of)
            consider_related(&out, of);
    } else {
        out.limit = first || last ? 1 : out.limit;
        consider_all(&out, last);
    }
    if (first || last)
        return out.found.count ? value_of(play, out.found.items[last ? out.found.count - 1 : 0], at)
                               : NULL;
    cJSON *list = tree_array(eval->arena);
    for (size_t i = 0; i < out.found.count; i++) {
        const cJSON *value = value_of(play, out.found.items[i], at);
        if (value)
            tree_append(list, tree_copy(eval->arena, value));
    }
    return list;
}

/* ---- $show, $history, $sign ---- */

static const cJSON *show(const struct call *call, struct eval *eval)
{
    struct play *play = eval->host;
    const cJSON *value = call_value(call, 0, eval), *item;
    struct resource *resource = play_resource(play, value);
    if (resource)
        return body_show(play, resource, NULL);
    if (!cJSON_IsArray(value))
        return value;
    cJSON *list = tree_array(eval->arena);
    cJSON_ArrayForEach (item, value) {
        resource = play_resource(play, item);
        tree_append(list,
                    resource ? body_show(play, resource, NULL) : tree_copy(eval->arena, item));
    }
    return list;
}

static const char *state_name(const struct machine *machine, uint8_t state)
{
    return state == MOVE_ABSENT ? "absent" : machine->states[state].name;
}

static const cJSON *history(const struct call *call, struct eval *eval)
{
    struct play *play = eval->host;
    struct resource *resource = play_resource(play, call_value(call, 0, eval));
    cJSON *list = tree_array(eval->arena);
    if (!resource)
        return NULL;
    const struct machine *machine = play_machine(play, resource);
    for (uint32_t i = 0; i < resource->moves.count; i++) {
        const struct move_record *move = &resource->moves.items[i];
        cJSON *one = tree_object(eval->arena);
        tree_set(eval->arena, one, "seq",
                 tree_integer(eval->arena, resource->moves.dropped + i + 1));
        tree_set_string(eval->arena, one, "from", state_name(machine, move->from));
        tree_set_string(eval->arena, one, "to", state_name(machine, move->to));
        tree_set(eval->arena, one, "at", time_form_node(eval->time_form, move->at, eval->arena));
        const char *cause = store_cause(play->world->store, move).name;
        if (cause)
            tree_set_string(eval->arena, one, "cause", cause);
        tree_append(list, one);
    }
    return list;
}

static const cJSON *sign(const struct call *call, struct eval *eval)
{
    struct play *play = eval->host;
    struct resource *resource = play_resource(play, call_value(call, 1, eval));
    nanos expires = 0;
    if (!resource || duration_read(call_value(call, 2, eval), &expires))
        return eval_problem(eval, "'$sign' needs a resource and how long the link is good");
    return tree_string(eval->arena,
                       blob_sign(play, call_name(call, 0), resource, eval->now + expires));
}

/* ---- the table: the rows that loading knows, with what they do ---- */

static const struct world_function {
    const char *name;
    const cJSON *(*eval)(const struct call *call, struct eval *eval);
} world_rows[] = {{"$find", find}, {"$history", history}, {"$show", show}, {"$sign", sign}};

const struct function_table *world_functions_new(struct arena *arena)
{
    struct function_table *table = arena_alloc(arena, sizeof *table);
    struct function *rows =
        arena_copy(arena, world_signatures.rows, world_signatures.count * sizeof *rows);
    for (size_t i = 0; i < world_signatures.count; i++)
        for (size_t j = 0; j < sizeof world_rows / sizeof *world_rows; j++)
            if (text_is(rows[i].name, world_rows[j].name))
                rows[i].eval = world_rows[j].eval;
    *table = (struct function_table){rows, world_signatures.count, &core_functions};
    return table;
}
