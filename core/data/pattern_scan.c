/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/pattern_scan.h"

#include "core/data/utf8.h"

int scan_refuse(struct scanner *scanner, const char *what)
{
    return fail(scanner->err, ERROR_INVALID, "'%s' is no regular expression: %s at offset %zu",
                scanner->text, what, (size_t)(scanner->at - scanner->text));
}

static void add_range(struct scanner *scanner, struct code_set *set, uint32_t low, uint32_t high)
{
    struct code_range range = {low, high};
    vec_push_arena(scanner->arena, &set->ranges, range);
}

/* ECMA-262 22.2.2.9, sorted: their complements are read off the gaps. */
static const struct code_range digits[] = {{'0', '9'}};
static const struct code_range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct code_range spaces[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
static const struct code_range line_ends[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

struct shorthand {
    char letter;
    const struct code_range *ranges;
    size_t count;
};
#define COUNT(array) (sizeof(array) / sizeof *(array))
static const struct shorthand shorthands[] = {
    {'d', digits, COUNT(digits)}, {'w', words, COUNT(words)}, {'s', spaces, COUNT(spaces)}};

static void add_ranges(struct scanner *scanner, struct code_set *set,
                       const struct shorthand *shorthand, bool complement)
{
    uint32_t next = 0;
    for (size_t i = 0; i < shorthand->count; i++) {
        struct code_range range = shorthand->ranges[i];
        if (!complement)
            add_range(scanner, set, range.low, range.high);
        else if (range.low > next)
            add_range(scanner, set, next, range.low - 1);
        next = range.high + 1;
    }
    if (complement)
        add_range(scanner, set, next, CODE_MAX);
}

static int read_hex(struct scanner *scanner, size_t count, uint32_t *code)
{
    *code = 0;
    for (size_t i = 0; i < count; i++, scanner->at++) {
        char c = *scanner->at;
        char lower = (char)(c | 32);
        int digit = c >= '0' && c <= '9'           ? c - '0'
                    : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                   : -1;
        if (digit < 0)
            return scan_refuse(scanner, "a hexadecimal digit is missing");
        *code = *code * 16 + (uint32_t)digit;
    }
    return 0;
}

/* Behind \u: four digits, maybe a pair of them, or braces. */
static int read_unicode(struct scanner *scanner, uint32_t *code)
{
    if (*scanner->at == '{') {
        size_t len = strcspn(++scanner->at, "}");
        if (!len || len > 6)
            return scan_refuse(scanner, "no code point");
        if (read_hex(scanner, len, code))
            return -1;
        if (*code > CODE_MAX)
            return scan_refuse(scanner, "no code point");
        scanner->at += *scanner->at == '}';
        return 0;
    }
    if (read_hex(scanner, 4, code))
        return -1;
    if (*code < 0xD800 || *code > 0xDBFF || !text_starts_with(scanner->at, "\\u") ||
        scanner->at[2] == '{')
        return 0;
    const char *before = scanner->at;
    uint32_t low;
    scanner->at += 2;
    if (read_hex(scanner, 4, &low))
        return -1;
    if (low >= 0xDC00 && low <= 0xDFFF)
        *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
    else
        scanner->at = before;
    return 0;
}

static bool is_punctuation(char c)
{
    unsigned char byte = (unsigned char)c;
    char lower = (char)(byte | 32);
    return byte > ' ' && byte < 0x7F && !(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z');
}

/* RFC 9485: SingleCharEsc. */
static int read_iregexp_escape(struct scanner *scanner, uint32_t *code)
{
    static const char controls[] = "nrt", values[] = "\n\r\t";
    char c = *scanner->at;
    const char *control = c ? strchr(controls, c) : NULL;
    if (!control && (!c || !strchr("()*+-.?[\\]^{|}", c)) && c != '$')
        return scan_refuse(scanner, "no such escape");
    *code = (uint32_t)(control ? values[control - controls] : c);
    scanner->at++;
    return 0;
}

/* A single character's escape, behind the backslash. */
static int read_escape(struct scanner *scanner, uint32_t *code)
{
    static const char controls[] = "tnvfr", values[] = "\t\n\v\f\r";
    if (!scanner->ecma)
        return read_iregexp_escape(scanner, code);
    char c = *scanner->at;
    const char *control = c ? strchr(controls, c) : NULL;
    char letter = c == 'c' ? (char)(scanner->at[1] | 32) : '\0';
    if (control) {
        *code = (uint32_t)values[control - controls];
    } else if (c == '0' && !(scanner->at[1] >= '0' && scanner->at[1] <= '9')) {
        *code = 0;
    } else if (letter >= 'a' && letter <= 'z') {
        *code = (uint32_t)letter & 31;
        scanner->at++;
    } else if (c == 'x' || c == 'u') {
        scanner->at++;
        return c == 'x' ? read_hex(scanner, 2, code) : read_unicode(scanner, code);
    } else if (is_punctuation(c)) {
        *code = (uint32_t)c;
    } else {
        return scan_refuse(scanner, "no such escape");
    }
    scanner->at++;
    return 0;
}

/* \p{...} and \P{...}, at the letter. */
static int read_property(struct scanner *scanner, struct code_set *set)
{
    char letter = *scanner->at;
    size_t len = scanner->at[1] == '{' ? strcspn(scanner->at + 2, "}") : 0;
    if (!len || !scanner->at[2 + len] ||
        strspn(scanner->at + 2,
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=") != len)
        return scan_refuse(scanner, "no property name");
    const char *name = arena_strndup(scanner->arena, scanner->at + 2, len);
    const char *equals = scanner->ecma ? strchr(name, '=') : NULL;
    const char *value = equals ? equals + 1 : name;
    const char *category = category_of(value, !scanner->ecma), *kind = "";
    if (equals && (text_starts_with(name, "Script_Extensions=") || text_starts_with(name, "scx=")))
        kind = "scx:";
    else if (equals && (text_starts_with(name, "Script=") || text_starts_with(name, "sc=")))
        kind = "sc:";
    else if (equals && !text_starts_with(name, "General_Category=") &&
             !text_starts_with(name, "gc="))
        return scan_refuse(scanner, "no such property");
    if (!*kind && !category && (equals || !scanner->ecma))
        return scan_refuse(scanner, "no such category");
    const char *text = arena_printf(scanner->arena, "\\%c{%s%s}", letter, kind,
                                    !*kind && category ? category : value);
    vec_push_arena(scanner->arena, &set->properties, text);
    scanner->at += len + 3;
    return 0;
}

/* Behind a backslash: 1 when a class was added to the set, 0 and a character else. */
static int read_class_escape(struct scanner *scanner, struct code_set *set, uint32_t *code)
{
    char c = *scanner->at;
    if (c == 'p' || c == 'P')
        return read_property(scanner, set) ? -1 : 1;
    for (size_t i = 0; scanner->ecma && i < COUNT(shorthands); i++) {
        if ((c | 32) != shorthands[i].letter)
            continue;
        add_ranges(scanner, set, &shorthands[i], c != shorthands[i].letter);
        scanner->at++;
        return 1;
    }
    return read_escape(scanner, code);
}

int scan_atom(struct scanner *scanner, struct code_set *set)
{
    uint32_t code = 0;
    if (*scanner->at == '.') {
        /* RFC 9485 section 5.3: only these two in I-Regexp; ECMA has four line ends. */
        const struct shorthand ends = {'.', line_ends, scanner->ecma ? COUNT(line_ends) : 2};
        add_ranges(scanner, set, &ends, true);
        scanner->at++;
        return 0;
    }
    if (*scanner->at == '\\') {
        scanner->at++;
        int found = read_class_escape(scanner, set, &code);
        if (found)
            return found < 0 ? -1 : 0;
    } else {
        if (!scanner->ecma && (*scanner->at == ']' || *scanner->at == '{' || *scanner->at == '}'))
            return scan_refuse(scanner, "a bracket closes nothing");
        code = utf8_decode(&scanner->at);
    }
    add_range(scanner, set, code, code);
    return 0;
}

/* One member of a class: 1 when it was a set itself, 0 and a character else. */
static int read_class_member(struct scanner *scanner, struct code_set *set, uint32_t *code)
{
    if (!*scanner->at)
        return scan_refuse(scanner, "the class is not closed");
    if (*scanner->at == '\\') {
        scanner->at++;
        if (scanner->ecma && *scanner->at == 'b') {
            scanner->at++;
            *code = '\b';
            return 0;
        }
        return read_class_escape(scanner, set, code);
    }
    if (!scanner->ecma && *scanner->at == '[')
        return scan_refuse(scanner, "a bracket in a class must be escaped");
    *code = utf8_decode(&scanner->at);
    return 0;
}

static int read_class_range(struct scanner *scanner, struct code_set *set)
{
    uint32_t low = 0, high = 0;
    bool bare_dash = *scanner->at == '-';
    int found = read_class_member(scanner, set, &low);
    if (found)
        return found < 0 ? -1 : 0;
    high = low;
    bool ranges = *scanner->at == '-' && scanner->at[1] && scanner->at[1] != ']';
    if (!scanner->ecma && bare_dash && ranges)
        return scan_refuse(scanner, "a dash in a class stands first or last");
    if (ranges) {
        scanner->at++;
        found = read_class_member(scanner, set, &high);
        if (found)
            return found < 0 ? -1 : scan_refuse(scanner, "a range ends in a class");
        if (high < low)
            return scan_refuse(scanner, "the range is out of order");
    }
    add_range(scanner, set, low, high);
    return 0;
}

int scan_class(struct scanner *scanner, struct code_set *set)
{
    scanner->at++;
    if (*scanner->at == '^') {
        set->negated = true;
        scanner->at++;
    }
    const char *first = scanner->at;
    while (*scanner->at != ']') {
        if (!scanner->ecma && *scanner->at == '-' && scanner->at != first && scanner->at[1] != ']')
            return scan_refuse(scanner, "a dash in a class stands first or last");
        if (read_class_range(scanner, set))
            return -1;
    }
    if (!scanner->ecma && scanner->at == first)
        return scan_refuse(scanner, "the class is empty");
    scanner->at++;
    return 0;
}
