/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The faults of one world: rules with their counters. Has a lock of its own, below the world's; an
 * empty set costs a request one read. What was chosen for an exchange stays valid for it, whoever
 * removes the rule meanwhile.
 */
#pragma once

#include "mock/faults/plan.h"

#include <pthread.h>

/* What a rule remembers between requests; guarded by the set's lock. */
struct fault_memory {
    nanos window;  /* when the one that runs began */
    uint64_t used; /* in it */
};

struct fault_rule {
    _Atomic unsigned references;
    uint64_t id; /* in its set, from 1 */
    struct fault_plan *plan;
    const struct fault *fault;
    uint64_t matched, applied; /* guarded by the set's lock, as the rest */
    nanos real_start, world_start;
    bool is_passing; /* made by another fault: it goes when it is used up */
    struct fault_memory memory;
    struct map *memories; /* struct fault_memory by credential; NULL = none yet */
};

/* A rule that applies to one exchange (or delivery). */
struct fault_hit {
    const struct fault *fault;
    struct fault_rule *rule; /* a reference; NULL: of a header, for this request alone */
    struct fault_set *set;
    uint64_t key;      /* for what it draws: of seed, request and rule */
    const char *note;  /* what it did, told behind its name: "at=/status"; NULL */
    bool has_had_turn; /* before the service saw the request */
    bool has_acted;    /* within the play, or in its stream */
    bool is_idle;      /* it found nothing to do: not told, not counted */
};

struct fault_set {
    pthread_mutex_t lock;
    _Atomic size_t count; /* of rules; read without the lock */
    struct {
        struct fault_rule **items;
        size_t size, cap;
    } rules;
    uint64_t next_id;
};

/* What rules are matched against. Texts that are not known are NULL: only rules that do not ask
 * for them fit. */
struct fault_subject {
    const char *provider, *operation, *method, *path, *session;
    const char *const *states; /* of the resources that are named */
    size_t state_count;
    const struct http_request *request; /* for headers; may be NULL */
    nanos world_now;
    uint64_t (*key)(void *data); /* asked when something is drawn */
    void *key_data;
};

void fault_set_init(struct fault_set *set);
void fault_set_release(struct fault_set *set);
/* Adds the plan's rules behind those that are there; `world_now` begins their `for`. */
void fault_set_add(struct fault_set *set, struct fault_plan *plan, nanos world_now);
/* Rules that another fault makes: they go when they are used up, and only the newest
 * FAULTS_PASSING stay, however many webhooks there are. */
enum { FAULTS_PASSING = 128 };
void fault_set_add_passing(struct fault_set *set, struct fault_plan *plan, nanos world_now);
/* Unless rules of it are there. */
void fault_set_add_once(struct fault_set *set, struct fault_plan *plan, nanos world_now);
/* Removes the rule of this id, or all when it is 0. How many there were. */
size_t fault_set_remove(struct fault_set *set, uint64_t id);
/* Whether a rule that may still apply asks for states. */
bool fault_set_asks_states(struct fault_set *set);
/* The hit found nothing to do: its rule has not been applied. */
void fault_set_take_back(struct fault_set *set, const struct fault_hit *hit);
/*
 * The rules that apply, in order, in the arena (which gives their references back at its end).
 * `group_mask` has a bit for each enum fault_group that is looked at.
 */
size_t fault_set_choose(struct fault_set *set, const struct fault_subject *subject,
                        unsigned group_mask, struct arena *arena, struct fault_hit **hits);

/* Values of the hit's parameters by name; a name that the row does not have is a bug (asserts). */
int64_t fault_integer(const struct fault_hit *hit, const char *name);
double fault_number(const struct fault_hit *hit, const char *name);
const char *fault_text(const struct fault_hit *hit, const char *name); /* NULL = not given */
bool fault_is_given(const struct fault_hit *hit, const char *name);
