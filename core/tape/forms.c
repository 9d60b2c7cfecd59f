/* SPDX-License-Identifier: Apache-2.0 */
#include "core/tape/forms.h"

#include "core/base/strbuf.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/net/digest.h"
#include "core/net/url.h"

#include <stdlib.h>
#include <string.h>

enum { BASE64_MIN = 8 /* characters that the secret alone decides */ };

struct form {
    const char *text, *token;
    size_t len, token_len;
};

struct forms {
    struct arena *arena;
    VEC(struct form); /* longest first: one may stand inside another */
};

struct forms *forms_new(struct arena *arena)
{
    struct forms *forms = arena_alloc(arena, sizeof *forms);
    forms->arena = arena;
    return forms;
}

static int compare_forms(const void *a, const void *b)
{
    const struct form *one = a, *other = b;
    if (one->len != other->len)
        return one->len < other->len ? 1 : -1;
    return strcmp(one->text, other->text);
}

static void add_form(struct forms *forms, const char *text, const char *token)
{
    struct form form = {.len = strlen(text), .token_len = strlen(token)};
    const struct form *known;
    vec_foreach (known, forms)
        if (text_is(known->text, text))
            return;
    form.text = arena_strndup(forms->arena, text, form.len);
    form.token = token;
    vec_push_arena(forms->arena, forms, form);
}

/* ---- spellings ---- */

/* The same with a plus for each blank, as forms spell it. */
static void add_with_plus(struct forms *forms, const char *text, const char *token)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    for (const char *at = text; *at; at++) {
        bool is_blank = strncmp(at, "%20", 3) == 0;
        strbuf_addch(&out, is_blank ? '+' : *at);
        at += is_blank ? 2 : 0;
    }
    add_form(forms, out.buf, token);
    strbuf_release(&out);
}

static void add_encoded(struct forms *forms, const char *secret, const char *token)
{
    static const char *const kept[] = {NULL, "/:@!$&'()*+,;=?", "!*'()", "/", "@:"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
        url_encode(&text, str_from(secret), kept[i]);
        add_form(forms, text.buf, token);
        add_with_plus(forms, text.buf, token);
        for (char *at = text.buf; text.len && (at = strchr(at, '%')); at += 3)
            for (int j = 1; j < 3 && at[j]; j++)
                at[j] = (char)(at[j] >= 'A' && at[j] <= 'F' ? at[j] + ('a' - 'A') : at[j]);
        add_form(forms, text.buf, token);
        add_with_plus(forms, text.buf, token);
        strbuf_release(&text);
    }
}

static const char *escape(struct arena *arena, const char *text, unsigned style, bool slashes)
{
    struct strbuf quoted = STRBUF_INIT(LIMIT_DOCUMENT), out = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(tree_string(arena, text), JSON_COMPACT | style, &quoted);
    for (size_t i = 1; i + 1 < quoted.len; i++) {
        if (slashes && quoted.buf[i] == '/')
            strbuf_addch(&out, '\\');
        strbuf_addch(&out, quoted.buf[i]);
    }
    text = arena_strndup(arena, out.buf, out.len);
    strbuf_release(&quoted);
    strbuf_release(&out);
    return text;
}

static void add_escaped(struct forms *forms, const char *secret, const char *token)
{
    for (unsigned style = 0; style < 4; style++) {
        const char *once =
            escape(forms->arena, secret, style & 1 ? JSON_ASCII : 0, (style & 2) != 0);
        add_form(forms, once, token);
        add_form(forms, escape(forms->arena, once, 0, false), token);
    }
}

/* As long as `len`, out of what both alphabets have. */
static const char *stretch(struct arena *arena, const char *token, size_t len)
{
    size_t skip = strlen("tape-"), digits = strlen(token) - skip;
    char *text = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = token[skip + i % digits];
    return text;
}

/* With `before` bytes ahead of it in its group of three; without the characters that neighbours
 * help to decide. */
static void add_base64(struct forms *forms, const char *secret, const char *token, size_t before)
{
    static const size_t shared[] = {0, 2, 3}; /* characters that hold bits of what is ahead */
    size_t len = strlen(secret), rest = (before + len) % 3;
    struct strbuf bytes = STRBUF_INIT(LIMIT_DOCUMENT), text = STRBUF_INIT(LIMIT_DOCUMENT);
    strbuf_add(&bytes, "\0\0", before);
    strbuf_add(&bytes, secret, len);
    for (int url = 0; url < 2; url++) {
        strbuf_clear(&text);
        (url ? base64url_encode : base64_encode)(&text, bytes.buf, bytes.len);
        size_t whole = (bytes.len / 3) * 4 + (rest ? rest : 0);
        size_t from = shared[before], stable = whole > from ? whole - from : 0;
        if (stable < BASE64_MIN)
            continue;
        const char *form = arena_strndup(forms->arena, text.buf + from, stable);
        add_form(forms, form, stretch(forms->arena, token, stable));
        if (!before && rest) { /* alone: its last character, too */
            form = arena_strndup(forms->arena, text.buf, whole + 1);
            add_form(forms, form, stretch(forms->arena, token, whole + 1));
        }
    }
    strbuf_release(&bytes);
    strbuf_release(&text);
}

void forms_add(struct forms *forms, const char *secret, const char *token)
{
    add_form(forms, secret, token);
    add_encoded(forms, secret, token);
    add_escaped(forms, secret, token);
    for (size_t before = 0; before < 3; before++)
        add_base64(forms, secret, token, before);
    qsort(forms->items, forms->count, sizeof *forms->items, compare_forms);
}

void forms_add_text(struct forms *forms, const char *text, const char *token)
{
    add_form(forms, text, token);
    qsort(forms->items, forms->count, sizeof *forms->items, compare_forms);
}

/* ---- replacing ---- */

static const char *find_form(const char *at, const char *end, const struct form *form)
{
    while ((size_t)(end - at) >= form->len &&
           (at = memchr(at, form->text[0], (size_t)(end - at) - form->len + 1))) {
        if (memcmp(at, form->text, form->len) == 0)
            return at;
        at++;
    }
    return NULL;
}

static struct str replace_one(const struct form *form, struct arena *arena, struct str bytes,
                              size_t *cuts, size_t cut_count)
{
    struct strbuf out = STRBUF_INIT(2 * (size_t)LIMIT_DOCUMENT);
    const char *at = bytes.ptr, *end = bytes.ptr + bytes.len, *found;
    size_t cut = 0;
    while ((found = find_form(at, end, form))) {
        size_t begin = (size_t)(found - bytes.ptr), after = begin + form->len;
        strbuf_add(&out, at, (size_t)(found - at));
        for (; cut < cut_count && cuts[cut] <= begin; cut++)
            cuts[cut] = out.len - (begin - cuts[cut]);
        strbuf_add(&out, form->token, form->token_len);
        for (; cut < cut_count && cuts[cut] < after; cut++)
            cuts[cut] = out.len;
        at = found + form->len;
    }
    for (; cut < cut_count; cut++)
        cuts[cut] = out.len + (cuts[cut] - (size_t)(at - bytes.ptr));
    strbuf_add(&out, at, (size_t)(end - at));
    bytes = (struct str){arena_strndup(arena, out.buf, out.len), out.len};
    strbuf_release(&out);
    return bytes;
}

struct str forms_replace(const struct forms *forms, struct arena *arena, struct str bytes,
                         size_t *cuts, size_t cut_count)
{
    const struct form *form;
    if (!bytes.len)
        return bytes;
    vec_foreach (form, forms)
        if (find_form(bytes.ptr, bytes.ptr + bytes.len, form))
            bytes = replace_one(form, arena, bytes, cuts, cut_count);
    return bytes;
}
