/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was asked and answered, newest kept, bounded in bytes. Has a lock of its own; nothing here
 * touches the world. Entries are immutable and counted, and refer to the stored texts. Readers take
 * references and filter without any lock.
 */
#pragma once

#include "core/base/instant.h"
#include "mock/world/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOURNAL_LIMIT = 16 * 1024 * 1024 }; /* bytes */

struct journal_touched { /* a resource that the exchange was about, and its state afterwards */
    const char *machine, *id, *state; /* machine and state: names that outlive the journal */
};

struct journal_record {
    uint64_t number;  /* of the exchange in its world: journal_number() */
    nanos world_time; /* when it was applied */
    nanos real_time;  /* when it came in */
    nanos real_duration;
    const char *method, *target; /* as sent, secrets already removed */
    const char *request_headers; /* "Name: value\n" lines; may be NULL, as all texts here */
    struct text *request_body;
    int status; /* 0: nothing was answered */
    struct text *response_body;
    /* What the data or the world names: outlives the journal, and is not copied. NULL: not known */
    const char *provider, *operation, *session;
    const char *callback; /* a webhook that was sent, its name; NULL: a request that came in */
    const char *rule;     /* file:line of the deciding row */
    const char *remark;   /* why it was refused, near misses; or NULL */
    const char *const *faults;
    size_t fault_count;
    const struct journal_touched *touched;
    size_t touched_count;
    bool is_unmatched; /* no operation fits */
    bool is_cut;       /* bodies were left out: too large for the journal */
};

struct journal;
struct journal_entry; /* counted; the record in it lives as long */

struct journal *journal_new(size_t limit); /* bytes; 0 = JOURNAL_LIMIT */
void journal_free(struct journal *journal);
uint64_t journal_number(struct journal *journal); /* 1, 2, ...: taken when a request comes in */
void journal_resume(struct journal *journal, uint64_t taken); /* numbers go on behind this */
/* Copies what is small and its own, references the texts. The oldest make room. */
void journal_add(struct journal *journal, const struct journal_record *record);
void journal_clear(struct journal *journal); /* numbers go on; nothing counts as dropped any more */
size_t journal_count(struct journal *journal);
size_t journal_bytes(struct journal *journal);        /* never above the limit */
size_t journal_memory(const struct journal *journal); /* the same with what is kept free */
/* From the next entry on; without any lock. */
void journal_set_limit(struct journal *journal, size_t limit);
uint64_t journal_dropped(struct journal *journal); /* entries that had to make room */
/* The newest number and instant among those: what came later is all there. 0 and INT64_MIN: none.
 */
uint64_t journal_dropped_last(struct journal *journal, nanos *at);
uint64_t journal_last(struct journal *journal); /* the newest number that was taken; 0 = none */

/* The entries that fit, in the order in which they were added, at most `limit` of the newest. */
struct journal_view {
    struct journal_entry **entries;
    size_t count;
    size_t total; /* all that fit, beyond the limit, too */
};
void journal_query(struct journal *journal,
                   bool (*fits)(const struct journal_record *record, void *data), void *data,
                   size_t limit, struct journal_view *view);
/*
 * How many of the entries added since `*position` fit; 0 at first, afterwards where it ended. So
 * whoever waits looks at each entry once.
 */
size_t journal_count_from(struct journal *journal, uint64_t *position,
                          bool (*fits)(const struct journal_record *record, void *data),
                          void *data);
const struct journal_record *journal_record_of(const struct journal_entry *entry);
void journal_view_cut(struct journal_view *view, size_t limit); /* keeps the oldest of them */
void journal_view_release(struct journal_view *view);
