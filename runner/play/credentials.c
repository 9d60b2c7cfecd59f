/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/play/credentials.h"

#include "core/base/str.h"

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

const char *credentials_refusal(struct arena *arena, const struct attempt *attempt)
{
    const struct seen *seen = attempt->seen;
    int status = seen ? seen->response->status : 0;
    if (seen ? seen->number != 1 || attempt->passed || (status != 401 && status != 403) : true)
        return NULL;
    if (!has_credential(attempt))
        return arena_printf(arena,
                            "the service wants credentials, and none were sent: %d to the first "
                            "request, %s %s (--bearer-env VARIABLE or --header 'NAME: VALUE')",
                            status, attempt->sent.method, attempt->sent.path);
    return arena_printf(
        arena, "the service does not accept these credentials: %d to the first request, %s %s",
        status, attempt->sent.method, attempt->sent.path);
}
