/* SPDX-License-Identifier: Apache-2.0 */
/* A text for each format that has a shape, drawn from a key. */
#include "core/base/draw.h"
#include "core/base/instant.h"
#include "core/schema/formats.h"

static const nanos first_instant = 1767225600 * NANOS_PER_SECOND; /* 2026-01-01T00:00:00Z */

static nanos draw_instant(uint64_t key)
{
    struct draw draw = draw_from(key);

    return first_instant + (nanos)draw_below(&draw, 365 * 86400) * NANOS_PER_SECOND;
}

const char *example_date_time(struct arena *arena, uint64_t key)
{
    char text[INSTANT_TEXT];

    instant_rfc3339(draw_instant(key), 0, text);
    return arena_strdup(arena, text);
}

const char *example_date(struct arena *arena, uint64_t key)
{
    return arena_strndup(arena, example_date_time(arena, key), strlen("2026-01-01"));
}

const char *example_time(struct arena *arena, uint64_t key)
{
    return arena_strdup(arena, example_date_time(arena, key) + strlen("2026-01-01T"));
}

const char *example_uuid(struct arena *arena, uint64_t key)
{
    struct draw draw = draw_from(key);
    uint64_t high = draw_next(&draw), low = draw_next(&draw);

    /* RFC 9562 section 5.4: version 4, variant 10 */
    return arena_printf(arena, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32),
                        (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff),
                        (unsigned)(0x8000 | (low >> 48 & 0x3fff)),
                        (unsigned long long)(low & 0xffffffffffff));
}

static const char *with_number(struct arena *arena, uint64_t key, const char *before,
                               const char *after)
{
    struct draw draw = draw_from(key);

    return arena_printf(arena, "%s%llu%s", before, (unsigned long long)draw_below(&draw, 200) + 1,
                        after);
}

#define NUMBERED(name, before, after)                                                              \
    const char *example_##name(struct arena *arena, uint64_t key)                                  \
    {                                                                                              \
        return with_number(arena, key, before, after);                                             \
    }

NUMBERED(duration, "PT", "S")
NUMBERED(email, "user", "@example.com")
NUMBERED(hostname, "host", ".example.com")
NUMBERED(ipv4, "192.0.2.", "")
NUMBERED(ipv6, "2001:db8::", "")
NUMBERED(uri, "https://example.com/", "")
NUMBERED(uri_reference, "/items/", "")
NUMBERED(uri_template, "https://example.com/", "/{id}")
NUMBERED(pointer, "/items/", "")
NUMBERED(relative_pointer, "", "/name")
NUMBERED(regex, "^[a-z]{1,", "}$")

const char *example_byte(struct arena *arena, uint64_t key)
{
    (void)key;
    return arena_strdup(arena, "ZHJ5cnVu");
}
