/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks through lists: a page against itself (list_page.c), the pages before it of the same
 * walk (nothing twice, order kept), and at the end of the walk what is known to be there.
 */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/contract/parameters.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "runner/monitor/list_page.h"

#include <stdlib.h>
#include <string.h>

/* ---- walks ---- */

/* The same question at another place. */
static const char *walk_key(const struct paged *page)
{
    const struct seen *seen = page->looking->seen;
    struct arena *arena = page->looking->arena;
    const char *key = arena_printf(arena, "%s %s", page_name(page),
                                   seen->path ? json_text(arena, seen->path) : "");
    const cJSON *parameter;

    cJSON_ArrayForEach (parameter, page_question(page))
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
    struct walk before = {0};

    if (walk) {
        before = *walk;
        map_free(walk->ids);
        for (size_t i = 0; i < walk->pages.count; i++)
            memory_drop(walk->pages.items[i]->memory);
    } else {
        walk = arena_alloc(monitor->arena, sizeof *walk);
        map_put(monitor->walks, key, walk);
    }
    *walk = (struct walk){.first = page->looking->seen,
                          .changes = monitor->changes,
                          .whole = before.whole,
                          .longest = before.longest,
                          .ids = map_new(),
                          .pages = before.pages};
    walk->pages.count = 0;
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
    const char *key = walk_key(page), *after = page_asked_text(page, page->rule->after);

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

static const char *next_text(const struct paged *page)
{
    return page->rule->next ? tree_text(pointer_get(page->looking->seen->answer, page->rule->next))
                            : NULL;
}

static bool is_link(const char *next)
{
    return next && strstr(next, "://") && strchr(next, '?');
}

/* Of a link to the next page: its parameter. */
static const char *next_place(const struct paged *page)
{
    struct arena *arena = page->looking->arena;
    const char *text = next_text(page);
    struct pairs pairs = {0};

    if (!page->rule->next) {
        const cJSON *last = cJSON_GetArrayItem(page->items, (int)page->count - 1);
        return last ? page_id_of(page, last) : NULL;
    }
    if (!text || !*text)
        return NULL;
    if (!is_link(text))
        return text;
    pairs_parse(arena, str_from(strchr(text, '?') + 1), &pairs);
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
    struct breach breach = page_breach(page, "page");
    const cJSON *item;

    cJSON_ArrayForEach (item, page->items) {
        const char *id = page_id_of(page, item);
        const struct seen *by = id ? map_get(walk->ids, id) : NULL;

        walk->last_item = item;
        if (!id)
            continue;
        breach.first = by;
        if (by && !walk->is_disturbed)
            say_breach(page->looking, &breach,
                       "%s shows '%s' twice (the first time in exchange %llu)", page_name(page), id,
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

/* Only the place, the size, the order and what fits it were asked for. */
static bool asks_for_all(const struct paged *page)
{
    const struct list_rule *rule = page->rule;
    const cJSON *parameter;

    cJSON_ArrayForEach (parameter, page_question(page))
        if (!text_is(parameter->string, rule->after) && !text_is(parameter->string, rule->limit) &&
            !text_is(parameter->string, rule->order) && !text_is(parameter->string, rule->chosen) &&
            !text_is(parameter->string, rule->rising) &&
            !tree_get(rule->filters, parameter->string) && !is_required(page, parameter->string))
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

/* It is known to be what the filters let through. */
static bool is_let_through(const struct paged *page, const struct belief *belief)
{
    struct looking *looking = page->looking;
    const cJSON *members, *filter;
    bool is_partial;

    members = belief_members(belief, STATE_NONE, &looking->after, looking->arena, &is_partial);
    cJSON_ArrayForEach (filter, page->rule->filters) {
        const cJSON *wanted = page_asked(page, filter->string);
        const cJSON *member = wanted ? pointer_get(members, page_filtered_at(filter)) : NULL;

        if (wanted && (!member || expr_is_unknown(member) ||
                       page_lets_through(page, filter, wanted, member) != TRUTH_TRUE))
            return false;
    }
    return true;
}

static void check_whole(const struct paged *page)
{
    struct looking *looking = page->looking;
    const struct walk *walk = page->walk;
    const struct beliefs *beliefs = looking->monitor->beliefs;
    struct breach breach = page_breach(page, "page");

    for (size_t i = 0; i < beliefs_count(beliefs); i++) {
        const struct belief *belief = beliefs_at(beliefs, i);
        state_set states;

        if (belief->machine != page->machine || !belief->since ||
            belief->since >= walk->first->sent_order || belief->machine->within >= 0)
            continue;
        states = belief_states(beliefs, belief, &looking->after);
        if (states & STATE_BIT(STATE_ABSENT) || map_get(walk->ids, belief->id) ||
            !is_owned(page, belief) || !is_let_through(page, belief))
            continue;
        breach.first = belief->last;
        breach.belief = belief;
        say_breach(looking, &breach, "%s %s: %s does not show it up to its end, but it is %s",
                   page->machine->name, belief->id, page_name(page),
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

static void set_mark(struct mark *mark, const struct mark *here)
{
    mark->count = here->count;
    mark->changes = here->changes;
    mark->at = here->at;
    seen_refer(&mark->by, here->by);
}

/* How many there are does not depend on the size of pages. */
static void check_marks(const struct paged *page, enum truth more)
{
    struct walk *walk = page->walk;
    struct mark here = {walk->count, page->looking->monitor->changes, page->looking->seen->sent_at,
                        page->looking->seen};
    struct breach breach = page_breach(page, "page");

    if (walk->is_disturbed || more == TRUTH_UNKNOWN)
        return;
    if (more == TRUTH_TRUE && is_now(page, &walk->whole) && walk->count >= walk->whole.count) {
        breach.first = walk->whole.by;
        say_breach(page->looking, &breach,
                   "%s says that more follow after %lld, but exchange %llu ended with %lld",
                   page_name(page), (long long)walk->count,
                   (unsigned long long)walk->whole.by->number, (long long)walk->whole.count);
    }
    if (more == TRUTH_FALSE && is_now(page, &walk->whole) && walk->count != walk->whole.count) {
        breach.first = walk->whole.by;
        say_breach(page->looking, &breach, "%s ends with %lld, but exchange %llu ended with %lld",
                   page_name(page), (long long)walk->count,
                   (unsigned long long)walk->whole.by->number, (long long)walk->whole.count);
    } else if (more == TRUTH_FALSE && is_now(page, &walk->longest) &&
               walk->count <= walk->longest.count) {
        breach.first = walk->longest.by;
        say_breach(page->looking, &breach,
                   "%s ends with %lld, but exchange %llu says that more follow after %lld",
                   page_name(page), (long long)walk->count,
                   (unsigned long long)walk->longest.by->number, (long long)walk->longest.count);
    }
    if (more == TRUTH_FALSE)
        set_mark(&walk->whole, &here);
    else if (!is_now(page, &walk->longest) || walk->count > walk->longest.count)
        set_mark(&walk->longest, &here);
}

/* ---- one page ---- */

static void judge_walk(struct paged *page)
{
    struct walk *walk = page->walk;
    enum truth more = says_more(page);
    size_t verdicts = page->looking->out->count;
    struct breach breach = page_breach(page, "page");

    breach.first = page->is_continued ? walk->latest : NULL;
    if (page->is_continued && walk->says_more && !page->count && !walk->is_disturbed)
        say_breach(page->looking, &breach, "%s: exchange %llu says that more follow, but none do",
                   page_name(page), (unsigned long long)walk->latest->number);
    add_items(page);
    walk->latest = page->looking->seen;
    memory_hold(walk->latest->memory);
    vec_push_arena(page->looking->monitor->arena, &walk->pages, walk->latest);
    walk->says_more = more == TRUTH_TRUE;
    walk->next = more == TRUTH_FALSE ? NULL : next_place(page);
    walk->next = walk->next ? arena_strdup(page->looking->monitor->arena, walk->next) : NULL;
    if (page->rule->more && page->rule->next && more == TRUTH_TRUE && !walk->next)
        say_breach(page->looking, &breach, "%s says that more follow, but not where (%s)",
                   page_name(page), page->rule->next);
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
    if (!page_asked(&page, page.rule->limit) ||
        !tree_as_int64(page_asked(&page, page.rule->limit), &page.limit))
        page.limit = page.rule->size;
    page_check_size(&page, page.rule->more && says_more(&page) == TRUTH_TRUE);
    page_check_filters(&page);
    page_check_before(&page);
    if (is_link(next_text(&page)))
        page_check_link(&page, next_text(&page));
    for (size_t i = 0; i < looking->taking_count; i++)
        if (looking->takings[i].participant->by_path && looking->takings[i].belief)
            page_check_owner(&page, &looking->takings[i]);
    if (looking->after.is_loose)
        return;
    find_walk(&page);
    page_check_order(&page);
    if (page.walk)
        judge_walk(&page);
}
