/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of an expression in PCRE2's syntax; every character as a number, so that none has a
 * meaning. */
#include "core/data/pattern_ast.h"

#include <limits.h>

/* Unicode's general categories (PropertyValueAliases.txt, gc). */
static const struct {
    const char *alias, *name, *third;
} categories[] = {
    {"C", "Other", NULL},
    {"Cc", "Control", "cntrl"},
    {"Cf", "Format", NULL},
    {"Cn", "Unassigned", NULL},
    {"Co", "Private_Use", NULL},
    {"Cs", "Surrogate", NULL},
    {"L", "Letter", NULL},
    {"LC", "Cased_Letter", NULL},
    {"Ll", "Lowercase_Letter", NULL},
    {"Lm", "Modifier_Letter", NULL},
    {"Lo", "Other_Letter", NULL},
    {"Lt", "Titlecase_Letter", NULL},
    {"Lu", "Uppercase_Letter", NULL},
    {"M", "Mark", "Combining_Mark"},
    {"Mc", "Spacing_Mark", NULL},
    {"Me", "Enclosing_Mark", NULL},
    {"Mn", "Nonspacing_Mark", NULL},
    {"N", "Number", NULL},
    {"Nd", "Decimal_Number", "digit"},
    {"Nl", "Letter_Number", NULL},
    {"No", "Other_Number", NULL},
    {"P", "Punctuation", "punct"},
    {"Pc", "Connector_Punctuation", NULL},
    {"Pd", "Dash_Punctuation", NULL},
    {"Pe", "Close_Punctuation", NULL},
    {"Pf", "Final_Punctuation", NULL},
    {"Pi", "Initial_Punctuation", NULL},
    {"Po", "Other_Punctuation", NULL},
    {"Ps", "Open_Punctuation", NULL},
    {"S", "Symbol", NULL},
    {"Sc", "Currency_Symbol", NULL},
    {"Sk", "Modifier_Symbol", NULL},
    {"Sm", "Math_Symbol", NULL},
    {"So", "Other_Symbol", NULL},
    {"Z", "Separator", NULL},
    {"Zl", "Line_Separator", NULL},
    {"Zp", "Paragraph_Separator", NULL},
    {"Zs", "Space_Separator", NULL},
};

const char *category_of(const char *name, bool short_only)
{
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        if (strcmp(name, categories[i].alias) == 0)
            return strcmp(name, "LC") == 0 ? (short_only ? NULL : "L&") : categories[i].alias;
        if (short_only)
            continue;
        if (strcmp(name, categories[i].name) == 0 || text_is(name, categories[i].third))
            return strcmp(categories[i].alias, "LC") == 0 ? "L&" : categories[i].alias;
    }
    return NULL;
}

/* PCRE2 knows no surrogates in UTF-8, and a subject cannot hold one: they are left out. */
static void spell_range(struct code_range range, struct strbuf *out)
{
    if (range.low >= 0xD800 && range.low <= 0xDFFF)
        range.low = 0xE000;
    if (range.high >= 0xD800 && range.high <= 0xDFFF)
        range.high = 0xD7FF;
    if (range.low > range.high)
        return;
    strbuf_addf(out, "\\x{%x}", range.low);
    if (range.high > range.low)
        strbuf_addf(out, "-\\x{%x}", range.high);
}

static void spell_set(const struct code_set *set, struct strbuf *out)
{
    struct strbuf inside = STRBUF_INIT(out->max);
    for (size_t i = 0; i < set->ranges.count; i++)
        spell_range(set->ranges.items[i], &inside);
    for (size_t i = 0; i < set->properties.count; i++)
        strbuf_adds(&inside, set->properties.items[i]);
    if (inside.len)
        strbuf_addf(out, set->negated ? "[^%s]" : "[%s]", inside.buf);
    else
        strbuf_adds(out, set->negated ? "(?s:.)" : "(?!)");
    strbuf_release(&inside);
}

static void spell_counts(const struct pattern_node *repeat, struct strbuf *out)
{
    if (repeat->max == UINT_MAX)
        strbuf_addf(out, "{%u,}", repeat->min);
    else
        strbuf_addf(out, "{%u,%u}", repeat->min, repeat->max);
    if (repeat->lazy)
        strbuf_addch(out, '?');
}

static void spell(const struct pattern_node *node, int depth, struct strbuf *out);

static void spell_children(const struct pattern_node *node, const char *between, int depth,
                           struct strbuf *out)
{
    for (const struct pattern_node *child = node->child; child; child = child->next) {
        if (child != node->child)
            strbuf_adds(out, between);
        spell(child, depth + 1, out);
    }
}

static void spell(const struct pattern_node *node, int depth, struct strbuf *out)
{
    if (depth > 5 * PATTERN_DEPTH_MAX) /* four levels a group, and groups are capped */
        return;
    switch (node->kind) {
    case PATTERN_SET:
        spell_set(node->set, out);
        break;
    case PATTERN_ASSERT:
        strbuf_adds(out, node->text);
        break;
    case PATTERN_BACK:
        strbuf_addf(out, "\\g{%u}", node->number);
        break;
    case PATTERN_REPEAT:
        spell_children(node, "", depth, out);
        spell_counts(node, out);
        break;
    case PATTERN_GROUP:
    case PATTERN_LOOK:
        strbuf_adds(out, node->kind == PATTERN_LOOK ? "(" : node->number ? "(" : "(?:");
        strbuf_adds(out, node->text ? node->text : "");
        spell_children(node, "", depth, out);
        strbuf_addch(out, ')');
        break;
    case PATTERN_SEQUENCE:
    case PATTERN_CHOICE:
        spell_children(node, node->kind == PATTERN_CHOICE ? "|" : "", depth, out);
        break;
    }
}

void pattern_spell(const struct pattern_tree *tree, struct strbuf *out)
{
    spell(tree->root, 0, out);
}
