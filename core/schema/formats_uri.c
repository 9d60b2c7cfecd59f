/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3986, its wider sister RFC 3987, and templates of them (RFC 6570). */
#include "core/schema/formats.h"

#include <ctype.h>

/* RFC 3987 section 2.2: ucschar, and iprivate in a query. */
static bool is_ucschar(uint32_t c, bool query)
{
    if (query && ((c >= 0xe000 && c <= 0xf8ff) || (c >= 0xf0000 && c <= 0xffffd) ||
                  (c >= 0x100000 && c <= 0x10fffd)))
        return true;
    if ((c >= 0xa0 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) || (c >= 0xfdf0 && c <= 0xffef))
        return true;
    return c >= 0x10000 && c <= 0xefffd && (c & 0xffff) <= 0xfffd && c != 0xe0000 &&
           (c < 0xe0000 || c >= 0xe1000);
}

/* unreserved / pct-encoded / sub-delims / those of `more`, as many as there are, up to `end`. */
static bool all_fit(const char *text, const char *end, const char *more, bool iri, bool query)
{
    while (text < end) {
        const char *before = text;
        uint32_t c = utf8_next(&text);

        if (c == '%') {
            if (end - before < 3 || !isxdigit((unsigned char)before[1]) ||
                !isxdigit((unsigned char)before[2]))
                return false;
            text = before + 3;
        } else if (c >= 0x80) {
            if (!iri || !is_ucschar(c, query))
                return false;
        } else if (!c || (!isalnum((int)c) && !strchr("-._~!$&'()*+,;=", (int)c) &&
                          !strchr(more, (int)c))) {
            return false;
        }
    }
    return true;
}

static bool is_ip_literal(const char *text, size_t len)
{
    char address[64];
    size_t version;

    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    if ((address[0] | 0x20) != 'v')
        return is_ipv6(address);
    version = strspn(address + 1, "0123456789abcdefABCDEF");
    return version && address[1 + version] == '.' && address[2 + version] &&
           !strchr(address, '%') &&
           all_fit(address + 2 + version, address + len, ":", false, false);
}

/* `text` up to `end` is what stands between "//" and the path. */
static bool is_authority(const char *text, const char *end, bool iri)
{
    const char *at = NULL, *port;

    for (const char *c = text; c < end; c++)
        if (*c == '@')
            at = c;
    if (at) {
        if (!all_fit(text, at, ":", iri, false))
            return false;
        text = at + 1;
    }
    if (text < end && *text == '[') {
        const char *close = memchr(text, ']', (size_t)(end - text));

        if (!close || !is_ip_literal(text + 1, (size_t)(close - text - 1)))
            return false;
        port = close + 1;
        if (port < end && *port != ':')
            return false;
    } else {
        port = memchr(text, ':', (size_t)(end - text));
        port = port ? port : end;
        if (!all_fit(text, port, "", iri, false))
            return false;
    }
    for (port += port < end; port < end; port++)
        if (!isdigit((unsigned char)*port))
            return false;
    return true;
}

static bool is_hierarchy(const char *text, bool iri)
{
    const char *end = text + strcspn(text, "?#"), *fragment;

    if (text[0] == '/' && text[1] == '/') {
        const char *path = text + 2 + strcspn(text + 2, "/?#");

        if (!is_authority(text + 2, path, iri))
            return false;
        text = path;
    }
    if (!all_fit(text, end, ":@/", iri, false))
        return false;
    fragment = end + strcspn(end, "#");
    if (*end == '?' && !all_fit(end + 1, fragment, ":@/?", iri, true))
        return false;
    return *fragment != '#' ||
           all_fit(fragment + 1, fragment + strlen(fragment), ":@/?", iri, false);
}

/* The length of a scheme with its colon; 0 without one. */
static size_t scheme_length(const char *text)
{
    size_t i = 0;

    if (!isalpha((unsigned char)text[0]))
        return 0;
    while (isalnum((unsigned char)text[i]) || (text[i] && strchr("+-.", text[i])))
        i++;
    return text[i] == ':' ? i + 1 : 0;
}

static bool is_reference(const char *text, bool iri)
{
    size_t scheme = scheme_length(text), segment = strcspn(text, "/?#");

    /* the first segment of a relative path has no colon */
    if (!scheme && memchr(text, ':', segment))
        return false;
    return is_hierarchy(text + scheme, iri);
}

bool is_uri(const char *text)
{
    return scheme_length(text) && is_hierarchy(text + scheme_length(text), false);
}

bool is_uri_reference(const char *text)
{
    return is_reference(text, false);
}

bool is_iri(const char *text)
{
    return scheme_length(text) && is_hierarchy(text + scheme_length(text), true);
}

bool is_iri_reference(const char *text)
{
    return is_reference(text, true);
}

/* ---- templates ---- */

static bool take_triplet(const char **text)
{
    if ((*text)[0] != '%' || !isxdigit((unsigned char)(*text)[1]) ||
        !isxdigit((unsigned char)(*text)[2]))
        return false;
    *text += 3;
    return true;
}

static bool take_name_char(const char **text)
{
    if (isalnum((unsigned char)**text) || **text == '_') {
        (*text)++;
        return true;
    }
    return take_triplet(text);
}

/* RFC 6570 section 2.3 and 2.4: a name with dots inside, then ":NNNN" or "*". */
static bool take_variable(const char **text)
{
    size_t digits;

    do {
        if (!take_name_char(text))
            return false;
        while (take_name_char(text))
            ;
    } while (**text == '.' && (*text)++);
    if (**text == '*') {
        (*text)++;
    } else if (**text == ':') {
        (*text)++;
        digits = strspn(*text, "0123456789");
        if (!digits || digits > 4 || **text == '0')
            return false;
        *text += digits;
    }
    return true;
}

static bool take_expression(const char **text)
{
    if (**text && strchr("+#./;?&", **text))
        (*text)++;
    for (;;) {
        if (!take_variable(text))
            return false;
        if (**text != ',')
            break;
        (*text)++;
    }
    if (**text != '}')
        return false;
    (*text)++;
    return true;
}

bool is_uri_template(const char *text)
{
    while (*text) {
        const char *before = text;
        uint32_t c;

        if (*text == '%') {
            if (!take_triplet(&text))
                return false;
            continue;
        }
        if (*text == '{') {
            text++;
            if (!take_expression(&text))
                return false;
            continue;
        }
        c = utf8_next(&text);
        if (c <= 0x20 || c == 0x7f || strchr("\"<>\\^`|}", *before) ||
            (c >= 0x80 && !is_ucschar(c, true)))
            return false;
    }
    return true;
}
