/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/secrets.h"

#include "core/data/utf8.h"
#include "core/net/digest.h"
#include "core/schema/schema.h"

#include <ctype.h>
#include <stdlib.h>

enum {
    DEPTH_MAX = 16,
    ENVIRONMENT_MIN = 8, /* shorter ones are words, not keys */
    ENCODED_MAX = 2,     /* percent-encoded so often */
};

extern char **environ;

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
static const struct str secret_headers[] = {NAME("Authorization"), NAME("Proxy-Authorization"),
                                            NAME("Cookie"),        NAME("Set-Cookie"),
                                            NAME("X-Api-Key"),     NAME("Api-Key"),
                                            NAME("X-Auth-Token"),  NAME("X-Dryrun-Admin-Token")};
#undef NAME
static const char *const key_endings[] = {"KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD"};

/* ---- what is secret ---- */

static void add_value(struct secrets *secrets, const char *value)
{
    secrets->begins[(unsigned char)*value] = true;
    if (*value == ' ')
        secrets->begins['+'] = true;
    secrets->begins['\\'] = true;
    vec_push_arena(secrets->arena, &secrets->values, value);
}

/* In base64 behind `offset` bytes that are not known: only the characters that are all the secret's
 * own. */
static void add_base64(struct secrets *secrets, const char *value, size_t offset)
{
    static const size_t foreign[] = {0, 2, 3};
    struct strbuf bytes = STRBUF_INIT(LIMIT_BODY), text = STRBUF_INIT(LIMIT_BODY);
    strbuf_add(&bytes, "xx", offset);
    strbuf_adds(&bytes, value);
    for (int is_url = 0; is_url < 2; is_url++) {
        size_t own = bytes.len * 8 / 6;
        strbuf_clear(&text);
        (is_url ? base64url_encode : base64_encode)(&text, bytes.buf, bytes.len);
        if (own < foreign[offset] + SECRET_MIN)
            continue;
        const char *piece =
            arena_strndup(secrets->arena, text.buf + foreign[offset], own - foreign[offset]);
        add_value(secrets, piece);
    }
    strbuf_release(&bytes);
    strbuf_release(&text);
}

void secrets_add(struct secrets *secrets, const char *value)
{
    if (!value || strlen(value) < SECRET_MIN)
        return;
    for (size_t i = 0; i < secrets->values.count; i++)
        if (text_is(secrets->values.items[i], value))
            return;
    add_value(secrets, arena_strdup(secrets->arena, value));
    for (size_t offset = 0; offset < 3; offset++)
        add_base64(secrets, value, offset);
}

/* "Basic ..." of name:password */
static void add_basic(struct secrets *secrets, const char *credentials)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (base64_decode(&text, credentials, strlen(credentials)) == 0) {
        const char *colon = strchr(text.buf, ':');
        secrets_add(secrets, text.buf);
        secrets_add(secrets, colon ? colon + 1 : NULL);
    }
    strbuf_release(&text);
}

void secrets_add_header(struct secrets *secrets, const char *name, const char *value)
{
    const char *blank = strchr(value, ' ');
    if (!secrets_hides_header(secrets, name))
        vec_push_arena(secrets->arena, &secrets->headers, arena_strdup(secrets->arena, name));
    secrets_add(secrets, value);
    if (blank)
        secrets_add(secrets, blank + 1);
    if (blank && text_starts_with(value, "Basic "))
        add_basic(secrets, blank + 1);
}

void secrets_add_name(struct secrets *secrets, const char *name)
{
    vec_push_arena(secrets->arena, &secrets->names, arena_strdup(secrets->arena, name));
    secrets_add(secrets, getenv(name));
}

void secrets_add_environment(struct secrets *secrets)
{
    for (char **item = environ; item && *item; item++) {
        const char *equals = strchr(*item, '=');
        size_t len = equals ? (size_t)(equals - *item) : 0;
        for (size_t i = 0; i < sizeof key_endings / sizeof *key_endings; i++) {
            size_t end = strlen(key_endings[i]);
            if (len >= end && strlen(equals + 1) >= ENVIRONMENT_MIN &&
                strncmp(equals - end, key_endings[i], end) == 0)
                secrets_add(secrets, equals + 1);
        }
    }
}

struct secrets secrets_copy(const struct secrets *secrets, struct arena *arena)
{
    struct secrets copy = *secrets;
    copy.arena = arena;
    copy.values.cap = copy.values.count; /* what is added goes elsewhere */
    copy.headers.cap = copy.headers.count;
    copy.names.cap = copy.names.count;
    return copy;
}

void secrets_join(struct secrets *secrets, const struct secrets *other)
{
    for (size_t i = 0; i < other->values.count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < secrets->values.count && !is_known; j++)
            is_known = text_is(secrets->values.items[j], other->values.items[i]);
        if (!is_known)
            add_value(secrets, arena_strdup(secrets->arena, other->values.items[i]));
    }
}

/* A password may be an object or a list, too. */
static void add_texts(struct secrets *secrets, const cJSON *value, int depth)
{
    if (cJSON_IsString(value) || cJSON_IsNumber(value))
        secrets_add(secrets, value->valuestring);
    else if ((cJSON_IsObject(value) || cJSON_IsArray(value)) && depth < DEPTH_MAX)
        for (const cJSON *item = value->child; item; item = item->next)
            add_texts(secrets, item, depth + 1);
}

static void add_inputs(struct secrets *secrets, const struct schema *schema, const cJSON *inputs,
                       int depth)
{
    bool is_list = cJSON_IsArray(inputs);
    if ((!cJSON_IsObject(inputs) && !is_list) || depth > DEPTH_MAX)
        return;
    for (const cJSON *item = inputs->child; item; item = item->next) {
        const struct schema *own = !schema   ? NULL
                                   : is_list ? schema_items(schema)
                                             : schema_property(schema, item->string);
        if ((own && text_is(tree_get_text(schema_node(own), "format"), "password")) ||
            (!is_list && secrets_is_named(secrets, item->string)))
            add_texts(secrets, item, depth);
        add_inputs(secrets, own, item, depth + 1);
    }
}

void secrets_add_inputs(struct secrets *secrets, const struct schema *schema, const cJSON *inputs)
{
    add_inputs(secrets, schema, inputs, 0);
}

bool secrets_is_named(const struct secrets *secrets, const char *name)
{
    for (size_t i = 0; i < secrets->names.count; i++)
        if (text_is_any_case(secrets->names.items[i], name))
            return true;
    return false;
}

bool secrets_hides_header(const struct secrets *secrets, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof secret_headers / sizeof *secret_headers; i++)
        if (secret_headers[i].len == len && text_is_any_case(secret_headers[i].ptr, name))
            return true;
    for (size_t i = 0; i < secrets->headers.count; i++)
        if (text_is_any_case(secrets->headers.items[i], name))
            return true;
    return secrets_is_named(secrets, name);
}

/* ---- finding it ---- */

/* The number that four hexadecimal digits spell; -1 when there are none. */
static int read_hex(const char *at, const char *end, int digits)
{
    int value = 0;
    if (end - at < digits)
        return -1;
    for (int i = 0; i < digits; i++) {
        int c = tolower((unsigned char)at[i]);
        if (!isxdigit(c))
            return -1;
        value = value * 16 + (isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
}

/* "u00e9", "ud83d\ude00" (with as many backslashes as before the first): its length when it spells
 * the character at `secret`, else 0. */
static size_t match_code(const char *at, const char *end, size_t slashes, const char *secret)
{
    const char *next = secret;
    int32_t code = (int32_t)utf8_decode(&next);
    int first = *at == 'u' ? read_hex(at + 1, end, 4) : -1;
    if (first < 0xD800 || first > 0xDBFF)
        return first == code ? 5 : 0;
    const char *second = at + 5 + slashes;
    if (end - at < (ptrdiff_t)(10 + slashes) || *second != 'u')
        return 0;
    code -= 0x10000 + ((first - 0xD800) << 10) - 0xDC00;
    return read_hex(second + 1, end, 4) == code ? 10 + slashes : 0;
}

static bool is_short_escape(char escaped, char meant)
{
    static const char pairs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
        if (pairs[i] == escaped && pairs[i + 1] == meant)
            return true;
    return false;
}

static size_t count_slashes(const char *at, const char *end)
{
    size_t count = 0;
    while (at + count < end && at[count] == '\\')
        count++;
    return count;
}

struct matching {
    const char *at, *end;      /* of the text */
    const char *secret, *last; /* of the secret */
};

/* One or more characters behind backslashes: JSON in JSON has three where JSON has one. */
static bool match_escape(struct matching *matching)
{
    size_t slashes = count_slashes(matching->at, matching->end);
    size_t meant = count_slashes(matching->secret, matching->last), taken = 0;
    size_t size = utf8_length(matching->secret, matching->last);
    const char *after = matching->at + slashes;
    if (after < matching->end && size)
        taken = match_code(after, matching->end, slashes, matching->secret);
    if (!taken && meant && slashes >= meant) {
        size = meant;
    } else if (!taken) {
        taken = after < matching->end && is_short_escape(*after, *matching->secret);
        size = 1;
        if (!taken)
            return false;
    }
    matching->at = after + taken;
    matching->secret += size;
    return true;
}

/* How much of the text spells the secret, or as much of it as was left when it was cut ("..."). */
static size_t match(const char *text, const char *end, const char *secret)
{
    struct matching matching = {text, end, secret, secret + strlen(secret)};
    while (matching.secret < matching.last && matching.at < end) {
        if (*matching.at == '\\') {
            if (!match_escape(&matching))
                break;
        } else if (*matching.at == *matching.secret ||
                   (*matching.at == '+' && *matching.secret == ' ')) {
            matching.at++;
            matching.secret++;
        } else {
            break;
        }
    }
    const char *after = matching.at + count_slashes(matching.at, end);
    bool is_cut =
        matching.secret - secret >= SECRET_MIN && end - after >= 3 && memcmp(after, "...", 3) == 0;
    return matching.secret == matching.last || is_cut ? (size_t)(matching.at - text) : 0;
}

static size_t secret_at(const struct secrets *secrets, const char *at, const char *end)
{
    size_t longest = 0;
    for (size_t i = 0; i < secrets->values.count; i++) {
        const char *value = secrets->values.items[i];
        size_t len = *at == *value || *at == '\\' || (*at == '+' && *value == ' ')
                         ? match(at, end, value)
                         : 0;
        longest = len > longest ? len : longest;
    }
    return longest;
}

/* A text, and where in the original each of its bytes began. */
struct layer {
    struct str text;
    const size_t *from; /* one more than there are bytes; NULL: it is the original */
};

/* Marks what is secret in it; `*hidden` is made when there is something. */
static void mark(const struct secrets *secrets, struct arena *arena, const struct layer *layer,
                 size_t original, char **hidden)
{
    const char *end = layer->text.ptr + layer->text.len;
    for (const char *at = layer->text.ptr; at < end;) {
        size_t len = secrets->begins[(unsigned char)*at] ? secret_at(secrets, at, end) : 0;
        size_t first = (size_t)(at - layer->text.ptr);
        size_t from = layer->from ? layer->from[first] : first;
        size_t to = layer->from ? layer->from[first + len] : first + len;
        if (len && !*hidden)
            *hidden = arena_alloc(arena, original);
        if (len)
            memset(*hidden + from, 1, to - from);
        at += len ? len : 1;
    }
}

/* Without one layer of percent-encoding; false when there is none. */
static bool decode(struct arena *arena, struct layer *layer)
{
    const char *ptr = layer->text.ptr, *end = ptr + layer->text.len;
    char *text;
    size_t *from, len = 0;
    if (!layer->text.len || !memchr(ptr, '%', layer->text.len))
        return false;
    text = arena_take(arena, layer->text.len + 1);
    from = arena_take(arena, (layer->text.len + 1) * sizeof *from);
    for (const char *at = ptr; at < end; len++) {
        int byte = *at == '%' ? read_hex(at + 1, end, 2) : -1;
        from[len] = layer->from ? layer->from[at - ptr] : (size_t)(at - ptr);
        text[len] = byte < 0 ? *at : (char)byte;
        at += byte < 0 ? 1 : 3;
    }
    from[len] = layer->from ? layer->from[layer->text.len] : layer->text.len;
    *layer = (struct layer){{text, len}, from};
    return true;
}

struct str secrets_mask_bytes(const struct secrets *secrets, struct arena *arena, struct str text)
{
    struct strbuf out = STRBUF_INIT(LIMIT_REPORT);
    struct layer layer = {text, NULL};
    char *hidden = NULL;
    int depth = 0;
    if (!secrets->values.count)
        return text;
    do
        mark(secrets, arena, &layer, text.len, &hidden);
    while (depth++ < ENCODED_MAX && decode(arena, &layer));
    if (!hidden)
        return text;
    for (size_t i = 0; i < text.len; i++)
        if (!hidden[i])
            strbuf_addch(&out, text.ptr[i]);
        else if (!i || !hidden[i - 1])
            strbuf_adds(&out, "***");
    text = (struct str){arena_strndup(arena, out.buf, out.len), out.len};
    strbuf_release(&out);
    return text;
}

const char *secrets_mask(const struct secrets *secrets, struct arena *arena, const char *text)
{
    return text ? secrets_mask_bytes(secrets, arena, str_from(text)).ptr : NULL;
}
