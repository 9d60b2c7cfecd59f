/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/auth.h"

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/expr/template.h"
#include "mock/mock.h"

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

/* ---- what the document asks for ---- */

static const char *sent_for(const struct exchange *exchange, const struct security_scheme *scheme)
{
    const struct http_request *request = exchange->request;
    const struct decoded *parameters = &exchange->checked.parameters;
    if (!text_is(scheme->type, "apiKey")) {
        if (text_is(scheme->type, "http"))
            return of_scheme(request, scheme->scheme);
        return text_is(scheme->type, "mutualTLS") ? "" : of_scheme(request, "bearer");
    }
    if (scheme->in == IN_HEADER)
        return http_request_header(request, scheme->parameter_name);
    return tree_text(tree_get(scheme->in == IN_QUERY ? parameters->query : parameters->cookie,
                              scheme->parameter_name));
}

/* What is missing; NULL: nothing. One requirement suffices, all of its needs must be there. */
static const char *missing_need(const struct exchange *exchange)
{
    const struct operation *operation = exchange->operation->operation;
    const struct security_requirement *requirement;
    const struct security_need *need;
    const char *missing = NULL;
    if (operation->anonymous)
        return NULL;
    vec_foreach (requirement, &operation->security) {
        const char *lacks = NULL;
        vec_foreach (need, requirement)
            if (!lacks && !sent_for(exchange, need->scheme))
                lacks = need->scheme->name;
        if (!lacks)
            return NULL;
        missing = missing ? missing : lacks;
    }
    return missing;
}

static const char *check_contract(struct exchange *exchange)
{
    enum validate_mode mode = exchange->mock->options.validate;
    const char *missing = mode == VALIDATE_OFF ? NULL : missing_need(exchange);
    if (!missing)
        return NULL;
    const char *text = arena_printf(exchange->arena, "a credential for '%s' is needed", missing);
    if (mode == VALIDATE_STRICT)
        return text;
    exchange->remark = text;
    return NULL;
}

const char *auth_check(struct exchange *exchange)
{
    const struct auth *auth = &exchange->played->provider->service.auth;
    if (auth->by_contract)
        return check_contract(exchange);
    exchange->credential = find_credential(exchange);
    return exchange->credential || !auth->required || !auth->accept_count ||
                   exchange->operation->operation->anonymous
               ? NULL
               : "a credential is needed";
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
