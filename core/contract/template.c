/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/template.h"

#include "core/contract/percent.h"
#include "core/contract/router.h"

/* The piece at `*at`, which is moved on. */
static int read_piece(struct arena *arena, const char **at, const char *end, struct piece *piece,
                      struct error *err)
{
    const char *start = *at;
    if (*start == '}')
        return fail(err, ERROR_INVALID, "'}' without '{'");
    if (*start != '{') {
        while (*at < end && **at != '{' && **at != '}')
            (*at)++;
        piece->len = (size_t)(*at - start);
        piece->literal = arena_strndup(arena, start, piece->len);
        return 0;
    }
    const char *close = memchr(start, '}', (size_t)(end - start));
    if (!close)
        return fail(err, ERROR_INVALID, "'{' without '}'");
    if (close == start + 1)
        return fail(err, ERROR_INVALID, "'{}' names no parameter");
    if (memchr(start + 1, '{', (size_t)(close - start - 1)))
        return fail(err, ERROR_INVALID, "'{' inside of '{'");
    piece->name = arena_strndup(arena, start + 1, (size_t)(close - start - 1));
    *at = close + 1;
    return 0;
}

static int read_segment(struct arena *arena, const char *start, const char *end,
                        struct segment *segment, struct error *err)
{
    struct strbuf shape = STRBUF_INIT(LIMIT_MESSAGE);
    int result = 0;
    bool after_parameter = false;
    segment->text = arena_strndup(arena, start, (size_t)(end - start));
    segment->is_literal = true;
    for (const char *at = start; at < end && !result;) {
        struct piece piece = {0};
        result = read_piece(arena, &at, end, &piece, err);
        if (!result && piece.name && after_parameter)
            result = fail(err, ERROR_INVALID, "two parameters without a text between them");
        if (!result && segment->pieces.count == PIECES_MAX)
            result = fail(err, ERROR_INVALID, "more than %d pieces in a segment", PIECES_MAX);
        if (result)
            break;
        after_parameter = piece.name != NULL;
        segment->is_literal = segment->is_literal && !piece.name;
        segment->literal_len += piece.len;
        strbuf_adds(&shape, piece.literal && !piece.name ? piece.literal : "{}");
        vec_push_arena(arena, &segment->pieces, piece);
    }
    segment->shape = arena_strdup(arena, shape.buf);
    strbuf_release(&shape);
    return result;
}

/* Where the segment at `start` ends: a slash inside of braces is none. */
static const char *segment_end(const char *start)
{
    bool inside = false;
    const char *at = start;
    for (; *at && (inside || *at != '/'); at++) {
        if (*at == '{')
            inside = true;
        else if (*at == '}')
            inside = false;
    }
    return at;
}

int template_parse(struct arena *arena, const char *text, struct template *out, struct error *err)
{
    *out = (struct template){0};
    if (*text && *text != '/')
        return fail(err, ERROR_INVALID, "a path must begin with '/'");
    for (const char *at = text; *at;) {
        const char *end = segment_end(at + 1);
        struct segment segment = {0};
        if (out->segments.count == ROUTE_SEGMENTS_MAX)
            return fail(err, ERROR_INVALID, "more than %d segments", ROUTE_SEGMENTS_MAX);
        if (read_segment(arena, at + 1, end, &segment, err))
            return -1;
        vec_push_arena(arena, &out->segments, segment);
        at = end;
    }
    return 0;
}

/* Where `literal` stands last in `text`, not at its very start; NULL when nowhere. */
static const char *find_last(struct str text, const struct piece *literal)
{
    if (text.len < literal->len + 1)
        return NULL;
    for (const char *at = text.ptr + text.len - literal->len; at > text.ptr; at--)
        if (!memcmp(at, literal->literal, literal->len))
            return at;
    return NULL;
}

/* Pieces before `count` against the whole of `raw`, from the right. */
static bool match_pieces(const struct segment *segment, size_t count, struct str raw,
                         struct str *values, size_t value_count)
{
    const struct piece *pieces = segment->pieces.items;
    while (count) {
        const struct piece *piece = &pieces[count - 1];
        if (piece->literal) {
            if (raw.len < piece->len ||
                memcmp(raw.ptr + raw.len - piece->len, piece->literal, piece->len))
                return false;
            raw.len -= piece->len;
            count--;
            continue;
        }
        const char *start = raw.ptr;
        size_t literal_len = 0;
        if (count > 1) {
            const struct piece *before = &pieces[count - 2];
            literal_len = before->len;
            if (count == 2)
                start = raw.len > literal_len && !memcmp(raw.ptr, before->literal, literal_len)
                            ? raw.ptr
                            : NULL;
            else
                start = find_last((struct str){raw.ptr, raw.len ? raw.len - 1 : 0}, before);
            if (!start)
                return false;
        }
        struct str value = {start + literal_len, (size_t)(raw.ptr + raw.len - start) - literal_len};
        if (!value.len)
            return false;
        values[--value_count] = value;
        raw.len = (size_t)(start - raw.ptr);
        count -= count > 1 ? 2 : 1;
    }
    return !raw.len;
}

bool segment_match(const struct segment *segment, struct str raw, struct str *values)
{
    if (segment->is_literal)
        return str_is(raw, segment->text) ||
               (raw.len && memchr(raw.ptr, '%', raw.len) && percent_equal(raw, segment->text));
    size_t value_count = 0;
    for (size_t i = 0; i < segment->pieces.count; i++)
        value_count += segment->pieces.items[i].name != NULL;
    return match_pieces(segment, segment->pieces.count, raw, values, value_count);
}
