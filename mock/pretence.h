/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one exchange departs from what is so, where that cannot be rehearsed (mock/rehearsal.h): set
 * by faults, asked where the answer is made. Most exchanges have none.
 */
#pragma once

#include "mock/exchange.h"

enum page_fault {
    PAGE_TRUE,
    PAGE_LOOP,      /* `next` leads to this very page */
    PAGE_ENDLESS,   /* the last page has a next one, too: itself */
    PAGE_CUT,       /* there is more, and the page says there is not */
    PAGE_BAD_TOKEN, /* `next` is refused when it is used */
    PAGE_NO_TOKEN,  /* there is more, but no `next` */
    PAGE_EMPTY,     /* nothing on it, though it says there is more */
};

struct pretence {
    /* A start makes two: what it does is done twice, but never for a repeated request; `unless
     * known`: not where the service would answer a retry with the first one. */
    bool starts_twice, unless_known;
    bool forgets_repeats;        /* `same` of a create finds nothing */
    bool is_repeat;              /* `same` found one */
    const struct template *same; /* of the last create that has one */
    struct resource *twin;       /* the one that the answer does not tell of */
    struct {
        VEC(struct resource *);
    } started; /* whose outcomes begin with this request; held by the play */
    enum page_fault page;
    nanos date_off; /* the Date header is off by as much */
    struct {
        VEC(const struct resource *);
    } unseen; /* that lists leave out */
};

/* Made when there is none. */
struct pretence *exchange_pretence(struct exchange *exchange);
bool pretence_hides(const struct exchange *exchange, const struct resource *resource);
