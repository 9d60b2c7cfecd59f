/* SPDX-License-Identifier: Apache-2.0 */
/* A page of a list by itself: its order, filters, owner, size and ends. */
#include "runner/monitor/list_page.h"

#include "core/base/str.h"
#include "core/contract/parameters.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"

#include <string.h>

struct breach page_breach(const struct paged *page, const char *rule)
{
    return (struct breach){.rule = rule, .place = page->rule->place, .source = page->rule->source};
}

const char *page_name(const struct paged *page)
{
    return page->looking->seen->operation->name;
}

const char *page_id_of(const struct paged *page, const cJSON *item)
{
    const cJSON *id = page->machine->id_at ? pointer_get(item, page->machine->id_at) : NULL;

    return id && !cJSON_IsNull(id) ? value_text(page->looking->arena, id) : NULL;
}

/* All that was asked for. */
const cJSON *page_question(const struct paged *page)
{
    return page->rule->in_body ? page->looking->seen->sent : page->looking->seen->query;
}

const cJSON *page_asked(const struct paged *page, const char *parameter)
{
    return parameter ? tree_get(page_question(page), parameter) : NULL;
}

const char *page_asked_text(const struct paged *page, const char *parameter)
{
    const cJSON *value = page_asked(page, parameter);

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
    const char *chosen = page_asked_text(page, rule->chosen);

    return chosen ? tree_get_text(rule->keys, chosen) : rule->by;
}

static const char *order_of(const struct paged *page)
{
    const char *order = page_asked_text(page, page->rule->order);

    if (tree_is_true(page_asked(page, page->rule->rising)))
        return "asc";
    order = order ? order : page->rule->usual;
    return text_is(order, "asc") || text_is(order, "desc") ? order : NULL;
}

static void check_pair(const struct paged *page, const cJSON *before, const cJSON *after)
{
    const char *by = sorted_by(page), *order = order_of(page);
    const cJSON *one = pointer_get(before, by), *other = pointer_get(after, by);
    struct breach breach = page_breach(page, "order");
    bool known;
    int result = compare(one, other, &known);

    if (known && (text_is(order, "desc") ? result < 0 : result > 0))
        say_breach(page->looking, &breach,
                   "%s: '%s' (%s %s) comes before '%s' (%s), but the order is %s", page_name(page),
                   page_id_of(page, before), by, json_text(page->looking->arena, one),
                   page_id_of(page, after), json_text(page->looking->arena, other), order);
}

void page_check_order(const struct paged *page)
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

/* What a filter lets through: a value, one of several, an object that has all of these, or
 * (`is`) what lies beyond. */
enum truth page_lets_through(const struct paged *page, const cJSON *filter, const cJSON *wanted,
                             const cJSON *member)
{
    struct arena *arena = page->looking->arena;
    const char *is = tree_get_text(filter, "is");
    const cJSON *item;
    bool known;
    int result;

    if (is) {
        result = compare(member, wanted, &known);
        if (!known)
            return TRUTH_UNKNOWN;
        return (text_is(is, "after") ? result > 0 : result < 0) ? TRUTH_TRUE : TRUTH_FALSE;
    }
    if (cJSON_IsObject(wanted)) {
        cJSON_ArrayForEach (item, wanted)
            if (!tree_equal(tree_get(member, item->string), item))
                return TRUTH_FALSE;
        return TRUTH_TRUE;
    }
    if (!cJSON_IsArray(wanted))
        return text_is(value_text(arena, member), value_text(arena, wanted)) ? TRUTH_TRUE
                                                                             : TRUTH_FALSE;
    cJSON_ArrayForEach (item, wanted)
        if (text_is(value_text(arena, member), value_text(arena, item)))
            return TRUTH_TRUE;
    return TRUTH_FALSE;
}

const char *page_filtered_at(const cJSON *filter)
{
    return cJSON_IsString(filter) ? tree_text(filter) : tree_get_text(filter, "at");
}

void page_check_filters(const struct paged *page)
{
    struct breach breach = page_breach(page, "filter");
    const cJSON *filter, *item;

    cJSON_ArrayForEach (filter, page->rule->filters) {
        const cJSON *wanted = page_asked(page, filter->string);

        if (!wanted || cJSON_IsNull(wanted))
            continue;
        cJSON_ArrayForEach (item, page->items) {
            const cJSON *member = pointer_get(item, page_filtered_at(filter));

            if (member && page_lets_through(page, filter, wanted, member) == TRUTH_FALSE)
                say_breach(
                    page->looking, &breach, "%s shows '%s' with %s %s, but was asked for %s%s",
                    page_name(page), page_id_of(page, item), page_filtered_at(filter),
                    json_text(page->looking->arena, member),
                    cJSON_IsObject(filter) ? "what is " : "",
                    cJSON_IsObject(filter)
                        ? arena_printf(page->looking->arena, "%s %s", tree_get_text(filter, "is"),
                                       value_text(page->looking->arena, wanted))
                        : value_text(page->looking->arena, wanted));
        }
    }
}

/* What the path names owns what is listed. */
void page_check_owner(const struct paged *page, const struct taking *owner)
{
    struct breach breach = page_breach(page, "owner");
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
                           page_name(page), owner->belief->machine->name, owner->belief->id,
                           page_id_of(page, item), at);
        }
        return;
    }
}

static void check_named(const struct paged *page, const char *at, const cJSON *item)
{
    const cJSON *named = at ? pointer_get(page->looking->seen->answer, at) : NULL;
    struct breach breach = page_breach(page, "page");
    const char *id = item ? page_id_of(page, item) : NULL;

    if (named && id && !text_is(tree_text(named), id))
        say_breach(page->looking, &breach, "%s says that %s is %s, but shows '%s'", page_name(page),
                   at, json_text(page->looking->arena, named), id);
}

/* A page that ends before an item: that one is not in it, nor what comes behind it. */
void page_check_before(const struct paged *page)
{
    const char *id = page_asked_text(page, page->rule->before);
    const struct belief *belief =
        id ? beliefs_find(page->looking->monitor->beliefs, page->machine, id) : NULL;
    struct breach breach = page_breach(page, "page");
    const cJSON *item;

    if (!id)
        return;
    cJSON_ArrayForEach (item, page->items) {
        if (text_is(page_id_of(page, item), id))
            say_breach(page->looking, &breach, "%s shows '%s', which it was to end before",
                       page_name(page), id);
        if (belief && belief->value && sorted_by(page) && order_of(page))
            check_pair(page, item, belief->value);
    }
}

/* Behind the host, without the query. */
static struct str path_of(const char *url)
{
    const char *host = strstr(url, "://"), *path = host ? strchr(host + 3, '/') : NULL;

    path = path ? path : "";
    return (struct str){path, strcspn(path, "?#")};
}

static bool ends_with(struct str text, struct str end)
{
    return text.len >= end.len && !memcmp(text.ptr + text.len - end.len, end.ptr, end.len);
}

static struct pairs query_of(const struct paged *page, const char *url)
{
    const char *query = strchr(url, '?');
    struct pairs pairs = {0};

    if (query)
        pairs_parse(page->looking->arena, str_from(query + 1), &pairs);
    return pairs;
}

/* A link leads on in the same list, with the same question. A gateway may know it by a longer
 * path. */
void page_check_link(const struct paged *page, const char *link)
{
    const char *url = page->looking->seen->url;
    struct str here = path_of(url), there = path_of(link);
    struct pairs asked = query_of(page, url), repeated = query_of(page, link);
    struct breach breach = page_breach(page, "page");
    size_t places = 0;

    if (!ends_with(here, there) && !ends_with(there, here))
        say_breach(page->looking, &breach, "%s: %s leads from %.*s to %.*s", page_name(page),
                   page->rule->next, (int)here.len, here.ptr, (int)there.len, there.ptr);
    for (size_t i = 0; i < repeated.count; i++)
        places += text_is(repeated.items[i].name, page->rule->after);
    if (places > 1)
        say_breach(page->looking, &breach, "%s: %s has '%s' %zu times", page_name(page),
                   page->rule->next, page->rule->after, places);
    for (size_t i = 0; i < asked.count; i++) {
        const char *name = asked.items[i].name, *wanted = asked.items[i].value;
        const char *given = pairs_find(&repeated, name);

        if (!text_is(name, page->rule->after) && !text_is(name, page->rule->limit) &&
            !text_is(given, wanted))
            say_breach(page->looking, &breach,
                       "%s: %s leads on with %s '%s', but '%s' was asked for", page_name(page),
                       page->rule->next, given ? name : "no", given ? given : name, wanted);
    }
}

void page_check_size(const struct paged *page, bool says_more)
{
    struct breach breach = page_breach(page, "page");

    if (page->limit >= 0 && page->count > page->limit)
        say_breach(page->looking, &breach, "%s shows %lld items, but was asked for %lld",
                   page_name(page), (long long)page->count, (long long)page->limit);
    if (says_more && page->rule->is_full && page->limit >= 0 && page->count < page->limit)
        say_breach(page->looking, &breach,
                   "%s says that more follow, but shows %lld of the %lld items asked for",
                   page_name(page), (long long)page->count, (long long)page->limit);
    if (!page->count)
        return;
    check_named(page, page->rule->first_id, page->items->child);
    check_named(page, page->rule->last_id, cJSON_GetArrayItem(page->items, (int)page->count - 1));
}
