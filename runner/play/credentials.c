/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/credentials.h"

#include "core/base/str.h"
#include "runner/play/player.h"

/* Something that could be a credential went along. */
static bool has_credential(const struct attempt *attempt)
{
    const struct operation *operation =
        attempt->seen->operation ? attempt->seen->operation->operation : NULL;
    const struct http_header *header;
    vec_foreach (header, &attempt->sent.headers) {
        if (text_is_any_case(header->name, "Authorization") ||
            text_is_any_case(header->name, "Cookie"))
            return true;
        for (size_t i = 0; operation && i < operation->security.count; i++)
            for (size_t j = 0; j < operation->security.items[i].count; j++) {
                const char *name = operation->security.items[i].items[j].scheme->parameter_name;
                if (name && text_is_any_case(name, header->name))
                    return true;
            }
    }
    return false;
}

const char *credentials_refusal(struct runner *runner, const struct attempt *attempt)
{
    const struct seen *seen = attempt->seen;
    const struct operation *operation = seen && seen->operation ? seen->operation->operation : NULL;
    int status = seen ? seen->response->status : 0;
    bool is_first = seen && seen->number == 1, is_sent = seen && has_credential(attempt);
    if (operation && operation->security.count && status < 400)
        runner->was_let_in = true;
    if (attempt->passed || runner->was_let_in || !(status == 401 || (status == 403 && is_first)))
        return NULL;
    if (!is_sent && runner->options->header_count && !is_first)
        return NULL; /* the step kept them away */
    return arena_printf(
        runner->arena, "the service %s: %d to %s, %s %s%s",
        is_sent ? "does not accept these credentials" : "wants credentials, and none were sent",
        status, is_first ? "the first request" : "a request", attempt->sent.method,
        attempt->sent.path, is_sent ? "" : " (--bearer-env VARIABLE or --header 'NAME: VALUE')");
}
