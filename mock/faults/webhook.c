/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/webhook.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "mock/faults/set.h"
#include "mock/live.h"
#include "mock/played.h"
#include "mock/state.h"

static const struct fault_parameter late_parameters[] = {
    {.name = "time",
     .type = FAULT_DURATION,
     .fallback = "30s",
     .help = "how much later it goes, by the world's clock"},
    {0},
};

static const struct fault_parameter twice_parameters[] = {
    {.name = "copies",
     .type = FAULT_INTEGER,
     .least = 2,
     .most = 100,
     .fallback = "2",
     .help = "how often the same call is made"},
    {0},
};

const struct fault_kind webhook_faults[] = {
    {.name = "webhook_lost",
     .summary = "a webhook never arrives; the service sees no answer and tries as often as it does",
     .group = FAULT_OF_WEBHOOK},
    {.name = "webhook_twice",
     .summary = "a webhook arrives more than once",
     .group = FAULT_OF_WEBHOOK,
     .parameters = twice_parameters},
    {.name = "webhook_late",
     .summary = "a webhook arrives late; those of the same resource wait behind it",
     .group = FAULT_OF_WEBHOOK,
     .parameters = late_parameters},
    {0},
};

/* By what is sent and how often it was tried: never by when. */
static uint64_t draw_key(void *data)
{
    const struct delivery *delivery = data;
    const struct world *world = delivery->world;
    uint64_t key = draw_hash_text(draw_hash_text(3, delivery->webhook->name), delivery->body);
    key = draw_hash_text(key, delivery->resource->id);
    return draws_key(world->seed, world->name, key, (uint32_t)delivery->tried, DRAW_FAULTS);
}

static nanos act(struct delivery *delivery, const struct fault_hit *hit)
{
    const char *name = hit->fault->kind->name;
    delivery->fault = name;
    if (text_is(name, "webhook_lost"))
        delivery->is_lost = true;
    else if (text_is(name, "webhook_twice"))
        delivery->copies = (unsigned)fault_integer(hit, "copies");
    else if (text_is(name, "webhook_late"))
        return fault_integer(hit, "time");
    return 0;
}

nanos webhook_faults_choose(struct delivery *delivery)
{
    struct world *world = delivery->world;
    struct fault_set *set = &state_of(world)->faults;
    const struct machine *machine =
        delivery->played->kinds[delivery->resource->kind - delivery->played->kind_base]
            .kind->machine;
    const char *state = machine->states[delivery->resource->state].name;
    delivery->is_lost = false;
    delivery->copies = 1;
    delivery->fault = NULL;
    if (!atomic_load_explicit(&set->count, memory_order_relaxed))
        return 0;
    struct fault_subject subject = {
        .provider = delivery->played->provider->name,
        .operation = delivery->webhook->name,
        .method = delivery->method,
        .path = delivery->url,
        .session = world->name,
        .states = &state,
        .state_count = 1,
        .world_now = world_now(world),
        .key = draw_key,
        .key_data = delivery,
    };
    struct arena *arena = arena_new();
    struct fault_hit *hits;
    nanos later = 0;
    size_t count = fault_set_choose(set, &subject, 1u << FAULT_OF_WEBHOOK, arena, &hits);
    for (size_t i = 0; i < count; i++)
        later += act(delivery, &hits[i]);
    arena_free(arena);
    return later;
}
