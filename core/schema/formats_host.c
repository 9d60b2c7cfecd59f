/* SPDX-License-Identifier: Apache-2.0 */
/* Names and addresses of hosts and mailboxes. */
#include "core/schema/formats.h"

#include <ctype.h>

enum { LABEL_MAX = 63, HOST_MAX = 253, ADDRESS_MAX = 64, LOCAL_PART_MAX = 64 };

/* ---- addresses ---- */

bool is_ipv4(const char *text)
{
    for (int part = 0; part < 4; part++) {
        size_t digits = strspn(text, "0123456789");
        int value = 0;

        if (!digits || digits > 3 || (digits > 1 && *text == '0'))
            return false;
        for (size_t i = 0; i < digits; i++)
            value = value * 10 + (text[i] - '0');
        text += digits;
        if (value > 255 || *text != (part < 3 ? '.' : '\0'))
            return false;
        text += part < 3;
    }
    return true;
}

bool is_ipv6(const char *text)
{
    int groups = 0;
    bool gap = false;

    if (text[0] == ':' && text[1] != ':')
        return false;
    while (*text) {
        size_t digits = strspn(text, "0123456789abcdefABCDEF");

        if (text[0] == ':' && text[1] == ':') {
            if (gap)
                return false;
            gap = true;
            text += 2;
            if (*text == ':')
                return false;
            continue;
        }
        if (*text == ':' && groups)
            digits = strspn(++text, "0123456789abcdefABCDEF");
        if (text[digits] == '.')
            return is_ipv4(text) && (gap ? groups + 2 < 8 : groups + 2 == 8);
        if (!digits || digits > 4 || ++groups > 8)
            return false;
        text += digits;
        if (*text && *text != ':')
            return false;
    }
    return gap ? groups < 8 : groups == 8;
}

/* ---- labels ---- */

static bool is_ldh(const char *label, size_t len)
{
    if (!len || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)label[i]) && label[i] != '-')
            return false;
    return true;
}

static bool has_prefix(const char *label, size_t len)
{
    return len >= 4 && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' && label[2] == '-' &&
           label[3] == '-';
}

/* What begins with xn-- must decode to a label that IDNA would have encoded so. */
static bool is_a_label(const char *label, size_t len)
{
    uint32_t points[LABEL_MAX];
    size_t count;

    return punycode_read(label + 4, len - 4, points, LABEL_MAX, &count) &&
           is_u_label(points, count);
}

bool is_hostname(const char *text)
{
    if (strlen(text) > HOST_MAX)
        return false;
    for (;;) {
        size_t len = strcspn(text, ".");

        if (!is_ldh(text, len) || (has_prefix(text, len) && !is_a_label(text, len)))
            return false;
        if (!text[len])
            return true;
        text += len + 1;
    }
}

static bool is_separator(uint32_t point)
{
    return point == '.' || point == 0x3002 || point == 0xff0e || point == 0xff61;
}

/* One label of code points; `octets` is what it takes as an A-label. */
static bool check_label(const uint32_t *points, size_t count, size_t *octets)
{
    char ascii[LABEL_MAX + 1];
    bool is_ascii = true;

    *octets = count;
    for (size_t i = 0; i < count; i++)
        is_ascii &= points[i] < 0x80;
    if (!is_ascii) {
        *octets = punycode_length(points, count);
        return count <= LABEL_MAX && *octets <= LABEL_MAX && is_u_label(points, count);
    }
    if (!count || count > LABEL_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        ascii[i] = (char)points[i];
    return is_ldh(ascii, count) && (!has_prefix(ascii, count) || is_a_label(ascii, count));
}

bool is_idn_hostname(const char *text)
{
    uint32_t all[HOST_MAX + 2];
    size_t start = 0, total = 0, count = 0;

    for (uint32_t point; (point = utf8_next(&text)) != 0;) {
        if (count == HOST_MAX + 1)
            return false;
        all[count++] = point;
    }
    if (!host_is_bidi_right(all, count))
        return false;
    for (size_t i = 0; i <= count; i++) {
        size_t octets;

        if (i < count && !is_separator(all[i]))
            continue;
        if (!check_label(all + start, i - start, &octets))
            return false;
        total += octets + 1;
        start = i + 1;
    }
    return total - 1 <= HOST_MAX;
}

/* ---- mailboxes: RFC 5321 section 4.1.2, with UTF-8 as RFC 6531 adds it ---- */

static bool is_atom_char(unsigned char c, bool utf8)
{
    return isalnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c)) || (utf8 && c >= 0x80);
}

/* The length of the local part; 0 when it is none. */
static size_t local_part(const char *text, bool utf8)
{
    size_t i = 0;

    if (text[0] == '"') {
        for (i = 1; text[i] && text[i] != '"'; i++) {
            if (text[i] == '\\' && text[i + 1])
                i++;
            if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f ||
                ((unsigned char)text[i] >= 0x80 && !utf8))
                return 0;
        }
        return text[i] == '"' ? i + 1 : 0;
    }
    while (is_atom_char((unsigned char)text[i], utf8) || (i && text[i] == '.'))
        i++;
    if (i && text[i - 1] == '.')
        return 0;
    for (size_t k = 1; k < i; k++)
        if (text[k] == '.' && text[k - 1] == '.')
            return 0;
    return i;
}

static bool is_address_literal(const char *text)
{
    size_t len = strlen(text);
    char address[ADDRESS_MAX];

    if (len < 3 || len >= sizeof address || text[len - 1] != ']')
        return false;
    memcpy(address, text + 1, len - 2);
    address[len - 2] = '\0';
    return text_starts_with(address, "IPv6:") ? is_ipv6(address + 5) : is_ipv4(address);
}

static bool is_mailbox(const char *text, bool utf8)
{
    size_t len = local_part(text, utf8);

    if (!len || len > LOCAL_PART_MAX || text[len] != '@')
        return false;
    text += len + 1;
    if (*text == '[')
        return is_address_literal(text);
    return utf8 ? is_idn_hostname(text) : is_hostname(text);
}

bool is_email(const char *text)
{
    return is_mailbox(text, false);
}

bool is_idn_email(const char *text)
{
    return is_mailbox(text, true);
}
