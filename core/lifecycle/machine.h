/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a state machine decides, as pure functions: the mock plays by them and the judge holds
 * observations against them. Never a clock, never a socket, nothing that is kept.
 */
#pragma once

#include "core/expr/eval.h"
#include "core/lifecycle/lifecycle.h"

/* ---- states ---- */

int machine_state(const struct machine *machine, const char *name); /* STATE_NONE when unknown */
/* A state, or one of the sets open terminal waits present; empty when unknown. */
state_set machine_states_named(const struct machine *machine, const char *name);
/*
 * The states that a value (shown or stored) may be in: refined ones first, then the plain one of
 * the wire's value. One bit when all is seen; several when a refined state's test is unknown;
 * empty when the value shows a state that the machine does not have. `state_at` NULL: the
 * machine's own. Partial values make what is absent unknown.
 */
state_set machine_states_of(const struct machine *machine, const cJSON *value, const char *state_at,
                            bool partial);
int machine_state_of(const struct machine *machine,
                     const cJSON *value); /* the mock's: one or NONE */
/* "QUEUED, PENDING or absent", in the arena. */
const char *state_set_text(struct arena *arena, const struct machine *machine, state_set set);
int state_set_first(state_set set); /* STATE_NONE when empty */
size_t state_set_count(state_set set);

/* ---- moves ---- */

state_set machine_step(const struct machine *machine, state_set set); /* one move, not staying */
state_set machine_closure(const struct machine *machine,
                          state_set set); /* staying, and any moves */
/* What `always` may force: every `to` of rows whose `in` meets the set (tests not asked), added. */
state_set machine_forced(const struct machine *machine, state_set set);
/* A shortest legal path as "A -> B -> C" in the arena; NULL when there is none. */
const char *machine_path(struct arena *arena, const struct machine *machine, int from, int to);
/* The source of the single move; false when there is none. */
bool machine_move_source(const struct machine *machine, int from, int to, enum source *source);

/* ---- the world, as rows ask it ---- */

struct world_view {
    void *data;
    /* Whether a resource fits the query; for `last`: whether the youngest that fits `machine`, `of`
       also fits `in` and `where`. The mock knows; the judge may answer TRUTH_UNKNOWN. */
    enum truth (*exists)(void *data, const struct query *query, struct eval *eval);
    enum truth (*last)(void *data, const struct query *query, struct eval *eval);
    /* The value of a subject that has `unread`; may be NULL where no subject has. */
    const cJSON *(*value)(void *data, void *unread);
};

/* Whether one resource fits the query's `in` and `where` (not `of`, `id`): for implementers. */
enum truth query_fits(const struct query *query, state_set states, const cJSON *value, bool partial,
                      struct eval *eval);
/* The id that `of` (its machine's id pointer) or `id` gives, in the arena; NULL = nothing. */
const char *query_of_id(const struct lifecycle *lifecycle, const struct query *query,
                        struct eval *eval);
const char *query_id(const struct query *query, struct eval *eval);

/* ---- rows ---- */

struct row_list {
    const struct row *const *items; /* of one machine for one operation, in file order */
    size_t count;
};

struct subject {
    const struct machine *machine; /* NULL for rules */
    state_set states;              /* the mock: one bit */
    const cJSON *value; /* hidden members included for the mock; NULL when absent or unseen */
    bool partial;       /* members that are not in `value` are unknown */
    void *unread;       /* what the world's `value` makes it from, when a row asks; NULL: `value` */
};

enum truth row_fits(const struct row *row, const struct subject *subject, struct eval *eval,
                    const struct world_view *world);
/* The first row that fits and has no `each`; NULL when none does. For the mock. */
const struct row *row_decide(const struct row_list *rows, const struct subject *subject,
                             struct eval *eval, const struct world_view *world);
/* The first row of `always` that fits; its `to` is forced. NULL when none. */
const struct row *always_decide(const struct machine *machine, const struct subject *subject,
                                struct eval *eval, const struct world_view *world);
/* Where the row leads: `to` (its template filled), the state itself when nothing moves;
   STATE_NONE when the template gives no state of the machine. */
int row_target(const struct row *row, const struct machine *machine, int from, struct eval *eval);

/* What was seen of one answer, for judging. */
struct answer_seen {
    int status;
    state_set refusals; /* bit i: the body fits lifecycle->refusals[i]; 0 with a success */
    int success_status; /* what a row without `status` answers: the operation's first 2xx */
};

enum { JUDGED_ROWS_MAX = 64 };

struct judgement {
    state_set before; /* the states in which this answer was possible */
    state_set after;  /* where the resource may be now; empty = no row explains the answer */
    const struct row *rows[JUDGED_ROWS_MAX]; /* that may have decided and explain it */
    size_t row_count;
    const struct row
        *expected;   /* when `after` is empty: the row that should have decided, or NULL */
    bool undecided;  /* in some state no row fits (it counts as an acceptance without a move) */
    bool by_missing; /* explained by `missing`: the resource may be absent */
};

/* What is to be judged: one machine's part in one exchange. */
struct judging {
    const struct lifecycle *lifecycle;
    struct row_list rows;
    struct subject subject;        /* the states it may have been in */
    const struct refusal *missing; /* what answers for an absent resource when no row for `absent`
                                      says otherwise; NULL when the path does not name it */
    struct answer_seen seen;
    const struct world_view *world;
};

/*
 * Which rows may have decided, given the answer, and where that leaves the resource. Another
 * machine's refusal explains an answer too: then this one moved nothing, and there is nothing to
 * ask.
 */
void rows_judge(const struct judging *judging, struct eval *eval, struct judgement *judgement);
