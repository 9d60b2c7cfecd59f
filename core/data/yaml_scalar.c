/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/yaml_scalar.h"

#include "core/data/node.h"

/* Longer ones are nobody's intent, and exact conversion takes the square of the length. */
enum { BASED_DIGITS_MAX = 1000 };

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define CORE_TAG     "tag:yaml.org,2002:"

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is_old_boolean(const char *text)
{
    static const char *const words[] = {"on", "off", "yes", "no", "y", "n"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (text_is_any_case(text, words[i]))
            return true;
    return false;
}

#define MUST_BE_QUOTED "must be quoted, older YAML readers take it for a boolean"

const char *yaml_key_fault(const char *text)
{
    if (is_old_boolean(text))
        return MUST_BE_QUOTED;
    if (strcmp(text, "<<") == 0)
        return "is a merge key, which YAML 1.2 has not";
    return *text ? NULL : "is empty and must be quoted";
}

static bool is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return is_one_of(text, words, COUNT(words));
}

/* 1 true, 0 false, -1 neither. */
static int read_boolean(const char *text)
{
    static const char *const trues[] = {"true", "True", "TRUE"};
    static const char *const falses[] = {"false", "False", "FALSE"};
    return is_one_of(text, trues, COUNT(trues))     ? 1
           : is_one_of(text, falses, COUNT(falses)) ? 0
                                                    : -1;
}

static bool is_no_json_number(const char *text)
{
    static const char *const words[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
    bool sign = *text == '-' || *text == '+';
    return is_one_of(text + sign, words, sign ? 3 : COUNT(words));
}

static const char *skip_digits(const char *at)
{
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

/* 0o17 and 0x1F in decimal, exactly; NULL when it is neither. */
static const char *convert_based(struct arena *arena, const char *text)
{
    unsigned base = text_starts_with(text, "0o") ? 8 : text_starts_with(text, "0x") ? 16 : 0;
    const char *digits = base == 8 ? "01234567" : "0123456789abcdefABCDEF";
    size_t len = base ? strspn(text + 2, digits) : 0;
    if (!len || text[2 + len] || len > BASED_DIGITS_MAX)
        return NULL;
    size_t room = len * 5 / 4 + 2, used = 1; /* a hexadecimal digit is 1.21 decimal ones */
    char *sum = arena_alloc(arena, room + 1);
    for (const char *at = text + 2; *at; at++) {
        unsigned carry = (unsigned)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
        for (size_t i = 0; i < used || carry; i++) { /* the last digit comes first */
            carry += (unsigned)sum[i] * base;
            sum[i] = (char)(carry % 10);
            carry /= 10;
            used = i + 1 > used ? i + 1 : used;
        }
    }
    while (used > 1 && sum[used - 1] == 0)
        used--;
    char *out = arena_alloc(arena, used + 1);
    for (size_t i = 0; i < used; i++)
        out[i] = (char)('0' + sum[used - 1 - i]);
    return out;
}

/* [-+]? ( \.[0-9]+ | [0-9]+ ( \.[0-9]* )? ) ( [eE][-+]?[0-9]+ )?  as JSON writes it; NULL if not.
 */
static const char *convert_decimal(struct arena *arena, const char *text)
{
    const char *whole = text + (*text == '-' || *text == '+');
    const char *point = skip_digits(whole);
    const char *fraction = *point == '.' ? point + 1 : point;
    const char *exponent = skip_digits(fraction), *end = exponent;
    if (point == whole && exponent == fraction)
        return NULL;
    if (*end == 'e' || *end == 'E') {
        const char *digits = end + 1 + (end[1] == '-' || end[1] == '+');
        end = skip_digits(digits);
        if (end == digits)
            return NULL;
    }
    if (*end)
        return NULL;
    while (whole + 1 < point && *whole == '0')
        whole++;
    return arena_printf(arena, "%s%s%.*s%s%.*s%s", *text == '-' ? "-" : "",
                        point == whole ? "0" : "", (int)(point - whole), whole,
                        exponent > fraction ? "." : "", (int)(exponent - fraction), fraction,
                        exponent);
}

static const char *convert_number(struct arena *arena, const char *text, size_t len)
{
    if (number_length(text, text + len) == len && len)
        return text;
    const char *based = convert_based(arena, text);
    return based ? based : convert_decimal(arena, text);
}

static cJSON *make_boolean(struct arena *arena, const char *text)
{
    int boolean = read_boolean(text);
    return boolean < 0 ? NULL : tree_bool(arena, boolean != 0);
}

static cJSON *resolve_plain(struct arena *arena, const struct yaml_scalar *scalar,
                            struct findings *findings)
{
    if (strlen(scalar->text) != scalar->len)
        return tree_string_n(arena, scalar->text, scalar->len);
    if (is_null(scalar->text))
        return tree_null(arena);
    cJSON *boolean = make_boolean(arena, scalar->text);
    if (boolean)
        return boolean;
    const char *number = convert_number(arena, scalar->text, scalar->len);
    if (number)
        return tree_number(arena, number);
    if (is_old_boolean(scalar->text) && !scalar->foreign)
        findings_add(findings, scalar->place, "'%s' " MUST_BE_QUOTED, scalar->text);
    else if (is_no_json_number(scalar->text))
        findings_add(findings, scalar->place, "'%s' is no number that JSON can hold", scalar->text);
    else
        return tree_string_n(arena, scalar->text, scalar->len);
    return tree_null(arena);
}

cJSON *yaml_scalar_node(struct arena *arena, const struct yaml_scalar *scalar,
                        struct findings *findings)
{
    if (!scalar->tag)
        return scalar->plain ? resolve_plain(arena, scalar, findings)
                             : tree_string_n(arena, scalar->text, scalar->len);
    const char *tag = scalar->tag;
    if (strcmp(tag, "!") == 0 || strcmp(tag, CORE_TAG "str") == 0)
        return tree_string_n(arena, scalar->text, scalar->len);
    static const struct {
        const char *tag, *type;
    } tags[] = {
        {CORE_TAG "null", "null"},
        {CORE_TAG "bool", "boolean"},
        {CORE_TAG "int", "number"},
        {CORE_TAG "float", "number"},
    };
    for (size_t i = 0; i < COUNT(tags); i++) {
        if (strcmp(tag, tags[i].tag) != 0)
            continue;
        cJSON *node = resolve_plain(arena, scalar, findings);
        bool fits = strcmp(tree_type_name(node), tags[i].type) == 0 &&
                    (strcmp(tag, CORE_TAG "int") != 0 || tree_is_integer(node));
        if (!fits)
            findings_add(findings, scalar->place, "'%s' is not what its tag '%s' says",
                         scalar->text, tag);
        return node;
    }
    findings_add(findings, scalar->place, "tag '%s' is not one of the core schema here", tag);
    return tree_null(arena);
}
