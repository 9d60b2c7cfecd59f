/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/pattern.h"
#include "core/schema/example.h"

enum { PATTERN_TRIES = 24, TEXT_MAX = 4096, TEXT_USUAL = 200 };

static const char *const words[] = {"amber", "birch", "cedar", "delta", "ember",
                                    "fjord", "grove", "heron", "indigo"};

/* A word and a number, since it may be an id and two resources have two; more words until there
 * are at least `least` characters, cut at `most`. */
static const char *make_words(struct maker *maker, uint64_t least, uint64_t most, uint64_t key)
{
    struct draw draw = draw_from(key);
    const char *word = words[draw_below(&draw, sizeof words / sizeof *words)];
    const char *text =
        arena_printf(maker->arena, "%s-%04x", word, (unsigned)draw_below(&draw, 1U << 16));

    if (least > TEXT_MAX)
        return NULL;
    while (strlen(text) < least)
        text = arena_printf(maker->arena, "%s %s", text,
                            words[draw_below(&draw, sizeof words / sizeof *words)]);
    if (strlen(text) > most && most <= TEXT_MAX)
        text = arena_strndup(maker->arena, text, (size_t)most);
    return text;
}

static cJSON *try_text(struct maker *maker, const struct parts *wanted, const char *text)
{
    return text ? example_accept(maker, wanted, tree_string(maker->arena, text)) : NULL;
}

static cJSON *try_formats(struct maker *maker, const struct parts *wanted,
                          const struct parts *parts, uint64_t key)
{
    cJSON *made = NULL;

    for (size_t i = 0; i < parts->count && !made; i++) {
        const struct rule *rule = part_rule(parts, i, "format");
        const struct schema_format *format = rule ? format_of_rule(rule) : NULL;

        if (format && !format->of_numbers && format->example)
            made = try_text(maker, wanted, format->example(maker->arena, key));
    }
    return made;
}

static cJSON *try_patterns(struct maker *maker, const struct parts *wanted,
                           const struct parts *parts, uint64_t key, uint64_t most)
{
    size_t max = most < TEXT_USUAL ? (size_t)most : TEXT_USUAL;
    cJSON *made = NULL;

    for (size_t i = 0; i < parts->count; i++) {
        const struct rule *rule = part_rule(parts, i, "pattern");

        for (uint64_t n = 0; rule && n < PATTERN_TRIES && !made; n++)
            made = try_text(maker, wanted,
                            pattern_example(maker->arena, rule->as.data, key + n,
                                            n > PATTERN_TRIES / 2 ? TEXT_MAX : max));
        if (rule && !made)
            say_why(maker, "no text for the pattern '%s'", rule->value->valuestring);
    }
    return made;
}

cJSON *make_text(struct maker *maker, const struct parts *wanted, const struct parts *parts,
                 uint64_t key)
{
    uint64_t least = largest_count(parts, "minLength", 0);
    uint64_t most = smallest_count(parts, "maxLength", UINT64_MAX);
    cJSON *made = try_formats(maker, wanted, parts, key);

    if (!made)
        made = try_patterns(maker, wanted, parts, key, most);
    if (!made)
        made = try_text(maker, wanted, make_words(maker, least, most, key));
    return made ? made : try_text(maker, wanted, "");
}
