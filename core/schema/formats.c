/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats; what needs more than a line of reading stands in formats_*.c. */
#include "core/schema/formats.h"

#include "core/data/pattern.h"
#include "core/data/pointer.h"

#include <ctype.h>
#include <stdlib.h>

#define TEXT_FORMAT(name, reader)                                                                  \
    static bool name(const cJSON *value)                                                           \
    {                                                                                              \
        return reader(value->valuestring);                                                         \
    }

static bool is_uuid(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return text[36] == '\0';
}

static bool is_relative_pointer(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (!digits || (text[0] == '0' && digits > 1))
        return false;
    text += digits;
    return text_is(text, "#") || pointer_is_valid(text);
}

static bool is_regex(const char *text)
{
    struct arena *arena = arena_new();
    bool valid = pattern_compile(arena, text, PATTERN_ECMA, NULL) != NULL;

    arena_free(arena);
    return valid;
}

/* RFC 4648 section 4, with its padding. */
static bool is_base64(const char *text)
{
    size_t len = strlen(text), body = 0;

    while (isalnum((unsigned char)text[body]) || (text[body] && strchr("+/", text[body])))
        body++;
    return len % 4 == 0 && len - body <= 2 && strspn(text + body, "=") == len - body;
}

TEXT_FORMAT(valid_date_time, is_date_time)
TEXT_FORMAT(valid_date, is_date)
TEXT_FORMAT(valid_time, is_time)
TEXT_FORMAT(valid_duration, is_duration)
TEXT_FORMAT(valid_email, is_email)
TEXT_FORMAT(valid_idn_email, is_idn_email)
TEXT_FORMAT(valid_hostname, is_hostname)
TEXT_FORMAT(valid_idn_hostname, is_idn_hostname)
TEXT_FORMAT(valid_ipv4, is_ipv4)
TEXT_FORMAT(valid_ipv6, is_ipv6)
TEXT_FORMAT(valid_uri, is_uri)
TEXT_FORMAT(valid_uri_reference, is_uri_reference)
TEXT_FORMAT(valid_iri, is_iri)
TEXT_FORMAT(valid_iri_reference, is_iri_reference)
TEXT_FORMAT(valid_uri_template, is_uri_template)
TEXT_FORMAT(valid_uuid, is_uuid)
TEXT_FORMAT(valid_pointer, pointer_is_valid)
TEXT_FORMAT(valid_relative_pointer, is_relative_pointer)
TEXT_FORMAT(valid_regex, is_regex)
TEXT_FORMAT(valid_byte, is_base64)

static bool valid_any(const cJSON *value)
{
    (void)value;
    return true;
}

static bool valid_int64(const cJSON *value)
{
    int64_t number;

    return tree_as_int64(value, &number);
}

static bool valid_int32(const cJSON *value)
{
    int64_t number;

    return tree_as_int64(value, &number) && number >= INT32_MIN && number <= INT32_MAX;
}

static const struct schema_format formats[] = {
    {"binary", false, valid_any, NULL},
    {"byte", false, valid_byte, example_byte},
    {"date", false, valid_date, example_date},
    {"date-time", false, valid_date_time, example_date_time},
    {"double", true, valid_any, NULL},
    {"duration", false, valid_duration, example_duration},
    {"email", false, valid_email, example_email},
    {"float", true, valid_any, NULL},
    {"hostname", false, valid_hostname, example_hostname},
    {"idn-email", false, valid_idn_email, example_email},
    {"idn-hostname", false, valid_idn_hostname, example_hostname},
    {"int32", true, valid_int32, NULL},
    {"int64", true, valid_int64, NULL},
    {"ipv4", false, valid_ipv4, example_ipv4},
    {"ipv6", false, valid_ipv6, example_ipv6},
    {"iri", false, valid_iri, example_uri},
    {"iri-reference", false, valid_iri_reference, example_uri_reference},
    {"json-pointer", false, valid_pointer, example_pointer},
    {"password", false, valid_any, NULL},
    {"regex", false, valid_regex, example_regex},
    {"relative-json-pointer", false, valid_relative_pointer, example_relative_pointer},
    {"time", false, valid_time, example_time},
    {"uri", false, valid_uri, example_uri},
    {"uri-reference", false, valid_uri_reference, example_uri_reference},
    {"uri-template", false, valid_uri_template, example_uri_template},
    {"uuid", false, valid_uuid, example_uuid},
};

static int compare_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct schema_format *)row)->name);
}

const struct schema_format *format_find(const char *name)
{
    return bsearch(name, formats, sizeof formats / sizeof *formats, sizeof *formats, compare_name);
}
