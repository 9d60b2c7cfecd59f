/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line from tables. A command lists its tables (each one a section of its help); a row is
 * one option. Values are checked while parsing, so what is read afterwards is right and in range.
 * getopt_long(3) works underneath: `--name value`, `--name=value`, `-nvalue`, operands anywhere,
 * `--` ends the options, a long name may be shortened while it stays unique. Not thread-safe
 * (getopt's state is global); a program does this once, at its start.
 *
 *     static const struct option_row server_rows[] = {
 *         {.name = "port", .letter = 'p', .argument = "N", .type = OPTION_INTEGER, .most = 65535,
 *          .fallback = "8080", .help = "port to listen on; 0 takes a free one"},
 *         {.name = "eager", .help = "build everything at the start"},
 *     };
 *     static const struct option_table tables[] = {OPTION_TABLE("Server", server_rows)};
 *     struct options *options = options_parse(arena, tables, 1, argc, argv, &err);
 *     int64_t port = options_integer(options, "port");
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_TEXT,     /* any text */
    OPTION_INTEGER,  /* decimal, from `least` to `most` */
    OPTION_DURATION, /* as duration_parse reads it ("90s") */
    OPTION_BYTES,    /* as bytes_parse reads it ("512m") */
    OPTION_CHOICE,   /* one of `choices` */
};

struct option_row {
    const char *name;     /* without the dashes */
    char letter;          /* 0 = no short form */
    const char *argument; /* its name in the help; NULL = a flag, which takes no value */
    enum option_type type;
    bool is_repeated;           /* may be given often; otherwise a second one is an error */
    int64_t least, most;        /* OPTION_INTEGER; both 0 = any. OPTION_DURATION: `least`, in ns */
    const char *const *choices; /* OPTION_CHOICE; ends with NULL */
    const char *fallback; /* the value when it is not given, in the same spelling; may be NULL */
    const char *help;     /* lower case, no full stop; the fallback is added by the printer */
    bool is_hidden;       /* the command refuses it in words of its own: no help names it */
};

struct option_table {
    const char *heading; /* printed above its rows */
    const struct option_row *rows;
    size_t count;
};

#define OPTION_TABLE(heading, rows)                                                                \
    {                                                                                              \
        (heading), (rows), sizeof(rows) / sizeof(rows)[0]                                          \
    }

struct texts {
    const char *const *items; /* `items[count]` is NULL */
    size_t count;
};

struct options;

/*
 * Parses argv[1] and after. NULL and `err` (ERROR_INVALID, one line that names the nearest option)
 * for an unknown option, a missing or superfluous value, a value out of its range, a second value
 * for an option that is not repeated. The result and all it gives live in the arena; texts are
 * argv's own. The tables must outlive it.
 */
struct options *options_parse(struct arena *arena, const struct option_table *tables, size_t count,
                              int argc, char *const argv[], struct error *err);

/* Asking for a name that no table has, or with another type than its row's, is a bug: it asserts.
 */
bool options_is_given(const struct options *options,
                      const char *name); /* flags are read with it, too */
const char *options_text(const struct options *options,
                         const char *name); /* the first; may be NULL */
int64_t options_integer(const struct options *options, const char *name); /* 0 without a fallback */
nanos options_duration(const struct options *options, const char *name);  /* 0 without a fallback */
int64_t options_bytes(const struct options *options, const char *name);   /* 0 without a fallback */
size_t options_choice(const struct options *options, const char *name);   /* index into `choices` */
struct texts options_all(const struct options *options, const char *name); /* of a repeated one */
struct texts options_operands(const struct options *options);              /* what is no option */

/* Every table with its heading and aligned rows, at most 100 columns. */
void options_help(const struct option_table *tables, size_t count, struct strbuf *out);
