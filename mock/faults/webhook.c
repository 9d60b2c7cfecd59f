/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/webhook.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "mock/faults/set.h"
#include "mock/live.h"
#include "mock/played.h"
#include "mock/state.h"

#include <stdio.h>

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

static const struct fault_parameter early_parameters[] = {
    {.name = "reads",
     .type = FAULT_INTEGER,
     .least = 1,
     .most = 1e6,
     .fallback = "1",
     .help = "so many reads of the resource by its id still answer the state before"},
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
    {.name = "webhook_early",
     .summary = "a webhook arrives before reads show what it tells",
     .group = FAULT_OF_WEBHOOK,
     .parameters = early_parameters},
    {0},
};

/* What the webhook tells is there already; the reads that follow it do not show it yet. */
static void be_early(struct delivery *delivery, const struct fault_hit *hit)
{
    const long long reads = (long long)fault_integer(hit, "reads");
    char header[64];
    snprintf(header, sizeof header, "stale_read=%lld", reads);
    struct fault_plan *plan = fault_plan_of_header(header, NULL);
    struct fault *fault = &plan->faults[0];
    const char **globs = arena_alloc(plan->arena, 2 * sizeof *globs);
    globs[0] = arena_strdup(plan->arena, delivery->played->provider->name);
    globs[1] = arena_printf(plan->arena, "*/%s", delivery->resource->id);
    fault->match.providers = (struct fault_globs){globs, 1};
    fault->match.paths = (struct fault_globs){globs + 1, 1};
    fault->times = (uint64_t)reads;
    fault->text = arena_printf(plan->arena,
                               "{\"fault\":\"stale_read\",\"with\":{\"reads\":%lld},\"match\":"
                               "{\"provider\":\"%s\",\"path\":\"%s\"},\"times\":%lld}",
                               reads, globs[0], globs[1], reads);
    fault_set_add(&state_of(delivery->world)->faults, plan, world_now(delivery->world));
    fault_plan_unref(plan);
}

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
    else if (!delivery->tried)
        be_early(delivery, hit);
    return 0;
}

nanos webhook_faults_choose(struct delivery *delivery)
{
    struct world *world = delivery->world;
    struct fault_set *set = &state_of(world)->faults;
    const struct resource *resource = delivery->resource;
    const struct kind_play *kind =
        played_at(state_unit_of(world, delivery->played), resource->kind);
    const char *state = resource->is_deleted || !kind
                            ? "absent"
                            : kind->kind->machine->states[resource->state].name;
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
