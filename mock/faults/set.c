/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "mock/faults/set.h"

#include "core/base/draw.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#include <assert.h>
#include <fnmatch.h>

/* ---- rules ---- */

static struct fault_rule *rule_ref(struct fault_rule *rule)
{
    atomic_fetch_add_explicit(&rule->references, 1, memory_order_relaxed);
    return rule;
}

static void rule_unref(void *data)
{
    struct fault_rule *rule = data;
    if (atomic_fetch_sub_explicit(&rule->references, 1, memory_order_acq_rel) != 1)
        return;
    fault_plan_unref(rule->plan);
    for (const struct map_entry *at = rule->memories ? map_first(rule->memories) : NULL; at;
         at = at->next)
        mem_free(at->value);
    map_free(rule->memories);
    mem_free(rule);
}

void fault_set_init(struct fault_set *set)
{
    *set = (struct fault_set){.next_id = 1};
    pthread_mutex_init(&set->lock, NULL);
}

void fault_set_release(struct fault_set *set)
{
    fault_set_remove(set, 0);
    mem_free(set->rules.items);
    pthread_mutex_destroy(&set->lock);
}

/* With the lock. */
static void push(struct fault_set *set, struct fault_rule *rule)
{
    if (set->rules.size == set->rules.cap) {
        set->rules.cap = set->rules.cap ? set->rules.cap * 2 : 8;
        set->rules.items = mem_realloc(set->rules.items, set->rules.cap * sizeof *set->rules.items);
    }
    set->rules.items[set->rules.size++] = rule;
}

/* With the lock. */
static void add(struct fault_set *set, struct fault_plan *plan, nanos world_now, bool is_passing)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct fault_rule *rule = mem_alloc(sizeof *rule);
        *rule = (struct fault_rule){
            .id = set->next_id++,
            .plan = fault_plan_ref(plan),
            .fault = &plan->faults[i],
            .real_start = instant_monotonic_now(),
            .world_start = world_now,
            .is_passing = is_passing,
        };
        atomic_init(&rule->references, 1);
        push(set, rule);
    }
    atomic_store(&set->count, set->rules.size);
}

void fault_set_add(struct fault_set *set, struct fault_plan *plan, nanos world_now)
{
    pthread_mutex_lock(&set->lock);
    add(set, plan, world_now, false);
    pthread_mutex_unlock(&set->lock);
}

/* With the lock: those that are used up, and the oldest beyond what may stay. */
static void drop_passing(struct fault_set *set)
{
    size_t passing = 0, kept = 0;
    for (size_t i = 0; i < set->rules.size; i++)
        passing += set->rules.items[i]->is_passing;
    for (size_t i = 0; i < set->rules.size; i++) {
        struct fault_rule *rule = set->rules.items[i];
        bool is_spent = rule->is_passing && rule->applied >= rule->fault->times;
        if (is_spent || (rule->is_passing && passing >= FAULTS_PASSING)) {
            passing--;
            rule_unref(rule);
        } else {
            set->rules.items[kept++] = rule;
        }
    }
    set->rules.size = kept;
}

void fault_set_add_passing(struct fault_set *set, struct fault_plan *plan, nanos world_now)
{
    pthread_mutex_lock(&set->lock);
    drop_passing(set);
    add(set, plan, world_now, true);
    pthread_mutex_unlock(&set->lock);
}

void fault_set_add_once(struct fault_set *set, struct fault_plan *plan, nanos world_now)
{
    bool is_there = false;
    pthread_mutex_lock(&set->lock);
    for (size_t i = 0; i < set->rules.size; i++)
        is_there |= set->rules.items[i]->plan == plan;
    if (!is_there)
        add(set, plan, world_now, false);
    pthread_mutex_unlock(&set->lock);
}

size_t fault_set_remove(struct fault_set *set, uint64_t id)
{
    size_t kept = 0;
    pthread_mutex_lock(&set->lock);
    size_t before = set->rules.size;
    for (size_t i = 0; i < before; i++) {
        struct fault_rule *rule = set->rules.items[i];
        if (id && rule->id != id)
            set->rules.items[kept++] = rule;
        else
            rule_unref(rule);
    }
    set->rules.size = kept;
    atomic_store(&set->count, kept);
    pthread_mutex_unlock(&set->lock);
    return before - kept;
}

/* ---- which apply ---- */

static bool globs_fit(const struct fault_globs *globs, const char *text, int flags)
{
    for (size_t i = 0; text && i < globs->count; i++)
        if (fnmatch(globs->items[i], text, flags) == 0)
            return true;
    return !globs->count;
}

static bool states_fit(const struct fault_globs *globs, const struct fault_subject *subject)
{
    for (size_t i = 0; i < subject->state_count; i++)
        if (globs_fit(globs, subject->states[i], 0))
            return true;
    return !globs->count;
}

static bool headers_fit(const struct fault_match *match, const struct http_request *request)
{
    for (size_t i = 0; i < match->header_count; i++) {
        const char *value = request ? http_request_header(request, match->headers[i].name) : NULL;
        if (!value || fnmatch(match->headers[i].glob, value, 0) != 0)
            return false;
    }
    return true;
}

static bool subject_fits(const struct fault_match *match, const struct fault_subject *subject)
{
    return globs_fit(&match->providers, subject->provider, 0) &&
           globs_fit(&match->operations, subject->operation, 0) &&
           globs_fit(&match->methods, subject->method, FNM_CASEFOLD) &&
           globs_fit(&match->paths, subject->path, 0) &&
           globs_fit(&match->sessions, subject->session, 0) &&
           states_fit(&match->states, subject) && headers_fit(match, subject->request);
}

static bool is_over(const struct fault_rule *rule, const struct fault_subject *subject)
{
    const struct fault *fault = rule->fault;
    nanos now = fault->is_of_world_time ? subject->world_now : instant_monotonic_now();
    nanos start = fault->is_of_world_time ? rule->world_start : rule->real_start;
    return (fault->times && rule->applied >= fault->times) ||
           (fault->lasts && now - start >= fault->lasts);
}

static uint64_t key_of(const struct fault_rule *rule, const struct fault_subject *subject)
{
    uint64_t parts[] = {subject->key ? subject->key(subject->key_data) : 0, rule->id};
    return draw_hash(0, parts, sizeof parts);
}

/* With the lock: counts it, and says whether it is this one's turn. */
static bool applies(struct fault_rule *rule, const struct fault_subject *subject, uint64_t *key)
{
    const struct fault *fault = rule->fault;
    if (!subject_fits(&fault->match, subject) || is_over(rule, subject))
        return false;
    uint64_t nth = ++rule->matched;
    if (fault->first && (nth < fault->first || nth > fault->last))
        return false;
    if (fault->every && (nth - (fault->first ? fault->first - 1 : 0)) % fault->every != 0)
        return false;
    *key = key_of(rule, subject);
    struct draw draw = draw_from(draw_hash_text(*key, "probability"));
    if (fault->probability < 1 && draw_unit(&draw) >= fault->probability)
        return false;
    rule->applied++;
    return true;
}

bool fault_set_asks_states(struct fault_set *set)
{
    bool asks = false;
    pthread_mutex_lock(&set->lock);
    for (size_t i = 0; i < set->rules.size; i++)
        asks |= set->rules.items[i]->fault->match.states.count > 0;
    pthread_mutex_unlock(&set->lock);
    return asks;
}

size_t fault_set_choose(struct fault_set *set, const struct fault_subject *subject,
                        unsigned group_mask, struct arena *arena, struct fault_hit **hits)
{
    size_t count = 0;
    *hits = NULL;
    if (!atomic_load_explicit(&set->count, memory_order_relaxed))
        return 0;
    pthread_mutex_lock(&set->lock);
    *hits = arena_alloc(arena, (set->rules.size + 1) * sizeof **hits);
    for (size_t i = 0; i < set->rules.size; i++) {
        struct fault_rule *rule = set->rules.items[i];
        uint64_t key = 0;
        if (!(group_mask & 1u << rule->fault->kind->group) || !applies(rule, subject, &key))
            continue;
        arena_defer(arena, rule_unref, rule_ref(rule));
        (*hits)[count++] =
            (struct fault_hit){.fault = rule->fault, .rule = rule, .set = set, .key = key};
    }
    pthread_mutex_unlock(&set->lock);
    return count;
}

void fault_set_take_back(struct fault_set *set, const struct fault_hit *hit)
{
    pthread_mutex_lock(&set->lock);
    hit->rule->applied--;
    pthread_mutex_unlock(&set->lock);
}

/* ---- values ---- */

static const struct fault_value *value_of(const struct fault_hit *hit, const char *name)
{
    const struct fault_parameter *parameters = hit->fault->kind->parameters;
    size_t i = 0;
    while (parameters[i].name && !text_is(parameters[i].name, name))
        i++;
    assert(parameters[i].name);
    return &hit->fault->values[i];
}

int64_t fault_integer(const struct fault_hit *hit, const char *name)
{
    return value_of(hit, name)->integer;
}

double fault_number(const struct fault_hit *hit, const char *name)
{
    return value_of(hit, name)->number;
}

const char *fault_text(const struct fault_hit *hit, const char *name)
{
    return value_of(hit, name)->text;
}

bool fault_is_given(const struct fault_hit *hit, const char *name)
{
    return value_of(hit, name)->is_given;
}
