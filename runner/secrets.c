/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/secrets.h"

#include "core/base/str.h"
#include "core/data/json.h"
#include "core/net/url.h"

static const char *const secret_headers[] = {"Authorization", "Proxy-Authorization", "Cookie",
                                             "Set-Cookie",    "X-Api-Key",           "Api-Key",
                                             "X-Auth-Token",  "X-Dryrun-Admin-Token"};

static void add_value(struct secrets *secrets, const char *value)
{
    for (size_t i = 0; i < secrets->values.count; i++)
        if (text_is(secrets->values.items[i], value))
            return;
    if (strlen(value) >= SECRET_MIN)
        vec_push_arena(secrets->arena, &secrets->values, arena_strdup(secrets->arena, value));
}

/* Also as it stands in URLs and in JSON texts. */
void secrets_add(struct secrets *secrets, const char *value)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (!value)
        return;
    add_value(secrets, value);
    url_encode(&text, str_from(value), NULL);
    add_value(secrets, text.buf);
    strbuf_clear(&text);
    json_print_string(value, &text);
    if (text.len > 2) {
        text.buf[text.len - 1] = '\0';
        add_value(secrets, text.buf + 1);
    }
    strbuf_release(&text);
}

void secrets_add_header(struct secrets *secrets, const char *name, const char *value)
{
    const char *blank = strchr(value, ' ');
    vec_push_arena(secrets->arena, &secrets->headers, arena_strdup(secrets->arena, name));
    secrets_add(secrets, value);
    if (blank)
        secrets_add(secrets, blank + 1);
}

bool secrets_hides_header(const struct secrets *secrets, const char *name)
{
    for (size_t i = 0; i < sizeof secret_headers / sizeof *secret_headers; i++)
        if (text_is_any_case(secret_headers[i], name))
            return true;
    for (size_t i = 0; i < secrets->headers.count; i++)
        if (text_is_any_case(secrets->headers.items[i], name))
            return true;
    return false;
}

static const char *mask_one(struct arena *arena, const char *text, const char *secret)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    const char *found;
    while ((found = strstr(text, secret))) {
        strbuf_add(&out, text, (size_t)(found - text));
        strbuf_adds(&out, "***");
        text = found + strlen(secret);
    }
    strbuf_adds(&out, text);
    text = arena_strndup(arena, out.buf, out.len);
    strbuf_release(&out);
    return text;
}

const char *secrets_mask(const struct secrets *secrets, struct arena *arena, const char *text)
{
    for (size_t i = 0; text && i < secrets->values.count; i++)
        if (strstr(text, secrets->values.items[i]))
            text = mask_one(arena, text, secrets->values.items[i]);
    return text;
}
