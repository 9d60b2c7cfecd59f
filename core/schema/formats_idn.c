/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internationalised labels: which code points they may have (RFC 5892, from Unicode's categories),
 * in which context (its appendix A), in which direction (RFC 5893), and Punycode (RFC 3492).
 */
#include "core/schema/formats.h"

#include "core/data/pattern.h"

#include <threads.h>

uint32_t utf8_next(const char **text)
{
    const unsigned char *c = (const unsigned char *)*text;
    int more = c[0] < 0x80 ? 0 : c[0] < 0xe0 ? 1 : c[0] < 0xf0 ? 2 : 3;
    uint32_t point = more ? c[0] & (0x3fu >> more) : c[0];

    if (!c[0])
        return 0;
    for (int i = 1; i <= more && (c[i] & 0xc0) == 0x80; i++) {
        point = point << 6 | (c[i] & 0x3f);
        (*text)++;
    }
    (*text)++;
    return point ? point : UINT32_MAX; /* U+0000 inside a text, which no format allows */
}

static size_t utf8_write(uint32_t point, char out[static 5])
{
    size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = len; i-- > 1; point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3f));
    out[0] = (char)(lead[len] | point);
    return len;
}

/* ---- Unicode's categories, by way of patterns ---- */

enum class {
    CLASS_LETTER,
    CLASS_MARK,
    CLASS_GREEK,
    CLASS_HEBREW,
    CLASS_JAPANESE,
    CLASS_RTL,
    CLASSES
};

static const char *const class_texts[CLASSES] = {
    "^[\\p{Ll}\\p{Lo}\\p{Lm}\\p{Mn}\\p{Mc}\\p{Nd}]$",
    "^\\p{M}$",
    "^\\p{Script=Greek}$",
    "^\\p{Script=Hebrew}$",
    "^[\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Han}]$",
    "^[\\p{Script=Hebrew}\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Thaana}\\p{Script=Nko}]$",
};

static struct {
    once_flag once;
    struct arena *arena;
    const struct pattern *patterns[CLASSES];
} classes = {.once = ONCE_FLAG_INIT};

static void compile_classes(void)
{
    classes.arena = arena_new();
    for (size_t i = 0; i < CLASSES; i++)
        classes.patterns[i] = pattern_compile(classes.arena, class_texts[i], PATTERN_ECMA, NULL);
}

static bool is_class(uint32_t point, enum class class)
{
    char text[5];
    struct str subject = {text, 0};

    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return false;
    call_once(&classes.once, compile_classes);
    subject.len = utf8_write(point, text);
    return classes.patterns[class] && pattern_matches(classes.patterns[class], subject);
}

struct range {
    uint32_t first, last;
};

static bool is_within(uint32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

#define IS_WITHIN(point, ranges) is_within(point, ranges, sizeof(ranges) / sizeof *(ranges))

/* RFC 5892 section 2.6, and what compatibility mappings make unstable (its section 2.2). */
static const struct range never[] = {
    {0x0149, 0x0149}, {0x017f, 0x017f}, {0x02b0, 0x02b8},   {0x02e0, 0x02e4},  {0x0340, 0x0341},
    {0x0343, 0x0345}, {0x0640, 0x0640}, {0x0675, 0x0678},   {0x07fa, 0x07fa},  {0x1100, 0x11ff},
    {0x1d2c, 0x1d6a}, {0x302e, 0x302f}, {0x3031, 0x3035},   {0x303b, 0x303b},  {0x3130, 0x318f},
    {0xa960, 0xa97f}, {0xd7b0, 0xd7ff}, {0xf900, 0xfa0d},   {0xfb00, 0xfdff},  {0xfe00, 0xfe0f},
    {0xfe70, 0xfeff}, {0xff00, 0xffef}, {0x1d400, 0x1d7ff}, {0x1ee00, 0x1eeff}};
static const struct range always[] = {
    {0x00df, 0x00df}, {0x03c2, 0x03c2}, {0x06fd, 0x06fe}, {0x0f0b, 0x0f0b}, {0x3007, 0x3007}};
static const struct range viramas[] = {
    {0x094d, 0x094d},   {0x09cd, 0x09cd},   {0x0a4d, 0x0a4d},   {0x0acd, 0x0acd},
    {0x0b4d, 0x0b4d},   {0x0bcd, 0x0bcd},   {0x0c4d, 0x0c4d},   {0x0ccd, 0x0ccd},
    {0x0d3b, 0x0d3c},   {0x0d4d, 0x0d4d},   {0x0dca, 0x0dca},   {0x0e3a, 0x0e3a},
    {0x0eba, 0x0eba},   {0x0f84, 0x0f84},   {0x1039, 0x103a},   {0x1714, 0x1715},
    {0x1734, 0x1734},   {0x17d2, 0x17d2},   {0x1a60, 0x1a60},   {0x1b44, 0x1b44},
    {0x1baa, 0x1bab},   {0x1bf2, 0x1bf3},   {0x2d7f, 0x2d7f},   {0xa806, 0xa806},
    {0xa8c4, 0xa8c4},   {0xa953, 0xa953},   {0xa9c0, 0xa9c0},   {0xaaf6, 0xaaf6},
    {0xabed, 0xabed},   {0x10a3f, 0x10a3f}, {0x11046, 0x11046}, {0x1107f, 0x1107f},
    {0x110b9, 0x110b9}, {0x11133, 0x11134}};
/* Letters that join on both sides; enough of Joining_Type for the context of ZERO WIDTH NON-JOINER.
 */
static const struct range joins_both[] = {
    {0x0626, 0x0626}, {0x0628, 0x0628}, {0x062a, 0x062e}, {0x0633, 0x063f}, {0x0641, 0x0647},
    {0x0649, 0x064a}, {0x066e, 0x066f}, {0x0678, 0x0687}, {0x069a, 0x06bf}, {0x06c1, 0x06c2},
    {0x06cc, 0x06cc}, {0x06ce, 0x06ce}, {0x06d0, 0x06d1}, {0x0712, 0x0714}, {0x071a, 0x071d}};
static const struct range joins_right[] = {{0x0622, 0x0625}, {0x0627, 0x0627}, {0x0629, 0x0629},
                                           {0x062f, 0x0632}, {0x0648, 0x0648}, {0x0671, 0x0677},
                                           {0x0688, 0x0699}, {0x06c0, 0x06c0}, {0x06c3, 0x06cb}};

static bool is_arabic_digit(uint32_t point)
{
    return point >= 0x0660 && point <= 0x0669;
}

static bool is_extended_digit(uint32_t point)
{
    return point >= 0x06f0 && point <= 0x06f9;
}

static bool has(const uint32_t *points, size_t count, bool (*is)(uint32_t))
{
    for (size_t i = 0; i < count; i++)
        if (is(points[i]))
            return true;
    return false;
}

/* RFC 5892 appendix A.1 and A.2. */
static bool joiner_fits(const uint32_t *points, size_t count, size_t at)
{
    size_t before = at, after = at + 1;

    if (at && IS_WITHIN(points[at - 1], viramas))
        return true;
    if (points[at] == 0x200d)
        return false;
    while (before && is_class(points[before - 1], CLASS_MARK))
        before--;
    while (after < count && is_class(points[after], CLASS_MARK))
        after++;
    return before && after < count && IS_WITHIN(points[before - 1], joins_both) &&
           (IS_WITHIN(points[after], joins_both) || IS_WITHIN(points[after], joins_right));
}

static bool has_japanese(const uint32_t *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (points[i] != 0x30fb && is_class(points[i], CLASS_JAPANESE))
            return true;
    return false;
}

/* Appendix A; true also for what needs no context. `*contextual` tells that it was one of those. */
static bool context_fits(const uint32_t *points, size_t count, size_t at, bool *contextual)
{
    *contextual = true;
    switch (points[at]) {
    case 0x200c:
    case 0x200d:
        return joiner_fits(points, count, at);
    case 0x00b7:
        return at && at + 1 < count && points[at - 1] == 'l' && points[at + 1] == 'l';
    case 0x0375:
        return at + 1 < count && is_class(points[at + 1], CLASS_GREEK);
    case 0x05f3:
    case 0x05f4:
        return at && is_class(points[at - 1], CLASS_HEBREW);
    case 0x30fb:
        return has_japanese(points, count);
    default:
        break;
    }
    if (is_arabic_digit(points[at]))
        return !has(points, count, is_extended_digit);
    if (is_extended_digit(points[at]))
        return !has(points, count, is_arabic_digit);
    *contextual = false;
    return true;
}

static bool is_letter(uint32_t point)
{
    if (point < 0x80)
        return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || point == '-';
    if (IS_WITHIN(point, always))
        return true;
    return !IS_WITHIN(point, never) && is_class(point, CLASS_LETTER);
}

/* ---- direction: RFC 5893 section 2 ---- */

static bool is_rtl(uint32_t point)
{
    return point >= 0x0590 && !is_arabic_digit(point) && !is_extended_digit(point) &&
           !is_class(point, CLASS_MARK) && is_class(point, CLASS_RTL);
}

static bool is_european_digit(uint32_t point)
{
    return (point >= '0' && point <= '9') || is_extended_digit(point);
}

static bool label_is_bidi_right(const uint32_t *points, size_t count)
{
    bool rtl = count && is_rtl(points[0]), european, arabic;

    if (!count || is_european_digit(points[0]) || is_arabic_digit(points[0]))
        return false;
    if (!rtl)
        return !has(points, count, is_rtl) && !has(points, count, is_arabic_digit);
    european = has(points, count, is_european_digit);
    arabic = has(points, count, is_arabic_digit);
    for (size_t i = 0; i < count; i++)
        if (points[i] < 0x80 && points[i] != '-' && !is_european_digit(points[i]))
            return false;
    return !(european && arabic);
}

bool host_is_bidi_right(const uint32_t *points, size_t count)
{
    size_t start = 0;

    if (!has(points, count, is_rtl) && !has(points, count, is_arabic_digit))
        return true;
    for (size_t i = 0; i <= count; i++) {
        if (i < count && points[i] != '.' && points[i] != 0x3002 && points[i] != 0xff0e &&
            points[i] != 0xff61)
            continue;
        if (!label_is_bidi_right(points + start, i - start))
            return false;
        start = i + 1;
    }
    return true;
}

bool is_u_label(const uint32_t *points, size_t count)
{
    if (!count || points[0] == '-' || points[count - 1] == '-' || is_class(points[0], CLASS_MARK))
        return false;
    if (count >= 4 && points[2] == '-' && points[3] == '-')
        return false;
    for (size_t i = 0; i < count; i++) {
        bool contextual;

        if (!context_fits(points, count, i, &contextual) || (!contextual && !is_letter(points[i])))
            return false;
    }
    return host_is_bidi_right(points, count);
}
