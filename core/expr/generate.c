/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/generate.h"

#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/base/vec.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_MAX = 1024, GENERATED_MAX = 64 * 1024 };

struct form;

struct piece {
    struct str literal;      /* what comes before the form */
    const struct form *form; /* NULL in the last */
    size_t length;
};

struct generator {
    VEC(struct piece);
};

struct form {
    const char *name;
    bool has_length, counts;
    const char *letters; /* what each character is drawn from */
    void (*add)(struct draw *draw, int64_t counter, struct strbuf *out);
};

/* RFC 9562 section 5.4: version 4, variant 10. */
static void add_uuid4(struct draw *draw, int64_t counter, struct strbuf *out)
{
    (void)counter;
    uint64_t high = draw_next(draw), low = draw_next(draw);
    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
    char text[36];
    for (int i = 0, bit = 60; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            text[i] = '-';
            continue;
        }
        text[i] = "0123456789abcdef"[(i < 18 ? high : low) >> bit & 15];
        bit = bit ? bit - 4 : 60;
    }
    strbuf_add(out, text, sizeof text);
}

static void add_counter(struct draw *draw, int64_t counter, struct strbuf *out)
{
    (void)draw;
    strbuf_addf(out, "%" PRId64, counter);
}

static const struct form forms[] = {
    {"uuid4", false, false, NULL, add_uuid4},
    {"hex", true, false, "0123456789abcdef", NULL},
    {"alnum", true, false, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", NULL},
    {"digits", true, false, "0123456789", NULL},
    {"base64url", true, false, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
     NULL},
    {"counter", false, true, NULL, add_counter},
};

enum { FORMS = sizeof forms / sizeof forms[0] };

static const struct form *find_form(struct str name)
{
    for (size_t i = 0; i < FORMS; i++)
        if (str_is(name, forms[i].name))
            return &forms[i];
    return NULL;
}

static int refuse_form(struct str name, struct error *err)
{
    const char *names[FORMS];
    char text[64] = "";
    memcpy(text, name.ptr, name.len < sizeof text - 1 ? name.len : sizeof text - 1);
    for (size_t i = 0; i < FORMS; i++)
        names[i] = forms[i].name;
    const char *nearest = text_nearest_of(text, names, FORMS);
    return fail(err, ERROR_INVALID, "unknown form '{%s}' in a pattern%s%s%s", text,
                nearest ? " (did you mean '{" : "", nearest ? nearest : "", nearest ? "}'?)" : "");
}

/* Reads "name:length" between braces. */
static int read_form(struct str inside, struct piece *piece, struct error *err)
{
    const char *colon = inside.len ? memchr(inside.ptr, ':', inside.len) : NULL;
    struct str name = {inside.ptr, colon ? (size_t)(colon - inside.ptr) : inside.len};
    piece->form = find_form(name);
    if (!piece->form)
        return refuse_form(name, err);
    size_t digits = 0;
    const char *end = inside.ptr + inside.len;
    for (const char *at = colon ? colon + 1 : end; at < end && digits < 5; at++, digits++) {
        if (*at < '0' || *at > '9')
            return fail(err, ERROR_INVALID, "the length of '{%s}' must be a number",
                        piece->form->name);
        piece->length = piece->length * 10 + (size_t)(*at - '0');
    }
    if (!piece->form->has_length && colon)
        return fail(err, ERROR_INVALID, "'{%s}' takes no length", piece->form->name);
    if (piece->form->has_length && (piece->length == 0 || piece->length > PIECE_MAX))
        return fail(err, ERROR_INVALID, "'{%s}' needs a length from 1 to %d, as in '{%s:12}'",
                    piece->form->name, PIECE_MAX, piece->form->name);
    return 0;
}

const struct generator *generator_compile(struct arena *arena, const char *pattern,
                                          struct error *err)
{
    struct generator *generator = arena_alloc(arena, sizeof *generator);
    const char *at = arena_strdup(arena, pattern), *open;
    while ((open = strchr(at, '{')) != NULL) {
        const char *close = strchr(open, '}');
        struct piece piece = {.literal = {at, (size_t)(open - at)}};
        if (!close) {
            fail(err, ERROR_INVALID, "'}' is missing in the pattern '%.100s'", pattern);
            return NULL;
        }
        if (read_form((struct str){open + 1, (size_t)(close - open - 1)}, &piece, err) < 0)
            return NULL;
        vec_push_arena(arena, generator, piece);
        at = close + 1;
    }
    struct piece last = {.literal = str_from(at)};
    vec_push_arena(arena, generator, last);
    return generator;
}

bool generator_counts(const struct generator *generator)
{
    const struct piece *piece;
    vec_foreach (piece, generator)
        if (piece->form && piece->form->counts)
            return true;
    return false;
}

static void add_letters(const struct piece *piece, struct draw *draw, struct strbuf *out)
{
    size_t count = strlen(piece->form->letters);
    for (size_t i = 0; i < piece->length; i++)
        strbuf_addch(out, piece->form->letters[draw_below(draw, count)]);
}

const char *generator_text(const struct generator *generator, struct draw *draw, int64_t counter,
                           struct arena *arena)
{
    char room[256];
    struct strbuf out = strbuf_over(room, sizeof room, GENERATED_MAX);
    const struct piece *piece;
    vec_foreach (piece, generator) {
        strbuf_add(&out, piece->literal.ptr, piece->literal.len);
        if (piece->form && piece->form->add)
            piece->form->add(draw, counter, &out);
        else if (piece->form)
            add_letters(piece, draw, &out);
    }
    const char *text = arena_strndup(arena, out.buf, out.len);
    strbuf_release(&out);
    return text;
}
