/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of a list: against itself (order, filters, size, owner), the pages before it of the same
 * walk (nothing twice, order kept), and at the end of the walk what is known to be there.
 */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/contract/parameters.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "runner/monitor/parts.h"

#include <stdlib.h>
#include <string.h>

/* How far a walk came at some moment. */
struct mark {
    int64_t count;
    uint64_t changes;
    nanos at;
    const struct seen *by; /* NULL = never */
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

static struct breach breach_of(const struct paged *page, const char *rule)
{
    return (struct breach){.rule = rule, .place = page->rule->place, .source = page->rule->source};
}

static const char *list_name(const struct paged *page)
{
    return page->looking->seen->operation->name;
}

static const char *id_of(const struct paged *page, const cJSON *item)
{
    const cJSON *id = page->machine->id_at ? pointer_get(item, page->machine->id_at) : NULL;

    return id && !cJSON_IsNull(id) ? value_text(page->looking->arena, id) : NULL;
}

static const cJSON *asked(const struct paged *page, const char *parameter)
{
    return parameter ? tree_get(page->looking->seen->query, parameter) : NULL;
}

static const char *asked_text(const struct paged *page, const char *parameter)
{
    const cJSON *value = asked(page, parameter);

    return value && !cJSON_IsNull(value) ? value_text(page->looking->arena, value) : NULL;
}

/* ---- the page by itself ---- */

/* Below, at or above 0; `*known` says whether the two can be compared. */
static int compare(const cJSON *a, const cJSON *b, bool *known)
{
    nanos first, second;

    *known = true;
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
        return tree_compare_numbers(a, b);
    if (tree_text(a) && tree_text(b) && instant_parse(tree_text(a), true, &first) == 0 &&
        instant_parse(tree_text(b), true, &second) == 0)
        return first < second ? -1 : first > second;
    *known = false;
    return 0;
}

/* What it is sorted by; NULL = nobody knows. */
static const char *sorted_by(const struct paged *page)
{
    const struct list_rule *rule = page->rule;
    const char *chosen = asked_text(page, rule->chosen);

    return chosen ? tree_get_text(rule->keys, chosen) : rule->by;
}

static const char *order_of(const struct paged *page)
{
    const char *order = asked_text(page, page->rule->order);

    order = order ? order : page->rule->usual;
    return text_is(order, "asc") || text_is(order, "desc") ? order : NULL;
}

static void check_pair(const struct paged *page, const cJSON *before, const cJSON *after)
{
    const char *by = sorted_by(page), *order = order_of(page);
    const cJSON *one = pointer_get(before, by), *other = pointer_get(after, by);
    struct breach breach = breach_of(page, "order");
    bool known;
    int result = compare(one, other, &known);

    if (known && (text_is(order, "desc") ? result < 0 : result > 0))
        say_breach(page->looking, &breach,
                   "%s: '%s' (%s %s) comes before '%s' (%s), but the order is %s", list_name(page),
                   id_of(page, before), by, json_text(page->looking->arena, one),
                   id_of(page, after), json_text(page->looking->arena, other), order);
}

static void check_order(const struct paged *page)
{
    const cJSON *item, *before = page->is_continued ? page->walk->last_item : NULL;

    if (!sorted_by(page) || !order_of(page))
        return;
    cJSON_ArrayForEach (item, page->items) {
        if (before)
            check_pair(page, before, item);
        before = item;
    }
}

static void check_filters(const struct paged *page)
{
    struct breach breach = breach_of(page, "filter");
    const cJSON *filter, *item;

    cJSON_ArrayForEach (filter, page->rule->filters) {
        const char *wanted = asked_text(page, filter->string);

        cJSON_ArrayForEach (item, page->items) {
            const cJSON *member = wanted ? pointer_get(item, tree_text(filter)) : NULL;

            if (member && !text_is(value_text(page->looking->arena, member), wanted))
                say_breach(page->looking, &breach, "%s shows '%s' with %s %s, but was asked for %s",
                           list_name(page), id_of(page, item), tree_text(filter),
                           json_text(page->looking->arena, member), wanted);
        }
    }
}

/* What the path names owns what is listed. */
static void check_owner(const struct paged *page, const struct taking *owner)
{
    struct breach breach = breach_of(page, "owner");
    const struct machine *machine = page->machine;
    const cJSON *item;

    for (size_t i = 0; i < machine->link_count; i++) {
        const struct link *link = &machine->links[i];

        if (link->machine != owner->participant->machine->index)
            continue;
        cJSON_ArrayForEach (item, page->items) {
            const char *at = tree_text(pointer_get(item, link->at));

            if (at && !text_is(at, owner->belief->id))
                say_breach(page->looking, &breach, "%s of %s %s shows '%s', which is of '%s'",
                           list_name(page), owner->belief->machine->name, owner->belief->id,
                           id_of(page, item), at);
        }
        return;
    }
}

static void check_size(const struct paged *page, bool says_more)
{
    struct breach breach = breach_of(page, "page");

    if (page->limit >= 0 && page->count > page->limit)
        say_breach(page->looking, &breach, "%s shows %lld items, but was asked for %lld",
                   list_name(page), (long long)page->count, (long long)page->limit);
    if (says_more && page->rule->is_full && page->limit >= 0 && page->count < page->limit)
        say_breach(page->looking, &breach,
                   "%s says that more follow, but shows %lld of the %lld items asked for",
                   list_name(page), (long long)page->count, (long long)page->limit);
}

/* ---- walks ---- */

/* The same question at another place. */
static const char *walk_key(const struct paged *page)
{
    const struct seen *seen = page->looking->seen;
    struct arena *arena = page->looking->arena;
    const char *key = arena_printf(arena, "%s %s", list_name(page),
                                   seen->path ? json_text(arena, seen->path) : "");
    const cJSON *parameter;

    cJSON_ArrayForEach (parameter, seen->query)
        if (!text_is(parameter->string, page->rule->after) &&
            !text_is(parameter->string, page->rule->limit))
            key = arena_printf(arena, "%s %s=%s", key, parameter->string,
                               json_text(arena, parameter));
    return key;
}

static struct walk *begin_walk(const struct paged *page, const char *key)
{
    struct monitor *monitor = page->looking->monitor;
    struct walk *walk = map_get(monitor->walks, key);
    struct mark whole = {0}, longest = {0};

    if (walk) {
        whole = walk->whole;
        longest = walk->longest;
    }
    if (!walk) {
        walk = arena_alloc(monitor->arena, sizeof *walk);
        map_put(monitor->walks, key, walk);
    } else {
        map_free(walk->ids);
    }
    *walk = (struct walk){.first = page->looking->seen,
                          .changes = monitor->changes,
                          .whole = whole,
                          .longest = longest,
                          .ids = map_new()};
    return walk;
}

void walks_free(struct map *walks)
{
    for (const struct map_entry *entry = map_first(walks); entry; entry = entry->next)
        map_free(((struct walk *)entry->value)->ids);
    map_free(walks);
}

static bool is_place_of(const struct paged *page, const struct walk *walk, const char *after)
{
    char *end;

    if (page->rule->is_offset)
        return strtoll(after, &end, 10) == walk->count && !*end;
    return text_is(walk->next, after);
}

/* NULL: a page from nowhere. */
static void find_walk(struct paged *page)
{
    const char *key = walk_key(page), *after = asked_text(page, page->rule->after);

    if (page->rule->is_offset && text_is(after, "0"))
        after = NULL;
    if (!after) {
        page->walk = begin_walk(page, key);
        return;
    }
    page->walk = map_get(page->looking->monitor->walks, key);
    if (page->walk && !is_place_of(page, page->walk, after))
        page->walk = NULL;
    page->is_continued = page->walk != NULL;
    if (page->walk && page->walk->changes != page->looking->monitor->changes)
        page->walk->is_disturbed = true;
}

/* Of a link to the next page: its parameter. */
static const char *next_place(const struct paged *page)
{
    struct arena *arena = page->looking->arena;
    const cJSON *next =
        page->rule->next ? pointer_get(page->looking->seen->answer, page->rule->next) : NULL;
    const char *text = tree_text(next), *query = text ? strchr(text, '?') : NULL;
    struct pairs pairs = {0};

    if (!page->rule->next) {
        const cJSON *last = cJSON_GetArrayItem(page->items, (int)page->count - 1);
        return last ? id_of(page, last) : NULL;
    }
    if (!text || !*text)
        return NULL;
    if (!strstr(text, "://") || !query)
        return text;
    pairs_parse(arena, str_from(query + 1), &pairs);
    return page->rule->after ? pairs_find(&pairs, page->rule->after) : NULL;
}

/* TRUTH_UNKNOWN: the answer does not say. */
static enum truth says_more(const struct paged *page)
{
    const cJSON *more =
        page->rule->more ? pointer_get(page->looking->seen->answer, page->rule->more) : NULL;

    if (cJSON_IsBool(more))
        return cJSON_IsTrue(more) ? TRUTH_TRUE : TRUTH_FALSE;
    if (page->rule->next && !page->rule->more)
        return next_place(page) ? TRUTH_TRUE : TRUTH_FALSE;
    if (page->limit >= 0 && page->count < page->limit)
        return TRUTH_FALSE;
    return TRUTH_UNKNOWN;
}

static void add_items(const struct paged *page)
{
    struct walk *walk = page->walk;
    struct breach breach = breach_of(page, "page");
    const cJSON *item;

    cJSON_ArrayForEach (item, page->items) {
        const char *id = id_of(page, item);
        const struct seen *by = id ? map_get(walk->ids, id) : NULL;

        walk->last_item = item;
        if (!id)
            continue;
        breach.first = by;
        if (by && !walk->is_disturbed)
            say_breach(page->looking, &breach,
                       "%s shows '%s' twice (the first time in exchange %llu)", list_name(page), id,
                       (unsigned long long)by->number);
        map_put(walk->ids, id, (void *)page->looking->seen);
    }
    walk->count += page->count;
}

/* ---- what must be there ---- */

static bool is_required(const struct paged *page, const char *name)
{
    const struct parameter *parameter;

    vec_foreach (parameter, &page->looking->seen->operation->operation->parameters)
        if (parameter->in == IN_QUERY && parameter->required && text_is(parameter->name, name))
            return true;
    return false;
}

/* Only the place, the size and the order were asked for. */
static bool asks_for_all(const struct paged *page)
{
    const struct list_rule *rule = page->rule;
    const cJSON *parameter;

    cJSON_ArrayForEach (parameter, page->looking->seen->query)
        if (!text_is(parameter->string, rule->after) && !text_is(parameter->string, rule->limit) &&
            !text_is(parameter->string, rule->order) && !text_is(parameter->string, rule->chosen) &&
            !is_required(page, parameter->string))
            return false;
    return true;
}

static bool is_owned(const struct paged *page, const struct belief *belief)
{
    const struct machine *machine = page->machine;

    for (size_t i = 0; i < page->looking->taking_count; i++) {
        const struct taking *owner = &page->looking->takings[i];
        bool is_linked = false;

        if (!owner->participant->by_path)
            continue;
        if (!owner->belief)
            return false;
        for (size_t j = 0; j < machine->link_count && !is_linked; j++) {
            const cJSON *at = belief_last(belief, machine->links[j].at);

            is_linked = machine->links[j].machine == owner->participant->machine->index &&
                        !expr_is_unknown(at) && text_is(tree_text(at), owner->belief->id);
        }
        if (!is_linked)
            return false;
    }
    return true;
}

static void check_whole(const struct paged *page)
{
    struct looking *looking = page->looking;
    const struct walk *walk = page->walk;
    const struct beliefs *beliefs = looking->monitor->beliefs;
    struct breach breach = breach_of(page, "page");

    for (size_t i = 0; i < beliefs_count(beliefs); i++) {
        const struct belief *belief = beliefs_at(beliefs, i);
        state_set states;

        if (belief->machine != page->machine || !belief->since ||
            belief->since >= walk->first->sent_order || belief->machine->within >= 0)
            continue;
        states = belief_states(beliefs, belief, &looking->after);
        if (states & STATE_BIT(STATE_ABSENT) || map_get(walk->ids, belief->id) ||
            !is_owned(page, belief))
            continue;
        breach.first = belief->last;
        breach.belief = belief;
        say_breach(looking, &breach, "%s %s: %s does not show it up to its end, but it is %s",
                   page->machine->name, belief->id, list_name(page),
                   state_set_text(looking->arena, page->machine, states));
    }
}

/* ---- two walks of one moment ---- */

static bool is_now(const struct paged *page, const struct mark *mark)
{
    const struct looking *looking = page->looking;

    return mark->by && looking->monitor->is_virtual && mark->at == looking->seen->sent_at &&
           mark->changes == looking->monitor->changes;
}

/* How many there are does not depend on the size of pages. */
static void check_marks(const struct paged *page, enum truth more)
{
    struct walk *walk = page->walk;
    struct mark here = {walk->count, page->looking->monitor->changes, page->looking->seen->sent_at,
                        page->looking->seen};
    struct breach breach = breach_of(page, "page");

    if (walk->is_disturbed || more == TRUTH_UNKNOWN)
        return;
    if (more == TRUTH_TRUE && is_now(page, &walk->whole) && walk->count >= walk->whole.count) {
        breach.first = walk->whole.by;
        say_breach(page->looking, &breach,
                   "%s says that more follow after %lld, but exchange %llu ended with %lld",
                   list_name(page), (long long)walk->count,
                   (unsigned long long)walk->whole.by->number, (long long)walk->whole.count);
    }
    if (more == TRUTH_FALSE && is_now(page, &walk->whole) && walk->count != walk->whole.count) {
        breach.first = walk->whole.by;
        say_breach(page->looking, &breach, "%s ends with %lld, but exchange %llu ended with %lld",
                   list_name(page), (long long)walk->count,
                   (unsigned long long)walk->whole.by->number, (long long)walk->whole.count);
    } else if (more == TRUTH_FALSE && is_now(page, &walk->longest) &&
               walk->count <= walk->longest.count) {
        breach.first = walk->longest.by;
        say_breach(page->looking, &breach,
                   "%s ends with %lld, but exchange %llu says that more follow after %lld",
                   list_name(page), (long long)walk->count,
                   (unsigned long long)walk->longest.by->number, (long long)walk->longest.count);
    }
    if (more == TRUTH_FALSE)
        walk->whole = here;
    else if (!is_now(page, &walk->longest) || walk->count > walk->longest.count)
        walk->longest = here;
}

/* ---- one page ---- */

static void judge_walk(struct paged *page)
{
    struct walk *walk = page->walk;
    enum truth more = says_more(page);
    size_t verdicts = page->looking->out->count;
    struct breach breach = breach_of(page, "page");

    breach.first = page->is_continued ? walk->latest : NULL;
    if (page->is_continued && walk->says_more && !page->count && !walk->is_disturbed)
        say_breach(page->looking, &breach, "%s: exchange %llu says that more follow, but none do",
                   list_name(page), (unsigned long long)walk->latest->number);
    add_items(page);
    walk->latest = page->looking->seen;
    walk->says_more = more == TRUTH_TRUE;
    walk->next = more == TRUTH_FALSE ? NULL : next_place(page);
    walk->next = walk->next ? arena_strdup(page->looking->monitor->arena, walk->next) : NULL;
    if (page->rule->more && page->rule->next && more == TRUTH_TRUE && !walk->next)
        say_breach(page->looking, &breach, "%s says that more follow, but not where (%s)",
                   list_name(page), page->rule->next);
    if (page->looking->out->count == verdicts)
        check_marks(page, more);
    if (more == TRUTH_FALSE && page->rule->is_whole && !walk->is_disturbed && asks_for_all(page))
        check_whole(page);
}

void see_list(struct looking *looking)
{
    const struct seen *seen = looking->seen;
    struct paged page = {.looking = looking, .rule = seen->operation->list, .limit = -1};

    if (!page.rule || !seen->answer || looking->answer.status >= 300)
        return;
    page.machine = &looking->monitor->provider->lifecycle->machines[page.rule->of];
    page.items = pointer_get(seen->answer, page.rule->items);
    if (!cJSON_IsArray(page.items))
        return;
    page.count = (int64_t)tree_count(page.items);
    if (!asked(&page, page.rule->limit) ||
        !tree_as_int64(asked(&page, page.rule->limit), &page.limit))
        page.limit = -1;
    check_size(&page, page.rule->more && says_more(&page) == TRUTH_TRUE);
    check_filters(&page);
    for (size_t i = 0; i < looking->taking_count; i++)
        if (looking->takings[i].participant->by_path && looking->takings[i].belief)
            check_owner(&page, &looking->takings[i]);
    if (looking->after.is_loose)
        return;
    find_walk(&page);
    check_order(&page);
    if (page.walk)
        judge_walk(&page);
}
