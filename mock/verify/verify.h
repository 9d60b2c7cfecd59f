/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether requests came as somebody expects: so many, in this order, never. Read from a body
 * (verify_read.c), held against the entries of a journal (verify.c), told as JSON and as a text
 * that a person reads in the log of a test (verify_shown.c). docs/ADMIN.md, "Verify what was
 * called".
 */
#pragma once

#include "mock/admin/requests.h"

enum { VERIFY_STEPS_MAX = 256, VERIFY_NEAR_MAX = 3, VERIFY_MANY = INT32_MAX };

/* What some requests must be like, and how many may come. */
struct expected {
    struct request_filter filter;
    const char *words;   /* "cancelRun, status 200" */
    int64_t least, most; /* most: VERIFY_MANY = any number */
};

struct expected_list {
    VEC(struct expected);
};

struct verification {
    struct expected whole; /* which requests are looked at; with `is_counted` how many */
    bool is_counted, is_ordered;
    bool is_exact; /* the steps and nothing else */
    struct expected_list steps, never;
    const char *session; /* NULL: of the call */
};

void verify_read(struct admin_call *call, struct verification *wanted);

/* A request that does not fit, though it nearly does. */
struct near_request {
    const struct journal_record *record;
    unsigned weight;
    const cJSON *differences;
};

struct near_requests {
    struct near_request items[VERIFY_NEAR_MAX];
    size_t count;
};

/* One line of the diff: what a step is about, and the request for it; or one of them alone. */
struct aligned {
    const struct expected *step;         /* NULL: nothing expected it */
    size_t number;                       /* of the step, from 1 */
    const struct journal_record *record; /* NULL: it did not come */
    const struct journal_record *early;  /* it came, but before its turn; or NULL */
    bool is_wrong;
    struct near_requests near;
};

struct never_came { /* and yet it did */
    const struct expected *never;
    VEC(const struct journal_record *);
};

struct verdict {
    const struct verification *wanted;
    bool holds, is_complete;
    bool needs_all;                        /* it says that no more came than is seen */
    uint64_t dropped;                      /* entries that had to make room in the journal */
    const struct journal_record **records; /* those looked at, by number */
    size_t count;
    const struct journal_record **everything; /* all of the journal, by number */
    size_t everything_count;
    bool count_holds, order_holds;
    struct near_requests near; /* when too few came */
    struct {
        VEC(struct aligned);
    } lines;
    struct {
        VEC(struct never_came);
    } never;
};

/* The verdict refers to the view, which must live as long. */
void verify_judge(struct admin_call *call, const struct verification *wanted,
                  const struct journal_view *looked_at, const struct journal_view *everything,
                  struct verdict *verdict);

/* The entries of the journal that nearly are what the filter asks for, each with its differences.
 */
cJSON *verify_near(struct admin_call *call, const struct request_filter *filter,
                   struct journal *journal);

cJSON *verdict_json(struct admin_call *call, const struct verdict *verdict);
void verdict_text(struct admin_call *call, const struct verdict *verdict, struct strbuf *out);
/* "exactly 1", "2 to 3": how many may come. */
cJSON *near_requests_json(struct arena *arena, const struct near_requests *near);
const char *verify_times(struct arena *arena, const struct expected *expected);

/* mock/admin/near.c: how a request that no operation fits differs from this one; NULL: another one
 * is nearer. */
const char *near_is_operation(struct admin_call *call, const struct journal_record *record,
                              const char *operation);
