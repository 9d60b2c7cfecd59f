/* SPDX-License-Identifier: Apache-2.0 */
/* A page of a list and the walk that it belongs to; private to the two files that judge lists. */
#pragma once

#include "runner/monitor/parts.h"

/* How far a walk came at some moment. */
struct mark {
    int64_t count;
    uint64_t changes;
    nanos at;
    const struct seen *by; /* held; NULL = never */
};

/* From a first page on, as long as each page is asked for where the last one ended. */
struct walk {
    const struct seen *first, *latest;
    const cJSON *last_item;
    const char *next;  /* what the next page is asked for with; NULL = it was the last page */
    bool says_more;    /* for certain */
    bool is_disturbed; /* something changed between two pages */
    uint64_t changes;
    int64_t count;
    struct map *ids; /* -> the exchange that showed it */
    struct {
        VEC(const struct seen *);
    } pages; /* of this walk, held */
    struct mark whole, longest;
};

struct paged {
    struct looking *looking;
    const struct list_rule *rule;
    const struct machine *machine;
    const cJSON *items;
    int64_t count, limit; /* -1 = not asked for */
    struct walk *walk;
    bool is_continued;
};

/* list_page.c: the page by itself, and what was asked for */
struct breach page_breach(const struct paged *page, const char *rule);
const char *page_name(const struct paged *page);
const char *page_id_of(const struct paged *page, const cJSON *item); /* NULL = it has none */
const cJSON *page_question(const struct paged *page);                /* all that was asked for */
const cJSON *page_asked(const struct paged *page, const char *parameter);
const char *page_asked_text(const struct paged *page, const char *parameter);
const char *page_filtered_at(const cJSON *filter);
enum truth page_lets_through(const struct paged *page, const cJSON *filter, const cJSON *wanted,
                             const cJSON *member);
void page_check_order(const struct paged *page);
void page_check_filters(const struct paged *page);
void page_check_owner(const struct paged *page, const struct taking *owner);
void page_check_before(const struct paged *page);
void page_check_link(const struct paged *page, const char *link);
void page_check_size(const struct paged *page, bool says_more);
