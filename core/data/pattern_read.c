/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECMA-262 section 22.2.1 with the u flag, a little kinder (punctuation may always be escaped, a
 * brace or bracket that closes nothing stands for itself), and I-Regexp (RFC 9485 section 4)
 * without kindness.
 */
#include "core/data/pattern_ast.h"
#include "core/data/pattern_scan.h"

#include <limits.h>

static struct pattern_node *read_choice(struct scanner *scanner, int depth);

static struct pattern_node *make(struct scanner *scanner, enum pattern_kind kind)
{
    struct pattern_node *node = arena_alloc(scanner->arena, sizeof *node);
    node->kind = kind;
    node->offset = (size_t)(scanner->at - scanner->text);
    return node;
}

static struct pattern_node *make_text(struct scanner *scanner, enum pattern_kind kind,
                                      const char *text, size_t width)
{
    struct pattern_node *node = make(scanner, kind);
    node->text = text;
    scanner->at += width;
    return node;
}

/* Group names: \k<name> and (?<name>...; behind the '<'. */
static const char *read_name(struct scanner *scanner)
{
    size_t len = strcspn(scanner->at, ">");
    if (!len || !scanner->at[len] || (*scanner->at >= '0' && *scanner->at <= '9'))
        return scan_refuse(scanner, "no group name"), NULL;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)scanner->at[i];
        if (c < 0x80 && c != '_' && c != '$' && !(c >= '0' && c <= '9') &&
            !((c | 32) >= 'a' && (c | 32) <= 'z'))
            return scan_refuse(scanner, "no group name"), NULL;
    }
    const char *name = arena_strndup(scanner->arena, scanner->at, len);
    scanner->at += len + 1;
    return name;
}

static int name_group(struct scanner *scanner, const char *name)
{
    for (size_t i = 0; i < scanner->tree->names.count; i++)
        if (strcmp(scanner->tree->names.items[i].name, name) == 0)
            return scan_refuse(scanner, "two groups of the same name");
    struct group_name row = {name, scanner->tree->groups};
    vec_push_arena(scanner->arena, &scanner->tree->names, row);
    return 0;
}

/* What a group begins with behind its parenthesis. */
static struct pattern_node *open_group(struct scanner *scanner)
{
    static const char *const looks[] = {"?=", "?!", "?<=", "?<!"};
    for (size_t i = 0; scanner->ecma && i < sizeof looks / sizeof *looks; i++)
        if (text_starts_with(scanner->at, looks[i]))
            return make_text(scanner, PATTERN_LOOK, looks[i], strlen(looks[i]));
    struct pattern_node *group = make(scanner, PATTERN_GROUP);
    if (scanner->ecma && text_starts_with(scanner->at, "?:")) {
        scanner->at += 2;
        return group;
    }
    group->number = ++scanner->tree->groups;
    if (scanner->ecma && text_starts_with(scanner->at, "?<")) {
        scanner->at += 2;
        const char *name = read_name(scanner);
        return name && name_group(scanner, name) == 0 ? group : NULL;
    }
    if (*scanner->at == '?')
        return scan_refuse(scanner, "no such kind of group"), NULL;
    return group;
}

static struct pattern_node *read_group(struct scanner *scanner, int depth)
{
    const char *start = scanner->at++;
    struct pattern_node *group = open_group(scanner);
    if (!group)
        return NULL;
    if (depth >= PATTERN_DEPTH_MAX)
        return scan_refuse(scanner, "nested too deeply"), NULL;
    group->child = read_choice(scanner, depth + 1);
    if (!group->child)
        return NULL;
    if (*scanner->at != ')') {
        scanner->at = start;
        return scan_refuse(scanner, "the group is not closed"), NULL;
    }
    scanner->at++;
    return group;
}

static struct pattern_node *read_back_reference(struct scanner *scanner)
{
    struct pattern_node *node = make(scanner, PATTERN_BACK);
    scanner->at++;
    if (*scanner->at == 'k') {
        if (scanner->at[1] != '<')
            return scan_refuse(scanner, "no group name"), NULL;
        scanner->at += 2;
        node->text = read_name(scanner);
        return node->text ? node : NULL;
    }
    while (*scanner->at >= '0' && *scanner->at <= '9' && node->number < 10000)
        node->number = node->number * 10 + (unsigned)(*scanner->at++ - '0');
    return node;
}

static struct pattern_node *read_set(struct scanner *scanner)
{
    struct pattern_node *node = make(scanner, PATTERN_SET);
    node->set = arena_alloc(scanner->arena, sizeof *node->set);
    int rc = *scanner->at == '[' ? scan_class(scanner, node->set) : scan_atom(scanner, node->set);
    return rc ? NULL : node;
}

static struct pattern_node *read_atom(struct scanner *scanner, int depth)
{
    char c = *scanner->at, after = c == '\\' ? scanner->at[1] : '\0';
    if (c == '(')
        return read_group(scanner, depth);
    if (c == '^')
        return make_text(scanner, PATTERN_ASSERT, "\\A", 1);
    if (c == '$')
        return make_text(scanner, PATTERN_ASSERT, "\\z", 1);
    if (scanner->ecma && (after == 'b' || after == 'B'))
        return make_text(scanner, PATTERN_ASSERT, after == 'b' ? "\\b" : "\\B", 2);
    if (scanner->ecma && (after == 'k' || (after >= '1' && after <= '9')))
        return read_back_reference(scanner);
    return read_set(scanner);
}

static bool read_count(const char **at, unsigned *count)
{
    const char *start = *at;
    unsigned long sum = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        if (sum < UINT_MAX)
            sum = sum * 10 + (unsigned long)(**at - '0');
    *count = sum < UINT_MAX ? (unsigned)sum : UINT_MAX;
    return *at > start;
}

/* {2} {2,} {2,5}: behind it, or NULL when it is none. */
static const char *read_braces(const char *at, unsigned *min, unsigned *max)
{
    at++;
    if (!read_count(&at, min))
        return NULL;
    *max = *min;
    if (*at == ',') {
        at++;
        if (!read_count(&at, max))
            *max = UINT_MAX;
    }
    return *at == '}' ? at + 1 : NULL;
}

/* 1 and the counts when a quantifier stands here, 0 when none. */
static int read_quantifier(struct scanner *scanner, unsigned *min, unsigned *max)
{
    const char *behind = scanner->at + 1;
    *min = *scanner->at == '+';
    *max = *scanner->at == '?' ? 1 : UINT_MAX;
    if (*scanner->at == '{') {
        behind = read_braces(scanner->at, min, max);
        if (!behind)
            return scanner->ecma ? 0 : scan_refuse(scanner, "no count of repetitions");
    } else if (!*scanner->at || !strchr("*+?", *scanner->at)) {
        return 0;
    }
    if (*min > *max)
        return scan_refuse(scanner, "the counts of repetitions are out of order");
    scanner->at = behind;
    return 1;
}

static struct pattern_node *read_piece(struct scanner *scanner, int depth)
{
    unsigned min, max;
    const char *start = scanner->at;
    int found = read_quantifier(scanner, &min, &max);
    if (found > 0)
        scanner->at = start;
    if (found)
        return found > 0 ? scan_refuse(scanner, "nothing to repeat"), NULL : NULL;
    struct pattern_node *atom = read_atom(scanner, depth);
    if (!atom)
        return NULL;
    found = read_quantifier(scanner, &min, &max);
    if (found <= 0)
        return found ? NULL : atom;
    if (atom->kind == PATTERN_ASSERT || atom->kind == PATTERN_LOOK)
        return scan_refuse(scanner, "nothing to repeat"), NULL;
    struct pattern_node *repeat = make(scanner, PATTERN_REPEAT);
    repeat->child = atom;
    repeat->min = min;
    repeat->max = max;
    if (scanner->ecma && *scanner->at == '?') {
        repeat->lazy = true;
        scanner->at++;
    }
    return repeat;
}

static struct pattern_node *read_sequence(struct scanner *scanner, int depth)
{
    struct pattern_node *sequence = make(scanner, PATTERN_SEQUENCE);
    struct pattern_node **tail = &sequence->child;
    while (*scanner->at && *scanner->at != '|' && *scanner->at != ')') {
        *tail = read_piece(scanner, depth);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return sequence;
}

static struct pattern_node *read_choice(struct scanner *scanner, int depth)
{
    struct pattern_node *choice = make(scanner, PATTERN_CHOICE);
    struct pattern_node **tail = &choice->child;
    for (;;) {
        *tail = read_sequence(scanner, depth);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
        if (*scanner->at != '|')
            return choice;
        scanner->at++;
    }
}

/* References may stand before their group, so they are resolved at the end. */
static int resolve(struct scanner *scanner, struct pattern_node *node, int depth)
{
    for (; node && depth < 4 * PATTERN_DEPTH_MAX + 8; node = node->next) {
        for (size_t i = 0;
             node->text && node->kind == PATTERN_BACK && i < scanner->tree->names.count; i++)
            if (strcmp(scanner->tree->names.items[i].name, node->text) == 0)
                node->number = scanner->tree->names.items[i].number;
        if (node->kind == PATTERN_BACK && (!node->number || node->number > scanner->tree->groups)) {
            scanner->at = scanner->text + node->offset;
            return scan_refuse(scanner, "no such group");
        }
        if (resolve(scanner, node->child, depth + 1))
            return -1;
    }
    return 0;
}

int pattern_read(struct arena *arena, const char *text, enum pattern_dialect dialect,
                 struct pattern_tree *tree, struct error *err)
{
    *tree = (struct pattern_tree){0};
    struct scanner scanner = {text, text, arena, tree, dialect == PATTERN_ECMA, err};
    tree->root = read_choice(&scanner, 0);
    if (!tree->root)
        return -1;
    if (*scanner.at)
        return scan_refuse(&scanner, "a parenthesis closes nothing");
    return resolve(&scanner, tree->root, 0);
}
