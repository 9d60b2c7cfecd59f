/* SPDX-License-Identifier: Apache-2.0 */
#include "core/tape/tokens.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/net/digest.h"
#include "core/net/url.h"
#include "core/tape/forms.h"

#include <strings.h>
#include <sys/random.h>

enum {
    KEY_BYTES = 32,
    NAMED_MIN = 4,      /* shorter values of names are words */
    CREDENTIAL_MIN = 8, /* shorter ones are replaced where they stand, and nowhere else */
};

struct tokens {
    struct arena *arena;
    unsigned char key[KEY_BYTES];
    const char *const *names;
    size_t name_count;
    struct {
        VEC(const char *);
    } secrets;
    struct forms *forms;
};

static const char *const secret_headers[] = {"Authorization", "Proxy-Authorization",
                                             "X-Api-Key",     "Api-Key",
                                             "X-Auth-Token",  "X-Dryrun-Admin-Token"};
static const char *const secret_names[] = {"password",
                                           "client_secret",
                                           "access_token",
                                           "refresh_token",
                                           "id_token",
                                           "api_key",
                                           "apikey",
                                           "api-key",
                                           "secret",
                                           "sig",
                                           "signature",
                                           "x-amz-signature",
                                           "x-amz-security-token"};

struct tokens *tokens_new(struct arena *arena, const char *const *names, size_t name_count,
                          struct error *err)
{
    struct tokens *tokens = arena_alloc(arena, sizeof *tokens);
    tokens->arena = arena;
    tokens->names = names;
    tokens->name_count = name_count;
    tokens->forms = forms_new(arena);
    if (getrandom(tokens->key, sizeof tokens->key, 0) != (ssize_t)sizeof tokens->key) {
        fail_errno(err, "no random bytes for the key of the tape");
        return NULL;
    }
    return tokens;
}

/* ---- names ---- */

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_secret_name(const struct tokens *tokens, const char *name)
{
    return is_among(name, tokens->names, tokens->name_count) ||
           is_among(name, secret_names, sizeof secret_names / sizeof *secret_names);
}

static bool is_secret_header(const struct tokens *tokens, const char *name)
{
    return is_among(name, secret_headers, sizeof secret_headers / sizeof *secret_headers) ||
           is_secret_name(tokens, name);
}

static bool is_cookie(const char *name)
{
    return strcasecmp(name, "Cookie") == 0 || strcasecmp(name, "Set-Cookie") == 0;
}

/* ---- learning ---- */

static const char *token_of(const struct tokens *tokens, struct arena *arena, const char *secret)
{
    char hex[SHA256_HEX];
    digest_hmac_sha256_hex(tokens->key, sizeof tokens->key, secret, strlen(secret), hex);
    return arena_printf(arena, "tape-%.16s", hex);
}

static void learn(struct tokens *tokens, const char *secret, size_t least)
{
    if (!secret || strlen(secret) < least || strncmp(secret, "tape-", 5) == 0)
        return;
    for (size_t i = 0; i < tokens->secrets.count; i++)
        if (text_is(tokens->secrets.items[i], secret))
            return;
    secret = arena_strdup(tokens->arena, secret);
    vec_push_arena(tokens->arena, &tokens->secrets, secret);
    forms_add(tokens->forms, secret, token_of(tokens, tokens->arena, secret));
}

/* "Basic dXNlcjpwYXNz": the password, too. */
static void learn_basic(struct tokens *tokens, const char *text)
{
    struct strbuf pair = STRBUF_INIT(LIMIT_MESSAGE);
    if (base64_decode(&pair, text, strlen(text)) == 0) {
        const char *colon = strchr(pair.buf, ':');
        learn(tokens, colon ? colon + 1 : NULL, NAMED_MIN);
    }
    strbuf_release(&pair);
}

static void learn_credential(struct tokens *tokens, const char *value)
{
    const char *blank = strchr(value, ' ');
    if (strncasecmp(value, "Basic ", 6) == 0)
        learn_basic(tokens, value + 6);
    learn(tokens, blank ? blank + 1 : value, CREDENTIAL_MIN);
}

/* Calls `visit` with each value of "a=1; b=2"; of Set-Cookie the first alone: attributes follow. */
static void learn_cookies(struct tokens *tokens, const char *text, bool is_set)
{
    while (text && *text) {
        size_t len = strcspn(text, ";");
        const char *equals = memchr(text, '=', len);
        if (equals)
            learn(tokens,
                  arena_strndup(tokens->arena, equals + 1, len - (size_t)(equals + 1 - text)),
                  CREDENTIAL_MIN);
        text = is_set || !text[len] ? NULL : text + len + 1 + strspn(text + len + 1, " ");
    }
}

static void learn_headers(struct tokens *tokens, const struct har_headers *headers)
{
    const struct http_header *header;
    vec_foreach (header, headers) {
        if (is_cookie(header->name))
            learn_cookies(tokens, header->value, strcasecmp(header->name, "Set-Cookie") == 0);
        else if (is_secret_header(tokens, header->name))
            learn_credential(tokens, header->value);
    }
}

/* A query, or a form. */
static void learn_pairs(struct tokens *tokens, const char *text)
{
    struct url_pairs pairs = {0};
    if (url_split_query(tokens->arena, text, &pairs, NULL))
        return;
    for (size_t i = 0; i < pairs.count; i++) {
        const struct url_pair *pair = &pairs.items[i];
        const char *name = arena_strndup(tokens->arena, pair->name.ptr, pair->name.len);
        if (is_secret_name(tokens, name))
            learn(tokens, arena_strndup(tokens->arena, pair->value.ptr, pair->value.len),
                  NAMED_MIN);
    }
}

static void learn_tree(struct tokens *tokens, const cJSON *node, int depth)
{
    for (const cJSON *item = tree_is(node, cJSON_Object | cJSON_Array) ? node->child : NULL; item;
         item = item->next) {
        if (item->string && cJSON_IsString(item) && is_secret_name(tokens, item->string))
            learn(tokens, item->valuestring, NAMED_MIN);
        else if (depth < TREE_DEPTH_MAX)
            learn_tree(tokens, item, depth + 1);
    }
}

static void learn_json(struct tokens *tokens, const char *text, size_t len)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    const cJSON *tree = json_parse(arena, text, len, NULL, &err);
    if (tree)
        learn_tree(tokens, tree, 0);
    arena_free(arena);
}

/* Streams hold JSON in their lines: "data: {...}". */
static void learn_body(struct tokens *tokens, const struct har_headers *headers, struct str body)
{
    const char *type = har_header(headers, "Content-Type");
    const char *text = body.len ? arena_strndup(tokens->arena, body.ptr, body.len) : "";
    if (!body.len || !type)
        return;
    if (strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0) {
        learn_pairs(tokens, text);
    } else if (strncasecmp(type, "text/event-stream", 17) == 0 || strstr(type, "ndjson")) {
        for (const char *line = text; *line;) {
            size_t len = strcspn(line, "\r\n");
            const char *open = memchr(line, '{', len);
            if (open)
                learn_json(tokens, open, len - (size_t)(open - line));
            line += len + strspn(line + len, "\r\n");
        }
    } else if (strstr(type, "json")) {
        learn_json(tokens, text, body.len);
    }
}

bool tokens_learn(struct tokens *tokens, const struct har_entry *entry)
{
    size_t before = tokens->secrets.count;
    const char *query = strchr(entry->url, '?');
    learn_headers(tokens, &entry->sent);
    learn_headers(tokens, &entry->given);
    if (query)
        learn_pairs(tokens, arena_strndup(tokens->arena, query + 1, strcspn(query + 1, "#")));
    learn_body(tokens, &entry->sent, entry->request_body);
    learn_body(tokens, &entry->given, entry->body);
    return tokens->secrets.count > before;
}

/* ---- replacing ---- */

static const char *replace_text(const struct tokens *tokens, struct arena *arena, const char *text)
{
    struct str replaced;
    if (!text)
        return NULL;
    replaced = forms_replace(tokens->forms, arena, str_from(text), NULL, 0);
    return arena_strndup(arena, replaced.ptr, replaced.len);
}

/* Also a value too short to be looked for elsewhere. */
static const char *hide_credential(const struct tokens *tokens, struct arena *arena,
                                   const char *value)
{
    const char *blank = strchr(value, ' ');
    const char *secret = blank ? blank + 1 : value;
    if (!*secret)
        return value;
    return arena_printf(arena, "%.*s%s", (int)(secret - value), value,
                        token_of(tokens, arena, secret));
}

static const char *hide_cookies(const struct tokens *tokens, struct arena *arena, const char *text,
                                bool is_set)
{
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    while (*text) {
        size_t len = strcspn(text, ";");
        const char *equals = memchr(text, '=', len);
        size_t name = equals ? (size_t)(equals + 1 - text) : len;
        strbuf_add(&out, text, name);
        if (equals && name < len)
            strbuf_adds(&out,
                        token_of(tokens, arena, arena_strndup(arena, text + name, len - name)));
        text += len;
        len = is_set ? strlen(text) : strspn(text, "; ");
        strbuf_add(&out, text, len);
        text += len;
    }
    text = arena_strndup(arena, out.buf, out.len);
    strbuf_release(&out);
    return text;
}

static struct har_headers replace_headers(const struct tokens *tokens, struct arena *arena,
                                          const struct har_headers *headers)
{
    struct har_headers replaced = {0};
    const struct http_header *header;
    vec_foreach (header, headers) {
        struct http_header made = {header->name, NULL};
        if (is_cookie(header->name))
            made.value = hide_cookies(tokens, arena, header->value,
                                      strcasecmp(header->name, "Set-Cookie") == 0);
        else if (is_secret_header(tokens, header->name))
            made.value = hide_credential(tokens, arena, header->value);
        else
            made.value = replace_text(tokens, arena, header->value);
        vec_push_arena(arena, &replaced, made);
    }
    return replaced;
}

/* Pieces of a stream end where they ended: a secret that was cut in two is whole in the first. */
static void replace_body(const struct tokens *tokens, struct arena *arena,
                         const struct har_entry *from, struct har_entry *to)
{
    size_t count = from->chunks.count, at = 0;
    size_t *cuts = arena_alloc(arena, (count + 1) * sizeof *cuts);
    for (size_t i = 0; i < count; i++)
        cuts[i] = at += from->chunks.items[i].len;
    to->body = forms_replace(tokens->forms, arena, from->body, cuts, count);
    to->chunks.items = arena_copy(arena, from->chunks.items, count * sizeof *to->chunks.items);
    for (size_t i = 0; i < count; i++)
        to->chunks.items[i].len = cuts[i] - (i ? cuts[i - 1] : 0);
}

struct har_entry tokens_replace(const struct tokens *tokens, struct arena *arena,
                                const struct har_entry *entry)
{
    struct har_entry replaced = *entry;
    replaced.url = replace_text(tokens, arena, entry->url);
    replaced.error = replace_text(tokens, arena, entry->error);
    replaced.sent = replace_headers(tokens, arena, &entry->sent);
    replaced.given = replace_headers(tokens, arena, &entry->given);
    replaced.request_body = forms_replace(tokens->forms, arena, entry->request_body, NULL, 0);
    replace_body(tokens, arena, entry, &replaced);
    return replaced;
}
