/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/media.h"

#include <ctype.h>

enum { FIT_NONE, FIT_SUFFIX, FIT_ANY, FIT_RANGE, FIT_EXACT, FIT_SAME_TEXT };

struct str media_essence(const char *value)
{
    while (*value == ' ' || *value == '\t')
        value++;
    size_t len = strcspn(value, ";");
    while (len && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        len--;
    return (struct str){value, len};
}

static bool equal_any_case(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (tolower((unsigned char)a.ptr[i]) != tolower((unsigned char)b.ptr[i]))
            return false;
    return true;
}

static bool ends_with(struct str text, struct str end)
{
    return text.len > end.len &&
           equal_any_case((struct str){text.ptr + text.len - end.len, end.len}, end);
}

bool media_is(const char *value, const char *essence)
{
    return value && equal_any_case(media_essence(value), str_from(essence));
}

bool media_is_json(const char *value)
{
    return media_is(value, "application/json") ||
           (value && ends_with(media_essence(value), STR_LITERAL("+json")));
}

bool media_is_text(const char *value)
{
    static const char *const others[] = {"application/xml", "application/yaml",
                                         "application/javascript", "application/x-ndjson",
                                         "application/jsonl"};
    if (!value)
        return false;
    struct str essence = media_essence(value);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (media_is(value, others[i]))
            return true;
    return (essence.len > 5 &&
            equal_any_case((struct str){essence.ptr, 5}, STR_LITERAL("text/"))) ||
           ends_with(essence, STR_LITERAL("+xml"));
}

int media_fit(const char *named, const char *value)
{
    struct str a = media_essence(named), b = media_essence(value);
    if (text_is_any_case(named, value))
        return FIT_SAME_TEXT;
    if (equal_any_case(a, b))
        return FIT_EXACT;
    if (str_is(a, "*/*") || str_is(a, "*"))
        return FIT_ANY;
    if (a.len > 2 && !memcmp(a.ptr + a.len - 2, "/*", 2) && b.len >= a.len - 1 &&
        equal_any_case((struct str){a.ptr, a.len - 1}, (struct str){b.ptr, a.len - 1}))
        return FIT_RANGE;
    return equal_any_case(a, STR_LITERAL("application/json")) && ends_with(b, STR_LITERAL("+json"))
               ? FIT_SUFFIX
               : FIT_NONE;
}
