/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the monitor share; private to them. */
#pragma once

#include "core/base/map.h"
#include "runner/judge.h"
#include "runner/monitor/belief.h"
#include "runner/monitor/monitor.h"

/* The observations that values of a schema may be. */
struct shows {
    const char *schema; /* by its address, which is the same each time */
    struct {
        VEC(struct shows_as);
    } as;
};

struct shows_as {
    const struct machine *machine;
    const struct observation *observation;
};

struct monitor {
    struct arena *arena;
    struct arena *scratch; /* of one exchange while it is judged */
    const struct provider *provider;
    struct beliefs *beliefs;
    struct coverage *coverage;
    bool is_virtual;
    struct {
        VEC(struct shows);
    } shows;                /* of the schemas that were seen */
    struct map *walks;      /* through lists: lists.c */
    struct map *streams;    /* numbered events that were told: streams.c */
    struct map *links;      /* handed out: links.c */
    struct map *heard;      /* calls: webhooks.c */
    struct map *announced;  /* by callback and resource */
    struct map *paths;      /* of those links, without their queries */
    bool is_alone;          /* nobody else acts in this world */
    bool *is_dim;           /* by machine: something was born that nobody saw */
    uint64_t births;        /* seen so far */
    uint64_t changes;       /* accepted so far */
    uint64_t last_answered; /* the latest answered_order that was shown */
};

/* One machine's part in the exchange: what it was about, and what rows say of it. */
struct taking {
    const struct participant *participant;
    struct belief *belief; /* NULL: a birth */
    state_set states;      /* where it may have been */

    state_set before, after;                /* where the answer was possible, and where that led */
    const struct row *row;                  /* the one that decided, when there is just one */
    const struct row *expected[STATES_MAX]; /* by state: what should have decided; NULL */
    bool by_missing;                        /* explained by `missing` in some state */
    bool by_row;                            /* explained by a row in some state */
};

/* One exchange while it is judged. `arena` goes afterwards. */
struct looking {
    struct monitor *monitor;
    const struct seen *seen;
    struct verdicts *out;
    struct arena *arena;
    struct moment before, after; /* when it was sent, when it was answered */
    struct moment events;        /* in its stream: nobody knows when */
    struct scope scope;
    struct eval eval;
    struct world_view world;
    struct answer_seen answer;
    struct taking *takings;
    size_t taking_count;
    const struct moment *moment;  /* the one that names are read at */
    const struct belief *subject; /* `$resource` and its links; NULL */
    const cJSON *subject_value;   /* what it shows right now; NULL = what is believed */
};

/* monitor.c: the request changes nothing */
bool is_safe(const struct seen *seen);

/* world.c: names and queries as an outsider knows them */
void looking_init(struct looking *looking, struct monitor *monitor, const struct seen *seen,
                  struct verdicts *out);
/* The id under which beliefs are kept: OWNER/ID where ids are unique only within an owner. Whose it
 * is says `value` (what shows it), else the request. NULL: nobody says. */
const char *looking_id(struct looking *looking, const struct machine *machine, const cJSON *value,
                       const char *id);
/* Its members as a value that says by itself what is unknown. */
const cJSON *looking_members(struct looking *looking, const struct belief *belief, int state);

/* request.c: the request keeps the document (else a refusal needs no row). */
bool request_is_valid(struct looking *looking);

/* rows.c: rules and rows against the answer */
void find_takings(struct looking *looking);
void judge_taking(struct looking *looking, struct taking *taking);
/* The rule that certainly refuses; NULL. `*explains`: some rule may have given this answer. */
const struct row *judge_rules(struct looking *looking, bool *explains);
/* What an accepted request did to many; `is_sure` false: perhaps it did not. */
void apply_each(struct looking *looking, bool is_sure);

/* seen.c: what the answer shows */
struct showing { /* one value that may show a resource */
    const struct machine *machine;
    const struct observation *observation;
    const cJSON *value;
    const char *id;
    bool is_event;
};
typedef void showing_found(struct looking *looking, const struct showing *showing, void *data);
void find_showings(struct looking *looking, const struct observed *observed, bool is_event,
                   showing_found *found, void *data);
struct belief *see_showing(struct looking *looking, const struct showing *showing);
void see_all(struct looking *looking, const state_set *born, const struct row *const *born_by);

/* streams.c: the events of a stream, one after the other, and its end */
void see_stream(struct looking *looking);

/* lists.c: a page of a list, against itself, the pages before and what is there */
void see_list(struct looking *looking);
void walks_free(struct map *walks);

/* links.c: links that are handed out, and used; true when the exchange used one */
void note_links(struct looking *looking);
bool see_link(struct looking *looking);

/* agree.c: the member, looked for from `*at` on, which is behind it then (NULL: from the first) */
const cJSON *member_near(const cJSON **at, const cJSON *object, const char *name);
/* The name fits one of them. */
bool is_one_of_globs(const struct name_globs *globs, const char *name);

/* auth.c: false when it should have been refused for want of a credential */
bool see_credential(struct looking *looking);

/* takes.c: what requests said of members, and what is shown of them */
void takes_note(struct looking *looking, struct belief *belief);
void takes_check(struct looking *looking, struct belief *belief, const struct showing *showing);
/* The member was there when it was made, and tells it; tells when it was changed. */
void see_stamps(struct looking *looking, const struct belief *belief,
                const struct showing *showing);
/* What has happened lies in the past. */
void see_past_members(struct looking *looking, const struct belief *belief,
                      const struct showing *showing);

/* promises.c: waits, deadlines, what became of each */
void see_answer(struct looking *looking);
void see_wait(struct looking *looking);
void see_deadlines(struct looking *looking, const struct belief *belief,
                   const struct showing *showing, state_set shown);
void see_outcomes(struct looking *looking);

/* agree.c: two views of what cannot have changed; instants written as numbers */
void check_agreement(struct looking *looking, const struct belief *belief,
                     const struct showing *showing);
void check_times(struct looking *looking);

/* checks.c: one view of one resource; `state` is STATE_NONE when several are possible */
struct resource_view {
    const struct observation *observation;
    const cJSON *value;
    int state;
    bool is_same; /* as it was shown last: then no member changed */
};
void check_view(struct looking *looking, const struct belief *belief,
                const struct resource_view *view);

/* text.c: verdicts in words */
void say(struct looking *looking, struct verdict verdict, const struct belief *belief);
/* The text is printed; a violation unless the source is inferred. `belief` may be NULL. */
struct breach {
    const char *rule;
    struct place place;
    enum source source;
    const struct seen *first;
    const struct belief *belief;
};
void say_breach(struct looking *looking, const struct breach *breach, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *place_text(struct arena *arena, struct place place);
void say_rows(struct looking *looking, const struct taking *taking);
void say_rule(struct looking *looking, const struct row *rule);
void say_unexplained(struct looking *looking);
void say_state(struct looking *looking, const struct belief *belief, state_set shown,
               bool is_single);
