/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/list.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/contract/percent.h"
#include "core/data/json.h"
#include "core/expr/criterion.h"
#include "core/expr/expr.h"
#include "core/expr/match.h"
#include "core/expr/template.h"
#include "mock/body.h"
#include "mock/pretence.h"
#include "mock/refuse.h"

/* ---- what was asked ---- */

static const cJSON *given_for(const struct exchange *exchange, const struct filter *filter)
{
    const cJSON *from =
        filter->in_body ? exchange->checked.body : exchange->checked.parameters.query;
    return tree_get(from, filter->parameter);
}

static const struct match *fitting_row(struct play *play, const struct filter *filter)
{
    for (size_t i = 0; i < filter->row_count; i++)
        if (criterion_gate(filter->rows[i].when, filter->rows[i].unless, &play->eval) == TRUTH_TRUE)
            return filter->rows[i].where;
    return NULL;
}

static void read_filters(struct listing *listing)
{
    struct exchange *exchange = listing->exchange;
    struct play *play = &exchange->play;
    const struct list *list = listing->list;
    listing->filters =
        arena_alloc(exchange->arena, (list->filter_count + 1) * sizeof *listing->filters);
    for (size_t i = 0; i < list->filter_count; i++) {
        const cJSON *given = given_for(exchange, &list->filters[i]);
        if (!given || cJSON_IsNull(given))
            continue;
        play_bind(play, "given", given);
        const struct match *match = fitting_row(play, &list->filters[i]);
        if (!match)
            continue;
        struct asked_filter asked = {&list->filters[i], given, match_bind(match, &play->eval)};
        listing->filters[listing->filter_count++] = asked;
    }
    if (list->where)
        listing->where = match_bind(list->where, &play->eval);
    if (list->owner)
        listing->owner = play_resource(play, template_value(list->owner, &play->eval));
}

static void read_sort(struct listing *listing)
{
    struct eval *eval = &listing->exchange->play.eval;
    const struct sort *sort = &listing->list->sort;
    const char *by = template_text(sort->by, eval);
    const char *order = template_text(sort->order, eval);
    for (size_t i = 0; by && i < sort->key_count; i++)
        if (text_is(sort->keys[i].name, by))
            listing->key = &sort->keys[i];
    listing->is_backward = text_is(order, "desc");
    int found =
        kind_order(listing->kind, listing->key, sort->ties_descending, listing->is_backward);
    listing->order = found < 0 ? 0 : (unsigned)found;
}

/* Tokens are bound to what they were made for: sort, filters, the list itself. */
static void make_digest(struct listing *listing)
{
    const struct page *page = listing->page;
    uint64_t digest = draw_hash_text(1, listing->exchange->operation->name);
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    if (page->bind_sort)
        strbuf_addf(&text, "%u %d ", listing->order, listing->is_backward);
    for (size_t i = 0; page->bind_filters && i < listing->filter_count; i++) {
        strbuf_addf(&text, "%s=", listing->filters[i].filter->parameter);
        json_print(listing->filters[i].given, JSON_CANONICAL, &text);
    }
    listing->digest = draw_hash(digest, text.buf, text.len);
    strbuf_release(&text);
}

static void read_limit(struct listing *listing)
{
    const struct page *page = listing->page;
    int64_t limit = page->default_limit;
    const cJSON *asked = template_value(page->limit, &listing->exchange->play.eval);
    if (asked)
        tree_as_int64(asked, &limit);
    if (page->max_limit && limit > page->max_limit)
        limit = page->max_limit;
    listing->limit = limit > 0 ? limit : INT32_MAX;
}

/* 0, or -1 when a position was given that is none. */
static int read_position(struct listing *listing)
{
    struct eval *eval = &listing->exchange->play.eval;
    const struct page *page = listing->page;
    const char *after = template_text(page->after, eval);
    const char *before = template_text(page->before, eval);
    if (after && *after)
        return cursor_read(listing, after);
    if (before && *before) {
        listing->before = true;
        return cursor_read(listing, before);
    }
    return 0;
}

/* ---- the page ---- */

static void run_scan(struct listing *listing, struct scan_result *result)
{
    struct scan scan = {
        .order = listing->order,
        .is_backward = listing->is_backward != listing->before,
        .after = listing->after,
        .offset = listing->offset,
        .limit = (size_t)listing->limit,
        .predicates = listing->predicates,
        .predicate_count = listing->predicate_count,
    };
    if (listing->needs_tree || listing->exchange->pretence) {
        scan.fits = listing_fits;
        scan.data = listing;
    }
    struct world *world = listing->exchange->play.world;
    scan_run(store_index(world->store, listing->kind->index), &scan, result);
    for (size_t i = 0; listing->before && i < result->count / 2; i++) {
        struct resource *row = result->rows[i];
        result->rows[i] = result->rows[result->count - 1 - i];
        result->rows[result->count - 1 - i] = row;
    }
}

/* The query parameter that gives the position: what `after` reads. */
static const char *position_parameter(const struct page *page)
{
    const struct uses *uses = page->after ? template_uses(page->after) : NULL;
    for (size_t i = 0; uses && i < uses->count; i++)
        if (uses->items[i].expr && text_starts_with(expr_pointer(uses->items[i].expr), "/query/"))
            return expr_pointer(uses->items[i].expr) + strlen("/query/");
    return "after";
}

/* The URL that was called, with the position replaced. */
static const char *next_url(struct listing *listing, const char *token)
{
    struct exchange *exchange = listing->exchange;
    struct strbuf url = STRBUF_INIT(LIMIT_MESSAGE);
    const char *root = position_parameter(listing->page);
    strbuf_adds(&url, exchange_base(exchange));
    strbuf_add(&url, exchange->path.ptr, exchange->path.len);
    strbuf_addch(&url, '?');
    struct pairs pairs = {0};
    pairs_parse(exchange->arena, str_from(exchange->request->query), &pairs);
    for (size_t i = 0; i < pairs.count; i++) {
        if (text_is(pairs.items[i].name, root))
            continue;
        percent_encode(str_from(pairs.items[i].name), PERCENT_UNRESERVED, &url);
        strbuf_addf(&url, "=%.*s&", (int)pairs.items[i].raw.len, pairs.items[i].raw.ptr);
    }
    strbuf_addf(&url, "%s=", root);
    percent_encode(str_from(token), PERCENT_UNRESERVED, &url);
    const char *text = arena_strndup(exchange->arena, url.buf, url.len);
    strbuf_release(&url);
    return text;
}

static const char *token_of(const struct listing *listing, struct resource *row)
{
    struct world *world = listing->exchange->play.world;
    if (listing->page->position == POSITION_ID)
        return row->id;
    if (listing->page->position == POSITION_OFFSET)
        return arena_printf(listing->exchange->arena, "%zu",
                            listing->offset + (size_t)listing->limit);
    struct scan_position position =
        scan_position_of(store_index(world->store, listing->kind->index), listing->order, row);
    return cursor_write(listing, &position);
}

/* NULL: nothing leads on. */
static const char *next_token(const struct listing *listing, const struct scan_result *result)
{
    if (listing->pretends_next)
        return listing->next;
    return result->has_more && result->count ? token_of(listing, result->rows[result->count - 1])
                                             : NULL;
}

/* What a fault has the page say: its members are as ever, only not true. */
static void pretend_page(struct listing *listing, struct scan_result *result)
{
    const enum page_fault fault = listing->exchange->pretence->page;
    const char *last = result->count ? token_of(listing, result->rows[result->count - 1]) : NULL;
    const char *here = template_text(listing->page->after, &listing->exchange->play.eval);
    bool is_endless = fault == PAGE_ENDLESS && !result->has_more;
    if (fault == PAGE_TRUE || (!result->has_more && !is_endless))
        return;
    listing->pretends_next = true;
    listing->next = last;
    if ((fault == PAGE_LOOP && here) || (is_endless && !last))
        listing->next = here;
    if (fault == PAGE_BAD_TOKEN)
        listing->next = "no-such-place";
    if (fault == PAGE_CUT || fault == PAGE_NO_TOKEN)
        listing->next = NULL;
    result->has_more = fault != PAGE_CUT;
    if (fault == PAGE_EMPTY)
        result->count = 0;
}

/* Printed items take the place of this text when the page is printed: they are texts already. */
#define ITEMS_MARK "\x01items"

static cJSON *page_tree(struct listing *listing, const struct scan_result *result)
{
    struct exchange *exchange = listing->exchange;
    struct arena *arena = exchange->arena;
    cJSON *page = tree_object(arena);
    tree_set_string(arena, page, "items", ITEMS_MARK);
    tree_set(arena, page, "more", tree_bool(arena, result->has_more));
    if (result->count) {
        tree_set_string(arena, page, "first", result->rows[0]->id);
        tree_set_string(arena, page, "last", result->rows[result->count - 1]->id);
    }
    const char *token = next_token(listing, result);
    if (token) {
        tree_set_string(arena, page, "next", token);
        tree_set_string(arena, page, "next_url", next_url(listing, token));
    }
    return page;
}

static void keep_items(struct listing *listing, const struct scan_result *result)
{
    struct exchange *exchange = listing->exchange;
    exchange->items = arena_alloc(exchange->arena, (result->count + 1) * sizeof *exchange->items);
    for (size_t i = 0; i < result->count; i++)
        exchange->items[i] = body_text(&exchange->play, result->rows[i], listing->list->view);
    exchange->item_count = result->count;
}

/* A body that does more with its items than to place them gets them as a tree. */
static bool places_items_once(const cJSON *body)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(body, JSON_COMPACT, &text);
    const char *mark = strstr(text.buf, "\"\\u0001items\"");
    bool once = mark && !strstr(mark + strlen("\"\\u0001"), "\\u0001items");
    strbuf_release(&text);
    return once;
}

static cJSON *items_tree(struct exchange *exchange)
{
    cJSON *items = tree_array(exchange->arena);
    for (size_t i = 0; i < exchange->item_count; i++)
        tree_append(items, json_parse(exchange->arena, exchange->items[i]->bytes,
                                      exchange->items[i]->len, NULL, NULL));
    return items;
}

static void make_body(struct listing *listing, const struct scan_result *result)
{
    struct exchange *exchange = listing->exchange;
    struct play *play = &exchange->play;
    const struct template *body = listing->page->body ? listing->page->body : listing->list->body;
    cJSON *page = page_tree(listing, result);
    keep_items(listing, result);
    play_bind(play, "page", page);
    cJSON *reply =
        body ? template_eval(body, &play->eval) : tree_string(exchange->arena, ITEMS_MARK);
    if (!reply || !places_items_once(reply)) {
        tree_set(exchange->arena, page, "items", items_tree(exchange));
        reply = template_eval(body, &play->eval);
        exchange_drop_items(exchange);
    }
    exchange->reply = reply;
}

static void refuse_list(struct listing *listing, const char *message)
{
    struct exchange *exchange = listing->exchange;
    cJSON *problem = tree_object(exchange->arena);
    tree_set_string(exchange->arena, problem, "message", message);
    play_bind(&exchange->play, "problem", problem);
    if (listing->page->bad) {
        refuse(exchange, &(struct refused){listing->page->bad, NULL, NULL});
        exchange->remark =
            arena_printf(exchange->arena, "%s: %s", exchange->operation->name, message);
    } else
        refuse_failure(exchange, FAILURE_INVALID, 0, NULL, message);
}

/* What is wrong with the text of a `query` filter; NULL. */
static const char *wrong_filter(const struct listing *listing)
{
    for (size_t i = 0; i < listing->filter_count; i++)
        if (listing->filters[i].match->error)
            return arena_printf(listing->exchange->arena, "%s: %s",
                                listing->filters[i].filter->parameter,
                                listing->filters[i].match->error);
    return NULL;
}

void answer_list(struct exchange *exchange, const struct list *list)
{
    const struct page_key asked = list_page_key(exchange, list);
    if (!exchange->pretence)
        exchange->reply_text = page_cache_find(exchange->world->pages, &asked);
    if (exchange->reply_text)
        return;
    static const struct page whole = {.name = "all", .position = POSITION_NONE};
    struct listing listing = {
        .exchange = exchange, .list = list, .page = list->page ? list->page : &whole};
    listing.kind = played_kind(exchange->played, list->kind);
    read_filters(&listing);
    const char *wrong = wrong_filter(&listing);
    if (wrong) {
        refuse_list(&listing, wrong);
        return;
    }
    read_sort(&listing);
    make_digest(&listing);
    read_limit(&listing);
    if (read_position(&listing)) {
        refuse_list(&listing,
                    "the position is none of this list, as it is sorted and filtered now");
        return;
    }
    listing_predicates(&listing);
    struct scan_result result = {0};
    run_scan(&listing, &result);
    if (exchange->pretence)
        pretend_page(&listing, &result);
    make_body(&listing, &result);
    scan_release(&result);
    if (!exchange->pretence && !exchange->play.eval.problem && list_is_lasting(exchange, list))
        exchange->page_key = arena_copy(exchange->arena, &asked, sizeof asked);
}
