/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials that the exchanges themselves carry: known when they are over, hidden everywhere. */
#include "runner/secrets_seen.h"

#include "runner/play/target.h"

#include <strings.h>

enum { TOKEN_MIN = 8 /* what a scenario sends as "Bearer wrong" is a word, not a key */ };

static void add_credential(struct secrets *secrets, const char *value)
{
    const char *blank = strchr(value, ' ');
    if (strlen(value) >= TOKEN_MIN)
        secrets_add(secrets, value);
    if (blank && strlen(blank + 1) >= TOKEN_MIN)
        secrets_add(secrets, blank + 1);
}

/* "a=1; b=2": each value; of Set-Cookie the first only, the others are attributes. */
static void add_cookies(struct secrets *secrets, const char *text, bool is_set)
{
    while (text && *text) {
        const char *equals = strchr(text, '='), *end = text + strcspn(text, ";");
        if (equals && equals < end && end - equals > TOKEN_MIN)
            secrets_add(secrets,
                        arena_strndup(secrets->arena, equals + 1, (size_t)(end - equals - 1)));
        text = is_set || !*end ? NULL : end + 1 + strspn(end + 1, " ");
    }
}

static void add_header(struct secrets *secrets, const char *name, const char *value,
                       const char *of_no_worth)
{
    if (!secrets_hides_header(secrets, name) || (of_no_worth && text_is(value, of_no_worth)))
        return;
    if (strcasecmp(name, "Cookie") == 0 || strcasecmp(name, "Set-Cookie") == 0)
        add_cookies(secrets, value, strcasecmp(name, "Set-Cookie") == 0);
    else
        add_credential(secrets, value);
}

/* Keys in the query, and parameters that --secret names. */
static void add_query(struct secrets *secrets, const struct seen *seen)
{
    const struct operation *operation = seen->operation ? seen->operation->operation : NULL;
    const struct security_requirement *either;
    const struct security_need *need;
    for (const cJSON *item = seen->query ? seen->query->child : NULL; item; item = item->next)
        if (secrets_is_named(secrets, item->string))
            secrets_add(secrets, tree_text(item));
    if (!operation)
        return;
    vec_foreach (either, &operation->security)
        vec_foreach (need, either)
            if (need->scheme->parameter_name && need->scheme->in == IN_QUERY)
                secrets_add(secrets, tree_get_text(seen->query, need->scheme->parameter_name));
}

void secrets_add_attempt(struct secrets *secrets, const struct attempt *attempt)
{
    const struct seen *seen = attempt->seen;
    struct http_header ours = {0};
    const struct http_header *header;
    if (seen && seen->operation)
        target_credential(seen->operation->operation, &ours);
    vec_foreach (header, &attempt->sent.headers)
        add_header(secrets, header->name, header->value, ours.value);
    if (!seen)
        return;
    add_query(secrets, seen);
    for (size_t i = 0; i < seen->response->headers.count; i++)
        add_header(secrets, seen->response->headers.items[i].name,
                   seen->response->headers.items[i].value, ours.value);
}

void secrets_add_seen(struct secrets *secrets, const struct run_result *result)
{
    for (size_t i = 0; i < result->workflows.count; i++) {
        const struct played_workflow *played = result->workflows.items[i];
        for (size_t j = 0; j < played->steps.count; j++)
            for (size_t k = 0; k < played->steps.items[j]->attempts.count; k++)
                secrets_add_attempt(secrets, played->steps.items[j]->attempts.items[k]);
    }
}
