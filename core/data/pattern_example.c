/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/pattern_example.h"

#include "core/base/draw.h"
#include "core/data/utf8.h"

#include <limits.h>

struct maker {
    struct draw draw;
    unsigned more; /* repetitions drawn beyond the least */
    struct strbuf *out;
    struct {
        size_t start, len;
    } groups[100]; /* what the first groups matched, for references back */
};

/* A few characters of each property that is met in practice. */
static const struct {
    const char *property;
    struct code_range range;
} samples[] = {
    {"\\p{L}", {'a', 'z'}},     {"\\p{L&}", {'a', 'z'}}, {"\\p{Lu}", {'A', 'Z'}},
    {"\\p{Ll}", {'a', 'z'}},    {"\\p{N}", {'0', '9'}},  {"\\p{Nd}", {'0', '9'}},
    {"\\p{P}", {'!', '#'}},     {"\\p{Po}", {'!', '#'}}, {"\\p{Pd}", {'-', '-'}},
    {"\\p{Z}", {' ', ' '}},     {"\\p{Zs}", {' ', ' '}}, {"\\p{S}", {'+', '+'}},
    {"\\p{Sm}", {'+', '+'}},    {"\\p{Sc}", {'$', '$'}}, {"\\p{Alphabetic}", {'a', 'z'}},
    {"\\p{ASCII}", {'a', 'z'}},
};

static struct code_range draw_property(struct maker *maker, const struct code_set *set)
{
    const char *wanted = set->properties.items[draw_below(&maker->draw, set->properties.count)];
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (strcmp(samples[i].property, wanted) == 0)
            return samples[i].range;
    return (struct code_range){'a', 'z'}; /* a guess: the caller tries the text */
}

static bool holds(const struct code_set *set, uint32_t code)
{
    for (size_t i = 0; i < set->ranges.count; i++)
        if (code >= set->ranges.items[i].low && code <= set->ranges.items[i].high)
            return true;
    return false;
}

/* Letters and digits first, then any printable character, then the rest of the plane. */
static const struct code_range preferred[] = {{'a', 'z'}, {'0', '9'}, {'A', 'Z'},
                                              {' ', '~'}, {0, 0x9F},  {0xA0, 0x2FF}};

static uint32_t draw_within(struct maker *maker, struct code_range range)
{
    uint32_t code = range.low + (uint32_t)draw_below(&maker->draw, range.high - range.low + 1);
    return code >= 0xD800 && code <= 0xDFFF ? 0xD7FF : code;
}

/* Out of the parts of the set that a person would type, when there are any. */
static bool draw_preferred(struct maker *maker, const struct code_set *set, uint32_t *code)
{
    enum { TRIES = 64 };
    /* Mostly letters, now and then a digit or a capital: look-ahead often asks for one of each. */
    static const size_t firsts[] = {0, 0, 0, 1, 2, 1};
    const size_t count = sizeof preferred / sizeof *preferred;
    size_t first = firsts[draw_below(&maker->draw, sizeof firsts / sizeof *firsts)];
    for (size_t n = 0; n < count; n++) {
        size_t i = (first + n) % count;
        for (int try = 0; try < TRIES; try++) {
            *code = draw_within(maker, preferred[i]);
            if (holds(set, *code) != set->negated)
                return true;
        }
        for (*code = preferred[i].low; *code <= preferred[i].high; ++*code)
            if (holds(set, *code) != set->negated)
                return true;
    }
    return false;
}

static bool make_set(struct maker *maker, const struct code_set *set)
{
    uint32_t code;
    if (!set->negated && set->properties.count &&
        draw_below(&maker->draw, set->properties.count + set->ranges.count) <
            set->properties.count) {
        code = draw_within(maker, draw_property(maker, set));
    } else if (!set->negated && set->ranges.count == 1 &&
               set->ranges.items[0].high - set->ranges.items[0].low < 128) {
        code = draw_within(maker, set->ranges.items[0]);
    } else if (!draw_preferred(maker, set, &code)) {
        if (set->negated || !set->ranges.count)
            return false;
        code = draw_within(maker, set->ranges.items[draw_below(&maker->draw, set->ranges.count)]);
    }
    char bytes[UTF8_MAX] = {(char)0xC0, (char)0x80}; /* U+0000 in our texts */
    size_t len = code ? utf8_encode(code, bytes) : 2;
    strbuf_add(maker->out, bytes, len);
    return !maker->out->overflowed;
}

static bool make(struct maker *maker, const struct pattern_node *node, int depth);

static bool make_repeat(struct maker *maker, const struct pattern_node *repeat, int depth)
{
    uint64_t more = repeat->max - repeat->min;
    if (more > maker->more)
        more = maker->more;
    uint64_t count = repeat->min + draw_below(&maker->draw, more + 1);
    size_t before = maker->out->len;
    for (uint64_t i = 0; i < count; i++) {
        if (!make(maker, repeat->child, depth + 1))
            return false;
        if (maker->out->len == before)
            break; /* an empty item gives nothing, however often */
    }
    return true;
}

static bool make_group(struct maker *maker, const struct pattern_node *group, int depth)
{
    size_t start = maker->out->len;
    if (!make(maker, group->child, depth + 1))
        return false;
    if (group->number < sizeof maker->groups / sizeof *maker->groups) {
        maker->groups[group->number].start = start;
        maker->groups[group->number].len = maker->out->len - start;
    }
    return true;
}

static bool make_back_reference(struct maker *maker, unsigned number)
{
    if (number >= sizeof maker->groups / sizeof *maker->groups)
        return false;
    size_t start = maker->groups[number].start;
    for (size_t i = 0; i < maker->groups[number].len; i++)
        strbuf_addch(maker->out, maker->out->buf[start + i]);
    return !maker->out->overflowed;
}

static bool make_one_of(struct maker *maker, const struct pattern_node *choice, int depth)
{
    size_t count = 0;
    for (const struct pattern_node *child = choice->child; child; child = child->next)
        count++;
    uint64_t chosen = draw_below(&maker->draw, count);
    const struct pattern_node *child = choice->child;
    while (child && chosen-- > 0)
        child = child->next;
    return child && make(maker, child, depth + 1);
}

static bool make_all_of(struct maker *maker, const struct pattern_node *sequence, int depth)
{
    for (const struct pattern_node *child = sequence->child; child; child = child->next)
        if (!make(maker, child, depth + 1))
            return false;
    return true;
}

static bool make(struct maker *maker, const struct pattern_node *node, int depth)
{
    if (depth > 5 * PATTERN_DEPTH_MAX)
        return false;
    switch (node->kind) {
    case PATTERN_CHOICE:
        return make_one_of(maker, node, depth);
    case PATTERN_SEQUENCE:
        return make_all_of(maker, node, depth);
    case PATTERN_SET:
        return make_set(maker, node->set);
    case PATTERN_REPEAT:
        return make_repeat(maker, node, depth);
    case PATTERN_GROUP:
        return make_group(maker, node, depth);
    case PATTERN_BACK:
        return make_back_reference(maker, node->number);
    case PATTERN_LOOK:
    case PATTERN_ASSERT:
        return true;
    }
    return false;
}

bool example_try(const struct pattern_tree *tree, uint64_t key, unsigned attempt,
                 struct strbuf *out)
{
    struct maker maker = {.more = attempt % 5 == 4 ? 0 : 3 + attempt, .out = out};
    maker.draw = draw_from(draw_hash(key, &attempt, sizeof attempt));
    return make(&maker, tree->root, 0) && !out->overflowed;
}
