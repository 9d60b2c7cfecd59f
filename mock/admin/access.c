/* SPDX-License-Identifier: Apache-2.0 */
/* Who may call the admin API, and who may steer single requests by headers. */
#include "core/base/str.h"
#include "core/net/digest.h"
#include "mock/admin/admin.h"
#include "mock/admin/handlers.h"
#include "mock/problem.h"

#include <string.h>
#include <strings.h>

/* ---- who may call ---- */

/* 127.0.0.0/8, localhost or [::1], with any port: no page of another site can send these. */
static bool is_loopback(const char *host)
{
    if (!host)
        return false;
    size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (text_is(host, "[::1]") || strncmp(host, "[::1]:", 6) == 0)
        return true;
    if (len == strlen("localhost") && strncasecmp(host, "localhost", len) == 0)
        return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

static const char *given_token(const struct http_request *request)
{
    const char *bearer = http_request_header(request, "Authorization");
    const char *token = http_request_header(request, "X-Dryrun-Admin-Token");
    if (token)
        return token;
    return bearer && strncasecmp(bearer, "Bearer ", 7) == 0 ? bearer + 7 : "";
}

/* A page in a browser names where it comes from. */
static bool is_foreign(const struct http_request *request)
{
    const char *origin = http_request_header(request, "Origin");
    const char *host = origin ? strstr(origin, "://") : NULL;
    return origin && !(host && is_loopback(host + 3));
}

bool admin_may_call(struct admin_call *call)
{
    const struct http_request *request = call->exchange->request;
    const char *token = call->mock->options.admin_token;
    cJSON *members = tree_object(call->arena);
    if (token && digest_is_equal(given_token(request), token))
        return true;
    if (token) {
        tree_set_string(
            call->arena, members, "detail",
            "send it as 'Authorization: Bearer TOKEN' or 'X-Dryrun-Admin-Token: TOKEN'");
        return admin_refuse(call, 403, "the admin token is missing or wrong", members), false;
    }
    if (is_loopback(request->host) && !is_foreign(request))
        return true;
    tree_set_string(call->arena, members, "detail",
                    "only 127.0.0.0/8, localhost and [::1] may call without --admin-token");
    tree_set_string(call->arena, members, "host", request->host);
    return admin_refuse(call, 403,
                        is_foreign(request) ? "pages of other sites may not call the admin API"
                                            : "the Host is not loopback",
                        members),
           false;
}

bool admin_may_steer(struct exchange *exchange)
{
    const struct http_request *request = exchange->request;
    const char *token = exchange->mock->options.admin_token;
    const char *given = http_request_header(request, "X-Dryrun-Admin-Token");
    if (!exchange->mock->options.is_exposed || text_starts_with(request->peer, "127.") ||
        text_is(request->peer, "::1") || (token && given && digest_is_equal(given, token)))
        return true;
    problem_answer(exchange, 403,
                   "X-Dryrun-Fault and X-Dryrun-Outcome need X-Dryrun-Admin-Token from here", NULL);
    return false;
}
