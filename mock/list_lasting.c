/* SPDX-License-Identifier: Apache-2.0 */
/* Which pages are a matter of their URL and the store alone: those may be kept until it changes. */
#include "mock/list.h"

#include "core/base/str.h"
#include "core/expr/expr.h"
#include "core/expr/template.h"
#include "mock/world/page_cache.h"

/* Of the request, only what is in its URL. */
static bool reads_url_only(const struct template *template)
{
    static const char *const roots[] = {"request", "page", NULL};
    const struct uses *uses = template ? template_uses(template) : NULL;
    if (!uses)
        return true;
    for (size_t i = 0; i < uses->count; i++) {
        const struct use *use = &uses->items[i];
        if (!use->expr || use->is_local || text_is(expr_root(use->expr), "page"))
            continue;
        const char *at = expr_pointer(use->expr);
        if (!at || !(text_starts_with(at, "/query/") || text_starts_with(at, "/path/")))
            return false;
    }
    return uses_only(uses, roots);
}

/* Evaluated when the answer is written: what the page bound is not there then. */
static bool headers_read_page(const struct exchange *exchange)
{
    const struct assignments *headers = &exchange->played->provider->service.headers;
    for (size_t i = 0; i < headers->count; i++) {
        const struct uses *uses = template_uses(headers->items[i].value);
        if (uses && uses_root(uses, "page"))
            return true;
    }
    return false;
}

static bool is_filtered(const struct exchange *exchange, const struct list *list)
{
    for (size_t i = 0; i < list->filter_count; i++)
        if (list->filters[i].in_body ||
            tree_get(exchange->checked.parameters.query, list->filters[i].parameter))
            return true;
    return list->where || list->owner;
}

bool list_is_lasting(const struct exchange *exchange, const struct list *list)
{
    const struct page *page = list->page;
    if (!played_kind(exchange->played, list->kind)->is_plain || list->view ||
        is_filtered(exchange, list) || headers_read_page(exchange))
        return false;
    return reads_url_only(list->sort.by) && reads_url_only(list->sort.order) &&
           reads_url_only(list->body) &&
           (!page || (reads_url_only(page->limit) && reads_url_only(page->after) &&
                      reads_url_only(page->before) && reads_url_only(page->descending) &&
                      reads_url_only(page->body)));
}

struct page_key list_page_key(const struct exchange *exchange, const struct list *list)
{
    const struct http_request *request = exchange->request;
    return (struct page_key){list, exchange->target, request->host, request->is_tls,
                             store_sequence(exchange->world->store)};
}
