/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/auth.h"

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/expr/template.h"
#include "mock/session.h"

#include <strings.h>

/* "Bearer abc" gives "abc" for the scheme "bearer". */
static const char *of_scheme(const struct http_request *request, const char *scheme)
{
    const char *value = http_request_header(request, "Authorization");
    size_t len = strlen(scheme);
    if (!value || strncasecmp(value, scheme, len) != 0 || value[len] != ' ')
        return NULL;
    value += len;
    while (*value == ' ')
        value++;
    return *value ? value : NULL;
}

static const char *find_credential(const struct exchange *exchange)
{
    const struct auth *auth = &exchange->played->provider->service.auth;
    for (size_t i = 0; i < auth->accept_count; i++) {
        const struct credential *accept = &auth->accept[i];
        const char *found = NULL;
        if (accept->scheme)
            found = of_scheme(exchange->request, accept->scheme);
        else if (accept->header)
            found = http_request_header(exchange->request, accept->header);
        else if (accept->query)
            found = tree_text(tree_get(exchange->checked.parameters.query, accept->query));
        else if (accept->cookie)
            found = tree_text(tree_get(exchange->checked.parameters.cookie, accept->cookie));
        if (found && *found)
            return found;
    }
    return NULL;
}

bool auth_check(struct exchange *exchange)
{
    const struct auth *auth = &exchange->played->provider->service.auth;
    exchange->credential = find_credential(exchange);
    return exchange->credential || !auth->required || !auth->accept_count ||
           exchange->operation->operation->anonymous;
}

const char *auth_session(const struct http_request *request, struct arena *arena)
{
    static const char *const headers[] = {"Authorization", "x-api-key", "api-key"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const char *value = http_request_header(request, headers[i]);
        const char *tilde = value ? strrchr(value, '~') : NULL;
        if (tilde && tilde[1] && session_name_is_valid(tilde + 1))
            return arena_strdup(arena, tilde + 1);
    }
    return NULL;
}

bool auth_resolve(struct exchange *exchange, struct str name, const cJSON **value)
{
    struct play *play = &exchange->play;
    const struct auth *auth = &exchange->played->provider->service.auth;
    if (str_is(name, "principal"))
        *value = template_value(auth->principal, &play->eval);
    else if (str_is(name, "credential"))
        *value = exchange->credential ? tree_string(play->arena, exchange->credential) : NULL;
    else if (str_is(name, "exchange"))
        *value = tree_integer(play->arena, (int64_t)exchange->number);
    else
        return false;
    return true;
}
