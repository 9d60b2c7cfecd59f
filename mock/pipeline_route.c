/* SPDX-License-Identifier: Apache-2.0 */
/* The stage that finds provider and operation, and answers where there is none. */
#include "core/base/str.h"
#include "mock/blob.h"
#include "mock/loading.h"
#include "mock/pipeline.h"
#include "mock/problem.h"
#include "mock/respond.h"
#include "mock/route.h"

static enum stage_result answer_preflight(struct exchange *exchange)
{
    struct strbuf allow = STRBUF_INIT(LIMIT_MESSAGE);
    route_match_allow(&exchange->match, &allow);
    const char *asked = http_request_header(exchange->request, "Access-Control-Request-Headers");
    exchange->status = 204;
    exchange_header(exchange, "Allow", allow.buf);
    exchange_header(exchange, "Access-Control-Allow-Methods", allow.buf);
    exchange_header(exchange, "Access-Control-Allow-Headers", asked ? asked : "*");
    exchange_header(exchange, "Access-Control-Max-Age", "600");
    strbuf_release(&allow);
    respond(exchange);
    return STAGE_ANSWERED;
}

static enum stage_result refuse_route(struct exchange *exchange)
{
    struct route_near near[3];
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    size_t count = router_nearest(exchange->played->router, exchange->arena,
                                  exchange->request->method, exchange->path, near, 3);
    strbuf_addf(&text, "no operation fits %s %.*s", exchange->request->method,
                (int)exchange->path.len, exchange->path.ptr);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&text, "%s %s %s%s (%s)", i ? "," : "; nearest:", near[i].operation->method,
                    near[i].prefix, near[i].operation->path, near[i].reason);
    const char *message = arena_strndup(exchange->arena, text.buf, text.len);
    strbuf_release(&text);
    exchange->is_unmatched = true;
    if (!exchange->match.path_known)
        return pipeline_refuse(exchange, FAILURE_NO_ROUTE, 0, NULL, message);
    struct strbuf allow = STRBUF_INIT(LIMIT_MESSAGE);
    route_match_allow(&exchange->match, &allow);
    exchange_header(exchange, "Allow", allow.buf);
    strbuf_release(&allow);
    return pipeline_refuse(exchange, FAILURE_METHOD, 405, NULL, message);
}

/* 307 to the spelling of the document: the method and the body stay (RFC 9110 section 15.4.8). */
static enum stage_result redirect_slash(struct exchange *exchange)
{
    struct strbuf url = STRBUF_INIT(LIMIT_MESSAGE);
    bool is_extra = exchange->match.slash == SLASH_EXTRA;
    strbuf_adds(&url, exchange_base(exchange));
    strbuf_add(&url, exchange->path.ptr, exchange->path.len - is_extra);
    strbuf_adds(&url, is_extra ? "" : "/");
    if (exchange->request->query)
        strbuf_addf(&url, "?%s", exchange->request->query);
    exchange->status = 307;
    exchange_header(exchange, "Location", url.buf);
    strbuf_release(&url);
    respond(exchange);
    return STAGE_ANSWERED;
}

enum stage_result pipeline_route(struct exchange *exchange)
{
    /* taken here, so that looking on through the admin API leaves the services' numbers alone */
    if (!exchange->number)
        exchange->number = journal_number(exchange->world->journal);
    route_find(exchange);
    if (!exchange->played) {
        exchange->is_unmatched = true;
        problem_no_provider(exchange);
        return STAGE_ANSWERED;
    }
    if (exchange->played->failure) {
        exchange->is_unmatched = true;
        problem_answer(exchange, exchange->played->is_gone ? 404 : 500, exchange->played->failure,
                       NULL);
        return STAGE_ANSWERED;
    }
    loading_furnish(exchange->mock, exchange->world, exchange->played);
    if (route_is_blob(exchange->path)) {
        blob_serve(exchange);
        return STAGE_ANSWERED;
    }
    if (text_is(exchange->request->method, "OPTIONS") && exchange->match.path_known)
        return answer_preflight(exchange);
    if (!exchange->match.operation)
        return refuse_route(exchange);
    enum slashes slashes = exchange->played->provider->service.slashes;
    if (exchange->match.slash != SLASH_EXACT && slashes == SLASHES_REDIRECT)
        return redirect_slash(exchange);
    if (exchange->match.slash != SLASH_EXACT && slashes == SLASHES_REFUSE) {
        exchange->match.path_known = false;
        return refuse_route(exchange);
    }
    exchange->operation = &exchange->played->provider->operations[exchange->match.operation->index];
    return STAGE_NEXT;
}
