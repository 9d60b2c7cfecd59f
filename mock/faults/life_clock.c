/* SPDX-License-Identifier: Apache-2.0 */
/* The service's clock is wrong: every instant that an answer tells is off by as much. */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/data/json.h"
#include "mock/faults/life.h"
#include "mock/pretence.h"

#include <ctype.h>

static const char *const directions[] = {"ahead", "behind", NULL};

const struct fault_parameter skew_parameters[] = {
    {.name = "by", .type = FAULT_DURATION, .fallback = "5m", .help = "how far"},
    {.name = "direction",
     .type = FAULT_CHOICE,
     .choices = directions,
     .fallback = "ahead",
     .help = "of the client's clock"},
    {.name = "date", .type = FAULT_FLAG, .fallback = "false", .help = "the Date header, too"},
    {0},
};

/* ---- the body and its schema ---- */

const struct schema *answer_schema(const struct exchange *exchange)
{
    const struct response *response =
        exchange->operation ? operation_response(exchange->operation->operation, exchange->status)
                            : NULL;
    if (!response)
        return NULL;
    const struct media_type *media =
        exchange->media_type ? media_types_find(&response->content, exchange->media_type) : NULL;
    if (!media)
        media = media_types_preferred(&response->content);
    return media ? media->schema : NULL;
}

cJSON *answer_tree(const struct exchange *exchange, const struct text *body)
{
    if (!body || (exchange->media_type && !strstr(exchange->media_type, "json")))
        return NULL;
    return json_parse(exchange->arena, body->bytes, body->len, NULL, NULL);
}

struct text *answer_text(const cJSON *tree, struct text *old)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(tree, JSON_COMPACT, &out);
    struct text *text = text_new(out.buf, out.len);
    strbuf_release(&out);
    text_unref(old);
    return text;
}

/* ---- instants ---- */

enum { PLAUSIBLE_SECONDS = 10 * 365 * 24 * 3600 };

struct skewing {
    const struct exchange *exchange;
    struct arena *arena;
    enum time_form form;
    nanos by;
    size_t count;
};

/* The digits behind the second, and how the zone is written, stay. */
static const char *shifted(struct skewing *skewing, const char *text)
{
    nanos instant;
    char out[INSTANT_TEXT];
    if (strlen(text) < 19 || strlen(text) > 40 || instant_parse(text, true, &instant) ||
        __builtin_add_overflow(instant, skewing->by, &instant))
        return NULL;
    const char *rest = text + 19;
    size_t digits = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;
    rest += digits ? digits + 1 : 0;
    instant_rfc3339(instant, digits > 6 ? 9 : digits > 3 ? 6 : digits ? 3 : 0, out);
    char *zone = out + strcspn(out, "Z");
    *zone = '\0';
    const char *offset = *rest == '+' || *rest == '-' ? "+00:00" : rest;
    return arena_printf(skewing->arena, "%s%s", out, offset);
}

/* A number is an instant when it reads as one of the years around in the service's unit. */
static bool is_instant(const struct skewing *skewing, const cJSON *value, nanos unit)
{
    int64_t number;
    const int64_t around = PLAUSIBLE_SECONDS * (NANOS_PER_SECOND / unit);
    const int64_t now = skewing->exchange->answered_at / unit;
    return tree_as_int64(value, &number) && number > now - around && number < now + around;
}

static void shift_number(struct skewing *skewing, cJSON *parent, const cJSON *value)
{
    const nanos unit = skewing->form == TIME_UNIX_MILLIS ? NANOS_PER_MS : NANOS_PER_SECOND;
    int64_t number;
    if ((skewing->form != TIME_UNIX && skewing->form != TIME_UNIX_MILLIS) ||
        !is_instant(skewing, value, unit) || !tree_as_int64(value, &number))
        return;
    tree_set(skewing->arena, parent, value->string,
             tree_integer(skewing->arena, number + skewing->by / unit));
    skewing->count++;
}

static void shift_text(struct skewing *skewing, cJSON *value)
{
    const char *text = shifted(skewing, value->valuestring);
    if (!text)
        return;
    value->valuestring = arena_strdup(skewing->arena, text);
    skewing->count++;
}

/* Texts that read as an instant are one, whether or not the document says so: many do not. */
static void skew(struct skewing *skewing, cJSON *tree, int depth)
{
    cJSON *item = depth < TREE_DEPTH_MAX ? tree->child : NULL, *next;
    for (; item; item = next) {
        next = item->next;
        if (cJSON_IsString(item))
            shift_text(skewing, item);
        else if (cJSON_IsNumber(item) && item->string)
            shift_number(skewing, tree, item);
        else
            skew(skewing, item, depth + 1);
    }
}

struct text *skew_clock(struct exchange *exchange, struct fault_hit *hit, struct text *body)
{
    nanos by = fault_integer(hit, "by") * (fault_integer(hit, "direction") ? -1 : 1);
    struct skewing skewing = {exchange, exchange->arena, TIME_RFC3339, by, 0};
    if (exchange->played)
        skewing.form = exchange->played->provider->service.time;
    cJSON *tree = answer_tree(exchange, body);
    if (tree)
        skew(&skewing, tree, 0);
    if (fault_integer(hit, "date"))
        exchange_pretence(exchange)->date_off = by;
    if (skewing.count)
        body = answer_text(tree, body);
    if (skewing.count || fault_integer(hit, "date"))
        hit->note = arena_printf(exchange->arena, "instants=%zu", skewing.count);
    else
        fault_withdraw(hit, "it tells no instant");
    return body;
}
