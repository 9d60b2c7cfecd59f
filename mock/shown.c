/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/shown.h"

#include "core/base/draw.h"
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/contract/samples.h"
#include "core/data/json.h"
#include "mock/mock.h"
#include "mock/shown_body.h"

#include <stdlib.h>

/* ---- what the client prefers ---- */

struct wishes {
    int code;            /* 0: the first success */
    const char *example; /* NULL: any */
    bool is_dynamic;     /* made anew, whatever is declared */
    const char *applied; /* "code=404, dynamic=true"; NULL */
};

enum { SHOWN, MISSED };

static void read_wish(struct exchange *exchange, struct wishes *wishes, const char *name,
                      const char *value)
{
    if (text_is_any_case(name, "code") && strlen(value) == 3 && *value != '0' &&
        strspn(value, "0123456789") == 3)
        wishes->code = (int)strtol(value, NULL, 10);
    else if (text_is_any_case(name, "example") && *value)
        wishes->example = value;
    else if (text_is_any_case(name, "dynamic"))
        wishes->is_dynamic = text_is_any_case(value, "true");
    else
        return; /* of no concern here: RFC 7240 has such preferences ignored */
    wishes->applied =
        arena_printf(exchange->arena, "%s%s%s=%s", wishes->applied ? wishes->applied : "",
                     wishes->applied ? ", " : "", name, value);
}

/* name=value, the value perhaps in quotes; parameters behind a semicolon are not ours. */
static void read_preference(struct exchange *exchange, struct wishes *wishes, struct str text)
{
    struct arena *arena = exchange->arena;
    const char *equals = memchr(text.ptr, '=', text.len), *end = text.ptr + text.len;
    if (!equals)
        return;
    const char *from = equals + 1, *name_end = equals;
    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    bool is_quoted = from < end && *from == '"';
    from += is_quoted;
    const char *to = from;
    while (to < end && *to != (is_quoted ? '"' : ';'))
        to++;
    while (!is_quoted && to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    while (name_end > text.ptr && (name_end[-1] == ' ' || name_end[-1] == '\t'))
        name_end--;
    read_wish(exchange, wishes, arena_strndup(arena, text.ptr, (size_t)(name_end - text.ptr)),
              arena_strndup(arena, from, (size_t)(to - from)));
}

static void read_prefer(struct exchange *exchange, struct wishes *wishes, const char *value)
{
    while (*value) {
        value += strspn(value, " ,\t");
        size_t len = 0;
        for (bool quoted = false; value[len] && (quoted || value[len] != ','); len++)
            quoted ^= value[len] == '"';
        read_preference(exchange, wishes, (struct str){value, len});
        value += len;
    }
}

static struct wishes read_wishes(struct exchange *exchange)
{
    static const char *const names[] = {"__code", "__example", "__dynamic"};
    const struct http_request *request = exchange->request;
    struct wishes wishes = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = tree_text(tree_get(exchange->checked.parameters.query, names[i]));
        if (value)
            read_wish(exchange, &wishes, names[i] + 2, value);
    }
    for (size_t i = 0; i < request->header_count; i++) /* there may be several */
        if (text_is_any_case(request->headers[i].name, "Prefer"))
            read_prefer(exchange, &wishes, request->headers[i].value);
    return wishes;
}

/* ---- what cannot be shown ---- */

static int miss(struct exchange *exchange, int status, const char *title, const char *detail)
{
    struct arena *arena = exchange->arena;
    cJSON *body = tree_object(arena);
    tree_set_string(arena, body, "type", "about:blank");
    tree_set_string(arena, body, "title", title);
    tree_set(arena, body, "status", tree_integer(arena, status));
    tree_set_string(arena, body, "detail", detail);
    exchange->status = status;
    exchange->media_type = "application/problem+json";
    exchange->reply = body;
    exchange->remark = detail;
    return MISSED;
}

static int miss_code(struct exchange *exchange, int code)
{
    const struct response *response;
    const char *known = "";
    vec_foreach (response, &exchange->operation->operation->responses)
        known =
            arena_printf(exchange->arena, "%s%s%s", known, *known ? ", " : "", response->status);
    return miss(exchange, 404, "the document has no such response",
                arena_printf(exchange->arena, "'%s' documents no status %d (but %s)",
                             exchange->operation->name, code, *known ? known : "none"));
}

static int miss_example(struct exchange *exchange, const struct media_type *media, const char *name)
{
    const char *known = media ? sample_names(exchange->arena, media->node) : "";
    return miss(exchange, 404, "the document has no such example",
                arena_printf(exchange->arena, "'%s' has no example '%s' for %d%s%s (there is %s)",
                             exchange->operation->name, name, exchange->status, media ? " as " : "",
                             media ? media->name : "", *known ? known : "none"));
}

static int miss_media(struct exchange *exchange, const struct response *response)
{
    const struct media_type *media;
    const char *known = "";
    vec_foreach (media, &response->content)
        known = arena_printf(exchange->arena, "%s%s%s", known, *known ? ", " : "", media->name);
    return miss(exchange, 406, "no media type is acceptable",
                arena_printf(exchange->arena, "'%s' answers %d as %s, which Accept does not take",
                             exchange->operation->name, exchange->status, known));
}

/* ---- headers ---- */

static bool is_ours(const char *name)
{
    static const char *const names[] = {"Content-Type", "Content-Length",    "Date",
                                        "Connection",   "Transfer-Encoding", "Content-Encoding"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is_any_case(name, names[i]))
            return true;
    return false;
}

static uint64_t key_of(struct exchange *exchange, const struct wishes *wishes)
{
    return wishes->is_dynamic ? eval_draw(&exchange->play.eval)
                              : draw_hash_text(exchange->world->seed, exchange->request->path);
}

static void add_headers(struct exchange *exchange, const struct response *response,
                        const struct wishes *wishes)
{
    const struct contract *contract = exchange->played->provider->contract;
    const struct parameter *header;
    vec_foreach (header, &response->headers) {
        struct sample sample;
        const cJSON *value = NULL;
        if (is_ours(header->name))
            continue;
        if (!wishes->is_dynamic && sample_find(contract, header->node, NULL, &sample))
            value = sample.value;
        if (!value && header->schema)
            value = schema_example(header->schema, exchange->arena, key_of(exchange, wishes),
                                   SCHEMA_EXAMPLE_RESPONSE |
                                       (wishes->is_dynamic ? SCHEMA_EXAMPLE_INVENTED : 0u),
                                   NULL);
        const char *text = value ? shown_header(exchange->arena, value) : NULL;
        if (text)
            exchange_header(exchange, header->name, text);
    }
}

/* ---- the body ---- */

void shown_is_made(struct exchange *exchange)
{
    exchange_header(exchange, "X-Dryrun-Example", "made of the schema");
}

static int make_body(struct exchange *exchange, const struct media_type *media,
                     const struct wishes *wishes)
{
    unsigned flags = SCHEMA_EXAMPLE_OPTIONAL | SCHEMA_EXAMPLE_RESPONSE | SCHEMA_EXAMPLE_NEAREST |
                     (wishes->is_dynamic ? SCHEMA_EXAMPLE_INVENTED : 0u);
    bool is_item = !media->schema && media->item_schema;
    const struct schema *schema = is_item ? media->item_schema : media->schema;
    struct error err = {0};
    if (!schema)
        return SHOWN;
    cJSON *value = schema_example(schema, exchange->arena, key_of(exchange, wishes), flags, &err);
    if (!value)
        return miss(exchange, 500, "no example can be made",
                    arena_strdup(exchange->arena, err.text));
    if (err.kind != ERROR_NONE) /* the document contradicts itself: a client reads this best */
        exchange->remark = arena_strdup(exchange->arena, err.text);
    shown_body(exchange, media->name, value, is_item);
    shown_is_made(exchange);
    return SHOWN;
}

static int add_body(struct exchange *exchange, const struct response *response,
                    const struct wishes *wishes)
{
    const struct contract *contract = exchange->played->provider->contract;
    const char *accept = http_request_header(exchange->request, "Accept");
    const struct media_type *media = media_types_accepted(&response->content, accept);
    struct sample sample;
    if (!media && exchange->mock->options.validate == VALIDATE_STRICT)
        return miss_media(exchange, response);
    if (!media)
        media = media_types_preferred(&response->content);
    exchange->media_type = shown_media_type(exchange->arena, media->name, accept);
    bool is_declared = (wishes->example || !wishes->is_dynamic) &&
                       sample_find(contract, media->node, wishes->example, &sample);
    if (!is_declared)
        return wishes->example ? miss_example(exchange, media, wishes->example)
                               : make_body(exchange, media, wishes);
    if (sample.text)
        exchange->reply_text = text_copy(sample.text);
    else
        shown_body(exchange, media->name, sample.value, false);
    return SHOWN;
}

static bool has_no_body(int status)
{
    return status < 200 || status == 204 || status == 304;
}

static int show(struct exchange *exchange, const struct response *response,
                const struct wishes *wishes)
{
    bool has_body = response->content.count && !has_no_body(exchange->status);
    if (has_body ? add_body(exchange, response, wishes) == MISSED
                 : wishes->example && miss_example(exchange, NULL, wishes->example) == MISSED)
        return MISSED;
    add_headers(exchange, response, wishes);
    return SHOWN;
}

void shown_answer(struct exchange *exchange)
{
    const struct operation *operation = exchange->operation->operation;
    struct wishes wishes = read_wishes(exchange);
    exchange->status = wishes.code ? wishes.code : exchange->operation->success_status;
    const struct response *response = operation_response(operation, exchange->status);
    int result = response      ? show(exchange, response, &wishes)
                 : wishes.code ? miss_code(exchange, wishes.code)
                               : SHOWN;
    if (result == SHOWN && wishes.applied)
        exchange_header(exchange, "Preference-Applied", wishes.applied);
}

/* ---- requests that fail ---- */

static const struct {
    enum failure failure;
    int statuses[4]; /* the first that the operation documents; ended by 0 */
} refusals[] = {
    {FAILURE_INVALID, {422, 400}},
    {FAILURE_UNAUTHORIZED, {401}},
    {FAILURE_UNSUPPORTED_MEDIA, {415, 422, 400}},
};

static const struct response *documented(const struct operation *operation, int status)
{
    const struct response *response = operation_response(operation, status);
    return response && response->low == status && response->high == status ? response : NULL;
}

bool shown_status(struct exchange *exchange, int status)
{
    const struct wishes none = {0};
    const struct response *response =
        exchange->operation ? documented(exchange->operation->operation, status) : NULL;
    if (!response || !response->content.count)
        return false;
    exchange->status = status;
    exchange->media_type = NULL;
    exchange->reply = NULL;
    show(exchange, response, &none);
    return true;
}

bool shown_refusal(struct exchange *exchange, enum failure failure)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        for (const int *status = refusals[i].statuses; refusals[i].failure == failure && *status;
             status++)
            if (shown_status(exchange, *status))
                return true;
    return false;
}
