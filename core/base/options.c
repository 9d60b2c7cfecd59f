/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/options.h"

#include "core/base/bytes.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

/* getopt answers with a byte for letters; our long options are numbered from here. */
enum { FIRST_LONG = 1000, HELP_COLUMN = 32, HELP_WIDTH = 100 };

struct value {
    const struct option_row *row;
    bool is_given;
    struct {
        VEC(const char *);
    } texts;        /* as given, or the fallback alone */
    int64_t number; /* integer, duration or index of the first text */
};

struct options {
    struct value *values;
    size_t count;
    struct {
        VEC(const char *);
    } operands;
};

static int read_integer(const struct option_row *row, const char *text, int64_t *number,
                        struct error *err)
{
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    bool is_number = *text && !*end && errno == 0 && strchr("-0123456789", *text);
    if (!row->least && !row->most) {
        if (is_number)
            return 0;
        return fail(err, ERROR_INVALID, "option '--%s': '%s' is not a whole number", row->name,
                    text);
    }
    if (is_number && *number >= row->least && *number <= row->most)
        return 0;
    return fail(err, ERROR_INVALID,
                "option '--%s': '%s' is not a whole number from %" PRId64 " to %" PRId64, row->name,
                text, row->least, row->most);
}

static int read_choice(const struct option_row *row, const char *text, int64_t *number,
                       struct error *err)
{
    size_t count = 0;
    struct strbuf all = STRBUF_INIT(LIMIT_MESSAGE);
    for (; row->choices[count]; count++) {
        if (text_is(row->choices[count], text)) {
            *number = (int64_t)count;
            strbuf_release(&all);
            return 0;
        }
        strbuf_addf(&all, "%s%s", count ? ", " : "", row->choices[count]);
    }
    const char *nearest = text_nearest_of(text, row->choices, count);
    if (nearest)
        fail(err, ERROR_INVALID, "option '--%s': '%s' is none of %s (did you mean '%s'?)",
             row->name, text, all.buf, nearest);
    else
        fail(err, ERROR_INVALID, "option '--%s': '%s' is none of %s", row->name, text, all.buf);
    strbuf_release(&all);
    return -1;
}

static int read_number(const struct option_row *row, const char *text, int64_t *number,
                       struct error *err)
{
    switch (row->type) {
    case OPTION_INTEGER:
        return read_integer(row, text, number, err);
    case OPTION_CHOICE:
        return read_choice(row, text, number, err);
    case OPTION_DURATION:
        if (duration_parse(text, number))
            return fail(err, ERROR_INVALID,
                        "option '--%s': '%s' is no duration (such as 90s or 300ms)", row->name,
                        text);
        if (*number < row->least)
            return fail(err, ERROR_INVALID, "option '--%s': '%s' is shorter than %gs", row->name,
                        text, (double)row->least / (double)NANOS_PER_SECOND);
        return 0;
    case OPTION_BYTES:
        if (bytes_parse(text, number) == 0)
            return 0;
        return fail(err, ERROR_INVALID, "option '--%s': '%s' is no size (such as 512m or 2g)",
                    row->name, text);
    case OPTION_TEXT:
        break;
    }
    return 0;
}

static int take_value(struct arena *arena, struct value *value, const char *text, struct error *err)
{
    const struct option_row *row = value->row;
    if (value->is_given && row->argument && !row->is_repeated)
        return fail(err, ERROR_INVALID, "option '--%s' is given twice", row->name);
    bool is_first = !value->is_given;
    value->is_given = true;
    if (!row->argument)
        return 0;
    int64_t number = 0;
    if (read_number(row, text, &number, err) < 0)
        return -1;
    if (is_first)
        value->number = number;
    vec_push_arena(arena, &value->texts, text);
    return 0;
}

static void take_fallbacks(struct arena *arena, struct options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        struct value *value = &options->values[i];
        if (value->is_given || !value->row->fallback)
            continue;
        int failed = read_number(value->row, value->row->fallback, &value->number, NULL);
        assert(!failed && "a fallback in an option table is right");
        (void)failed;
        vec_push_arena(arena, &value->texts, value->row->fallback);
    }
}

struct names {
    const struct options *options;
    size_t at;
};

static const char *next_name(void *state)
{
    struct names *names = state;
    return names->at < names->options->count ? names->options->values[names->at++].row->name : NULL;
}

/* `text` is the argument that getopt did not know: "--prot=1" or, with `letter`, some "-x". */
static int refuse_unknown(struct arena *arena, const struct options *options, const char *text,
                          int letter, struct error *err)
{
    if (letter)
        return fail(err, ERROR_INVALID, "unknown option '-%c'", letter);
    const char *name = arena_strndup(arena, text + 2, strcspn(text + 2, "="));
    size_t starts_alike = 0;
    for (size_t i = 0; i < options->count; i++)
        starts_alike += text_starts_with(options->values[i].row->name, name) ? 1 : 0;
    if (starts_alike > 1)
        return fail(err, ERROR_INVALID, "option '--%s' could be several: write its whole name",
                    name);
    struct names names = {options, 0};
    const char *nearest = text_nearest(name, next_name, &names);
    if (nearest)
        return fail(err, ERROR_INVALID, "unknown option '--%s' (did you mean '--%s'?)", name,
                    nearest);
    return fail(err, ERROR_INVALID, "unknown option '--%s'", name);
}

static struct value *value_of(const struct options *options, int code)
{
    if (code >= FIRST_LONG)
        return &options->values[code - FIRST_LONG];
    for (size_t i = 0; i < options->count; i++) {
        if (code && options->values[i].row->letter == code)
            return &options->values[i];
    }
    return NULL;
}

static int take_code(struct arena *arena, const struct options *options, int code,
                     char *const argv[], struct error *err)
{
    if (code == ':') {
        const struct option_row *row = value_of(options, optopt)->row;
        return fail(err, ERROR_INVALID, "option '--%s' needs a value: %s", row->name,
                    row->argument);
    }
    if (code == '?') {
        const struct value *value = value_of(options, optopt);
        if (value) /* getopt knew it, so what it refuses is the value */
            return fail(err, ERROR_INVALID, "option '--%s' takes no value", value->row->name);
        return refuse_unknown(arena, options, argv[optind - 1], optopt, err);
    }
    return take_value(arena, value_of(options, code), optarg, err);
}

static struct options *new_options(struct arena *arena, const struct option_table *tables,
                                   size_t count)
{
    struct options *options = arena_alloc(arena, sizeof *options);
    for (size_t i = 0; i < count; i++)
        options->count += tables[i].count;
    options->values = arena_alloc(arena, (options->count + 1) * sizeof *options->values);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++)
            options->values[at++].row = &tables[i].rows[j];
    }
    return options;
}

/* The two descriptions that getopt_long wants: letters (": first" asks it to tell ':' from '?'). */
static struct option *describe(struct arena *arena, const struct options *options, char *letters)
{
    struct option *longs = arena_alloc(arena, (options->count + 1) * sizeof *longs);
    *letters++ = ':';
    for (size_t i = 0; i < options->count; i++) {
        const struct option_row *row = options->values[i].row;
        int takes = row->argument ? required_argument : no_argument;
        longs[i] = (struct option){row->name, takes, NULL, FIRST_LONG + (int)i};
        if (row->letter)
            *letters++ = row->letter;
        if (row->letter && row->argument)
            *letters++ = ':';
    }
    return longs;
}

struct options *options_parse(struct arena *arena, const struct option_table *tables, size_t count,
                              int argc, char *const argv[], struct error *err)
{
    struct options *options = new_options(arena, tables, count);
    char *letters = arena_alloc(arena, options->count * 2 + 2);
    const struct option *longs = describe(arena, options, letters);
    /* getopt moves operands to the end, so it gets a copy. */
    char **args = arena_alloc(arena, ((size_t)argc + 1) * sizeof *args);
    for (int i = 0; i < argc; i++)
        args[i] = argv[i];

    optind = 0; /* glibc: start afresh */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, args, letters, longs, NULL)) != -1) {
        if (take_code(arena, options, code, args, err) < 0)
            return NULL;
    }
    for (int i = optind; i < argc; i++)
        vec_push_arena(arena, &options->operands, args[i]);
    vec_push_arena(arena, &options->operands, NULL);
    take_fallbacks(arena, options);
    for (size_t i = 0; i < options->count; i++)
        vec_push_arena(arena, &options->values[i].texts, NULL);
    return options;
}

static const struct value *get_value(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->count; i++) {
        if (text_is(options->values[i].row->name, name))
            return &options->values[i];
    }
    assert(!"no table has this option");
    abort();
}

static int64_t get_number(const struct options *options, const char *name, enum option_type type)
{
    const struct value *value = get_value(options, name);
    assert(value->row->type == type);
    (void)type;
    return value->number;
}

bool options_is_given(const struct options *options, const char *name)
{
    return get_value(options, name)->is_given;
}

const char *options_text(const struct options *options, const char *name)
{
    return get_value(options, name)->texts.items[0];
}

int64_t options_integer(const struct options *options, const char *name)
{
    return get_number(options, name, OPTION_INTEGER);
}

nanos options_duration(const struct options *options, const char *name)
{
    return get_number(options, name, OPTION_DURATION);
}

int64_t options_bytes(const struct options *options, const char *name)
{
    return get_number(options, name, OPTION_BYTES);
}

size_t options_choice(const struct options *options, const char *name)
{
    return (size_t)get_number(options, name, OPTION_CHOICE);
}

struct texts options_all(const struct options *options, const char *name)
{
    const struct value *value = get_value(options, name);
    return (struct texts){value->texts.items, value->texts.count - 1};
}

struct texts options_operands(const struct options *options)
{
    return (struct texts){options->operands.items, options->operands.count - 1};
}

/* Adds words from the current column on, and breaks lines between them. */
static void add_wrapped(struct strbuf *out, const char *words, size_t column)
{
    while (*words) {
        size_t len = strcspn(words, " ");
        if (column > HELP_COLUMN && column + 1 + len > HELP_WIDTH) {
            strbuf_addf(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (column > HELP_COLUMN) {
            strbuf_addch(out, ' ');
            column++;
        }
        strbuf_add(out, words, len);
        column += len;
        words += len;
        words += strspn(words, " ");
    }
    strbuf_addch(out, '\n');
}

static void help_row(const struct option_row *row, struct strbuf *out)
{
    struct strbuf left = STRBUF_INIT(LIMIT_MESSAGE), right = STRBUF_INIT(LIMIT_MESSAGE);
    if (row->letter)
        strbuf_addf(&left, "  -%c, --%s", row->letter, row->name);
    else
        strbuf_addf(&left, "      --%s", row->name);
    if (row->argument)
        strbuf_addf(&left, " %s", row->argument);
    strbuf_adds(&right, row->help);
    if (row->is_repeated)
        strbuf_adds(&right, " (may be given several times)");
    if (row->fallback)
        strbuf_addf(&right, " (default: %s)", row->fallback);

    strbuf_add(out, left.buf, left.len);
    if (left.len + 2 > HELP_COLUMN)
        strbuf_addf(out, "\n%*s", HELP_COLUMN, "");
    else
        strbuf_addf(out, "%*s", (int)(HELP_COLUMN - left.len), "");
    add_wrapped(out, right.buf, HELP_COLUMN);
    strbuf_release(&left);
    strbuf_release(&right);
}

void options_help(const struct option_table *tables, size_t count, struct strbuf *out)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, "%s%s:\n", i ? "\n" : "", tables[i].heading);
        for (size_t j = 0; j < tables[i].count; j++)
            if (!tables[i].rows[j].is_hidden)
                help_row(&tables[i].rows[j], out);
    }
}
