/* SPDX-License-Identifier: Apache-2.0 */
/* HAR 1.2 of all that was sent and answered, in the order sent; secrets masked as everywhere. */
#include "core/tape/har.h"
#include "core/base/str.h"
#include "runner/reports/reports.h"

struct writing {
    const struct report_context *context;
    struct strbuf *out;
    bool is_first;
};

static const char *masked(const struct writing *writing, const char *text)
{
    return secrets_mask(writing->context->secrets, writing->context->arena, text);
}

static struct str masked_bytes(const struct writing *writing, struct str bytes)
{
    return secrets_mask_bytes(writing->context->secrets, writing->context->arena, bytes);
}

static void add_header(const struct writing *writing, struct har_headers *headers, const char *name,
                       const char *value)
{
    bool is_secret = secrets_hides_header(writing->context->secrets, name);
    struct http_header header = {name, is_secret ? "***" : masked(writing, value)};
    vec_push_arena(writing->context->arena, headers, header);
}

/* What has no answer has status 0 and says why. */
static void add_attempt(struct writing *writing, const struct attempt *attempt)
{
    const struct http_header *header;
    struct har_entry entry = {.started = attempt->began,
                              .waited = attempt->waited,
                              .took = attempt->took,
                              .method = attempt->sent.method,
                              .url = masked(writing, attempt->sent.url),
                              .version = "HTTP/1.1",
                              .request_body = masked_bytes(writing, attempt->sent.body),
                              .has_body = true,
                              .error = masked(writing, attempt->failure)};
    if (!attempt->began)
        return; /* not sent */
    vec_foreach (header, &attempt->sent.headers)
        add_header(writing, &entry.sent, header->name, header->value);
    if (attempt->seen) {
        const struct raw_response *raw = attempt->seen->response;
        entry.status = raw->status;
        entry.body = masked_bytes(writing, raw->body);
        for (size_t i = 0; i < raw->headers.count; i++)
            add_header(writing, &entry.given, raw->headers.items[i].name,
                       raw->headers.items[i].value);
    }
    har_add(&entry, writing->is_first, writing->out);
    writing->is_first = false;
}

void report_har(const struct run_result *result, const struct report_context *context,
                struct strbuf *out)
{
    struct writing writing = {context, out, true};
    har_begin("dryrun", context->version, out);
    for (size_t i = 0; i < result->workflows.count; i++)
        for (size_t j = 0; j < result->workflows.items[i]->steps.count; j++) {
            const struct played_step *step = result->workflows.items[i]->steps.items[j];
            for (size_t k = 0; k < step->attempts.count; k++)
                add_attempt(&writing, step->attempts.items[k]);
        }
    har_end(out);
}
