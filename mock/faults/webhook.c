/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/webhook.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/data/json.h"
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

/* ---- what they do ---- */

static nanos lose(struct delivery *delivery, const struct fault_hit *hit)
{
    (void)hit;
    delivery->is_lost = true;
    return 0;
}

static nanos multiply(struct delivery *delivery, const struct fault_hit *hit)
{
    delivery->copies = (unsigned)fault_integer(hit, "copies");
    return 0;
}

static nanos delay(struct delivery *delivery, const struct fault_hit *hit)
{
    (void)delivery;
    return fault_integer(hit, "time");
}

/* The id as it is, whatever it holds. */
static const char *glob_of_id(struct arena *arena, const char *id)
{
    char *glob = arena_alloc(arena, 2 * strlen(id) + sizeof "*/"), *to = glob;
    *to++ = '*';
    *to++ = '/';
    for (; *id; id++) {
        if (strchr("*?[]\\", *id))
            *to++ = '\\';
        *to++ = *id;
    }
    return glob;
}

static const char *shown_rule(const struct fault *fault, struct arena *arena)
{
    cJSON *rule = tree_object(arena), *with = tree_object(arena), *match = tree_object(arena);
    tree_set_string(arena, rule, "fault", fault->kind->name);
    tree_set(arena, with, "reads", tree_integer(arena, (int64_t)fault->times));
    tree_set(arena, rule, "with", with);
    tree_set_string(arena, match, "provider", fault->match.providers.items[0]);
    tree_set_string(arena, match, "path", fault->match.paths.items[0]);
    tree_set(arena, rule, "match", match);
    tree_set(arena, rule, "times", tree_integer(arena, (int64_t)fault->times));
    return json_text(arena, rule);
}

/* What the webhook tells is there already; the reads that follow it do not show it yet. */
static nanos be_early(struct delivery *delivery, const struct fault_hit *hit)
{
    if (delivery->tried)
        return 0;
    char header[64];
    snprintf(header, sizeof header, "stale_read=%lld", (long long)fault_integer(hit, "reads"));
    struct fault_plan *plan = fault_plan_of_header(header, NULL);
    struct fault *fault = &plan->faults[0];
    const char **globs = arena_alloc(plan->arena, 2 * sizeof *globs);
    globs[0] = arena_strdup(plan->arena, delivery->played->provider->name);
    globs[1] = glob_of_id(plan->arena, delivery->resource->id);
    fault->match.providers = (struct fault_globs){globs, 1};
    fault->match.paths = (struct fault_globs){globs + 1, 1};
    fault->times = (uint64_t)fault_integer(hit, "reads");
    fault->text = shown_rule(fault, plan->arena);
    fault_set_add_passing(&state_of(delivery->world)->faults, plan, world_now(delivery->world));
    fault_plan_unref(plan);
    return 0;
}

const struct fault_kind webhook_faults[] = {
    {.name = "webhook_lost",
     .summary = "a webhook never arrives; the service sees no answer and tries as often as it does",
     .group = FAULT_OF_WEBHOOK,
     .delivers = lose},
    {.name = "webhook_twice",
     .summary = "a webhook arrives more than once",
     .group = FAULT_OF_WEBHOOK,
     .parameters = twice_parameters,
     .delivers = multiply},
    {.name = "webhook_late",
     .summary = "a webhook arrives late; those of the same resource wait behind it",
     .group = FAULT_OF_WEBHOOK,
     .parameters = late_parameters,
     .delivers = delay},
    {.name = "webhook_early",
     .summary = "a webhook arrives before reads show what it tells",
     .group = FAULT_OF_WEBHOOK,
     .parameters = early_parameters,
     .delivers = be_early},
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
    for (size_t i = 0; i < count; i++) {
        delivery->fault = hits[i].fault->kind->name;
        later += hits[i].fault->kind->delivers(delivery, &hits[i]);
    }
    arena_free(arena);
    return later;
}
