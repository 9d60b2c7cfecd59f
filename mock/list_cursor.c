/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positions of lists as clients see them: an opaque token that holds the sort value and serial of
 * the last row and a digest of what the list was asked (a token of another list is refused), an id,
 * or an offset.
 */
#include "mock/list.h"

#include "core/base/str.h"
#include "core/net/digest.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

static int read_offset(struct listing *listing, const char *text)
{
    char *end;
    long long offset = strtoll(text, &end, 10);
    if (!*text || *end || offset < 0)
        return -1;
    listing->offset = (size_t)offset;
    return 0;
}

static int read_id(struct listing *listing, const char *text)
{
    struct play *play = &listing->exchange->play;
    const struct store *store = play->world->store;
    const struct kind *kind = listing->kind->kind;
    bool is_owned = kind->owner && listing->owner && listing->list->owner_link == kind->owner_link;
    struct resource *row = is_owned
                               ? store_find(store, listing->kind->index, listing->owner->id, text)
                               : store_find_any(store, listing->kind->index, text, NULL);
    if (!row)
        return -1;
    listing->after =
        scan_position_of(store_index(store, listing->kind->index), listing->order, row);
    return 0;
}

/* One number and the blank behind it. */
static int read_number(const char **at, int base, uint64_t *number)
{
    char *end;
    if (!isxdigit((unsigned char)**at) && **at != '-')
        return -1;
    *number = **at == '-' ? (uint64_t)strtoll(*at, &end, base) : strtoull(*at, &end, base);
    if (end == *at || *end != ' ')
        return -1;
    *at = end + 1;
    return 0;
}

/* digest ' ' serial ' ' is_set ' ' number ' ' text */
static int read_token(struct listing *listing, const char *text)
{
    struct strbuf plain = STRBUF_INIT(LIMIT_MESSAGE);
    uint64_t digest, serial, is_set, number;
    const char *at;
    int result = -1;
    if (base64url_decode(&plain, text, strlen(text)) == 0) {
        at = plain.buf;
        if (!read_number(&at, 16, &digest) && !read_number(&at, 10, &serial) &&
            !read_number(&at, 10, &is_set) && !read_number(&at, 10, &number) &&
            digest == listing->digest) {
            const char *rest = arena_strdup(listing->exchange->arena, at);
            listing->after = (struct scan_position){.is_set = true, .serial = serial};
            listing->after.value =
                (struct column_value){is_set != 0, (int64_t)number, str_from(rest)};
            result = 0;
        }
    }
    strbuf_release(&plain);
    return result;
}

int cursor_read(struct listing *listing, const char *text)
{
    static int (*const readers[])(struct listing *, const char *) = {
        [POSITION_TOKEN] = read_token, [POSITION_ID] = read_id, [POSITION_OFFSET] = read_offset};
    if (listing->page->position == POSITION_NONE)
        return 0;
    return readers[listing->page->position](listing, text);
}

const char *cursor_write(const struct listing *listing, const struct scan_position *position)
{
    struct strbuf plain = STRBUF_INIT(LIMIT_MESSAGE), token = STRBUF_INIT(LIMIT_MESSAGE);
    strbuf_addf(&plain, "%" PRIx64 " %" PRIu64 " %d %" PRId64 " ", listing->digest,
                position->serial, position->value.is_set, position->value.number);
    strbuf_add(&plain, position->value.text.ptr, position->value.text.len);
    base64url_encode(&token, plain.buf, plain.len);
    const char *text = arena_strndup(listing->exchange->arena, token.buf, token.len);
    strbuf_release(&plain);
    strbuf_release(&token);
    return text;
}
