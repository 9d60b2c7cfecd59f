/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: what a query selects, in which order, and the page of it that was asked for. */
#pragma once

#include "mock/answer.h"
#include "mock/world/page_cache.h"
#include "mock/world/scan.h"

struct asked_filter {
    const struct filter *filter;
    const cJSON *given;
    const struct bound_match *match;
};

/* Everything that decides which rows a page holds. */
struct listing {
    struct exchange *exchange;
    const struct list *list;
    struct kind_play *kind;
    const struct page *page;
    const struct sort_key *key; /* NULL = by birth */
    bool is_backward;
    unsigned order;
    const struct bound_match *where;
    struct asked_filter *filters;
    size_t filter_count;
    struct resource *owner;
    bool owner_is_missing;
    struct predicate *predicates;
    size_t predicate_count;
    bool needs_tree; /* something that predicates cannot say */
    int64_t limit;
    uint64_t digest; /* of sort and filters, for tokens */
    struct scan_position after;
    size_t offset;
    bool before;        /* the page that ends at `after` */
    bool pretends_next; /* by a fault `next` leads where `next` says, NULL = nowhere */
    const char *next;
};

/* Filters and `where` as predicates on columns, the rest for listing_fits. */
void listing_predicates(struct listing *listing);
bool listing_fits(const struct resource *resource, void *listing);

/* Positions as clients see them. 0, or -1 when the text is no position of this listing. */
int cursor_read(struct listing *listing, const char *text);
const char *cursor_write(const struct listing *listing, const struct scan_position *position);

/*
 * The page depends on nothing but URL and store: its rows are shown as stored, no filter was asked
 * for, and no template reads a clock, draws, headers, or whoever asks. It may be kept.
 */
bool list_is_lasting(const struct exchange *exchange, const struct list *list);
/* With the world's lock: for mock/world/page_cache.h. */
struct page_key list_page_key(const struct exchange *exchange, const struct list *list);
