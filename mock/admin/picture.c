/* SPDX-License-Identifier: Apache-2.0 */
/* A resource's machine as a picture, painted with the way that it has gone. */
#include "core/base/str.h"
#include "core/graph/graph.h"
#include "mock/admin/handlers.h"
#include "mock/admin/resources.h"

struct way {
    const struct provider *provider;
    const struct machine *machine;
    const char *state; /* where it is now */
    struct {
        VEC(struct way_move);
    } moves;
};

struct way_move {
    const char *from, *to;
};

static const char *name_of(const struct machine *machine, uint8_t state)
{
    return state == MOVE_ABSENT || state >= machine->state_count ? "absent"
                                                                 : machine->states[state].name;
}

/* With the lock held; the names are the provider's. */
static void take_way(struct arena *arena, const struct found_resource *found, struct way *way)
{
    const struct move_log *log = &found->resource->moves;
    way->provider = found->kind->played->provider;
    way->machine = found->kind->kind->machine;
    way->state = resource_state(found->kind, found->resource);
    for (size_t i = 0; i < log->count; i++) {
        struct way_move move = {name_of(way->machine, log->items[i].from),
                                name_of(way->machine, log->items[i].to)};
        vec_push_arena(arena, &way->moves, move);
    }
}

/* What it has not met yet is left as it is: that is no fault. */
static long long times_met(const void *context, const char *machine, const char *from,
                           const char *to)
{
    const struct way *way = context;
    const struct way_move *move;
    long long times = 0;
    (void)machine;
    vec_foreach (move, &way->moves)
        times += text_is(move->to, to) && (!from || text_is(move->from, from));
    return times ? times : GRAPH_UNPAINTED;
}

void admin_picture(struct admin_call *call)
{
    struct resource_filter filter = resource_filter_read(call);
    struct way way = {0};
    int status = 0;
    const char *detail = NULL;
    if (admin_refuse_problems(call))
        return;
    admin_look(call);
    struct found_resource found = resource_lookup(call, call->values[0], &filter, &status, &detail);
    if (found.resource)
        take_way(call->arena, &found, &way);
    world_unlock(call->world);
    if (!found.resource) {
        resource_refuse(call, status, detail);
        return;
    }
    struct graph *graph = graph_new(call->arena, way.provider, way.machine);
    struct strbuf text = STRBUF_INIT(LIMIT_BODY);
    graph_paint(graph, times_met, &way);
    graph_mark(graph, way.state);
    graph_print_svg(graph, &text);
    admin_reply_text(call, 200, "image/svg+xml", &text);
    strbuf_release(&text);
}
