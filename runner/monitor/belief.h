/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an outsider may believe of the resources of one world: for each the set of states it may be
 * in, and the members it last showed. Between two exchanges a service may move by itself, so a set
 * grows by its machine's moves, unless the clock is known to have stood still and nobody has asked
 * for a change; what members show grows old in the same way. This file knows sets and ages; what
 * rows and observations make of them is runner/monitor/monitor.c's.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/instant.h"
#include "core/base/vec.h"
#include "core/lifecycle/machine.h"

struct seen;
struct given;

/* When somebody looks, or acts. */
struct moment {
    bool is_virtual; /* the clock is the world's own; else any time may have passed */
    bool is_loose;   /* this exchange overlaps others: before or after them, nobody knows */
    nanos at;
    uint64_t changes; /* changes asked for so far; each may have set off more */
};

struct belief {
    const struct machine *machine;
    const char *id;

    state_set states;           /* where it was when last told */
    state_set earlier;          /* where it was before the exchanges that overlapped */
    nanos at;                   /* when it was told */
    uint64_t changes;           /* the count then */
    const struct seen *last;    /* the exchange that told it, held; NULL = nobody yet */
    state_set untold;           /* a stream was silent: it did not end in one of these */
    const struct row *row;      /* the row that decided then; NULL = it was shown */
    uint64_t since;             /* answered_order of when it was first seen to be there; 0 = not */
    const struct seen *made_by; /* the exchange that made it, held; NULL = nobody saw that */
    uint64_t made;              /* rises with each birth that was seen */
    struct given *given;        /* what requests said that it shows: runner/monitor/takes.c */

    const cJSON *value;          /* last shown, whole or with what came before; NULL = never */
    const struct seen *value_by; /* whose memory that is, held; NULL = the arena */
    bool is_partial;             /* members that are not in it are unknown */
    bool is_touched;             /* somebody may have changed it since */
    const char *schema;          /* of the last whole view; NULL */
    const struct seen *shown_by; /* held */
    const char *seen_schema;     /* of the last view of all, and when that was */
    nanos seen_at;
    nanos value_at;
    uint64_t value_changes;
};

struct beliefs;

/* All memory is the arena's, which must outlive it. */
struct beliefs *beliefs_new(struct arena *arena, const struct lifecycle *lifecycle);
struct belief *beliefs_find(const struct beliefs *beliefs, const struct machine *machine,
                            const char *id); /* NULL when nobody spoke of it */
/* The same, made when it is new: then it may be in any state, `absent` included. */
struct belief *beliefs_get(struct beliefs *beliefs, const struct machine *machine, const char *id);
size_t beliefs_count(const struct beliefs *beliefs);
struct belief *beliefs_at(const struct beliefs *beliefs,
                          size_t index); /* in order of first sight */

/* Every state of the machine, `absent` included. */
state_set machine_every_state(const struct machine *machine);

/* ---- states ---- */

/* Where it may be at that moment. */
state_set belief_states(const struct beliefs *beliefs, const struct belief *belief,
                        const struct moment *moment);
/* The set after any own moves and forced ones. */
state_set belief_closure(const struct machine *machine, state_set set);
/* At most one own move, and what it forces. */
state_set belief_step(const struct machine *machine, state_set set);
/* The set after any moves at all, those that requests may make included. */
state_set beliefs_acted(const struct beliefs *beliefs, const struct machine *machine,
                        state_set set);
/* The same in one life: what is absent does not come back. */
state_set beliefs_lived(const struct beliefs *beliefs, const struct machine *machine,
                        state_set set);
/* It was told: by a row, an observation. With a loose moment what was possible before stays so. */
void belief_tell(const struct beliefs *beliefs, struct belief *belief, state_set states,
                 const struct moment *moment, const struct seen *who);
/* Nothing is known any more (after a verdict: one mistake is told once). */
void belief_forget(struct belief *belief);

/* ---- members ---- */

struct shown {
    const cJSON *value;
    bool partial;
    const struct seen *by; /* whose memory the value is in; NULL: it lives as long as the belief */
};
/* It showed these members; partial ones are laid over what was known. The arena must live as long
 * as the belief. */
void belief_show(struct arena *arena, struct belief *belief, const struct shown *shown,
                 const struct moment *moment);
/*
 * What is known of its members if it is in `state` at that moment: all of the last view when
 * nothing can have happened since, else those that are declared constant; `*partial` = the others
 * are unknown. STATE_NONE asks for whatever state. In the arena or older; NULL = nothing is known.
 */
const cJSON *belief_members(const struct belief *belief, int state, const struct moment *moment,
                            struct arena *arena, bool *partial);
/* The last that was seen at the pointer, however old; NULL = nothing, unknown = never seen. */
const cJSON *belief_last(const struct belief *belief, const char *pointer);
