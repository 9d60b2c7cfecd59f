/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun diff FIRST SECOND: what a client of the first document meets in the second. docs/DIFF.md
 */
#include "cli/commands.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/options.h"
#include "core/base/str.h"
#include "core/contract/diff.h"
#include "core/data/json.h"

#include <stdio.h>

enum format { FORMAT_TEXT, FORMAT_JSON };
static const char *const format_names[] = {"text", "json", NULL};

static const struct option_row diff_rows[] = {
    {.name = "format",
     .argument = "FORMAT",
     .type = OPTION_CHOICE,
     .choices = format_names,
     .fallback = "text",
     .help = "text for people, json for programs"},
    {.name = "breaking", .help = "leave out what breaks nobody"},
    {.name = "help", .letter = 'h', .help = "print this help"},
};
static const struct option_table tables[] = {OPTION_TABLE("Diff", diff_rows)};

static int complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return EXIT_USAGE;
}

/* ---- printing ---- */

static void add_text(const struct difference *difference, struct strbuf *out)
{
    strbuf_addf(out, "%-9s %s", difference->is_breaking ? "breaking" : "other",
                difference->operation);
    if (*difference->part)
        strbuf_addf(out, ", %s", difference->part);
    if (*difference->at)
        strbuf_addf(out, " %s", difference->at);
    strbuf_addf(out, ": %s", difference->text);
    const char *separator = " (";
    for (int side = 0; side < 2; side++) {
        struct place place = side ? difference->second : difference->first;
        if (!place.file)
            continue;
        strbuf_adds(out, separator);
        place_print(place, out);
        separator = ", ";
    }
    strbuf_adds(out, *separator == ',' ? ")\n" : "\n");
}

static void add_place(struct arena *arena, cJSON *object, const char *name, struct place place)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (place.file) {
        place_print(place, &text);
        tree_set_string(arena, object, name, text.buf);
    }
    strbuf_release(&text);
}

static cJSON *as_json(struct arena *arena, const struct difference *difference)
{
    cJSON *object = tree_object(arena);
    tree_set(arena, object, "breaking", tree_bool(arena, difference->is_breaking));
    tree_set_string(arena, object, "operation", difference->operation);
    tree_set_string(arena, object, "part", difference->part);
    tree_set_string(arena, object, "at", difference->at);
    tree_set_string(arena, object, "code", difference->code);
    tree_set_string(arena, object, "text", difference->text);
    add_place(arena, object, "first", difference->first);
    add_place(arena, object, "second", difference->second);
    return object;
}

static void print_all(struct arena *arena, const struct differences *all, bool breaking_only,
                      enum format format)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    const struct difference *difference;
    cJSON *list = tree_array(arena), *whole = tree_object(arena);
    vec_foreach (difference, all) {
        if (breaking_only && !difference->is_breaking)
            continue;
        if (format == FORMAT_JSON)
            tree_append(list, as_json(arena, difference));
        else
            add_text(difference, &out);
    }
    if (format == FORMAT_JSON) {
        tree_set(arena, whole, "breaking", tree_integer(arena, (int64_t)all->breaking));
        tree_set(arena, whole, "other", tree_integer(arena, (int64_t)(all->count - all->breaking)));
        tree_set(arena, whole, "differences", list);
        json_print(whole, JSON_PRETTY, &out);
        strbuf_addch(&out, '\n');
    } else {
        strbuf_addf(&out, "%zu difference%s, %zu breaking\n", all->count,
                    all->count == 1 ? "" : "s", all->breaking);
    }
    fwrite(out.buf, 1, out.len, stdout);
    strbuf_release(&out);
}

/* ---- running ---- */

static const struct contract *load(struct arena *arena, const char *file, struct error *err)
{
    const struct contract_options options = {.is_foreign = true, .is_lazy = true};
    struct findings findings = {0};
    const struct contract *contract = contract_load_with(arena, file, &options, &findings);
    if (!contract) {
        findings_tell(&findings);
        fail(err, ERROR_INVALID, "'%s' cannot be compared", file);
    }
    findings_release(&findings);
    return contract;
}

static int diff(struct arena *arena, const struct options *options)
{
    struct texts files = options_operands(options);
    struct error err = {0};
    struct differences all = {0};
    if (files.count != 2) {
        fail(&err, ERROR_INVALID, "diff takes two OpenAPI documents, not %zu", files.count);
        return complain(&err);
    }
    const struct contract *first = load(arena, files.items[0], &err);
    const struct contract *second = first ? load(arena, files.items[1], &err) : NULL;
    if (!second)
        return complain(&err);
    contract_diff(arena, first, second, &all);
    print_all(arena, &all, options_is_given(options, "breaking"),
              (enum format)options_choice(options, "format"));
    return all.breaking ? EXIT_BROKEN : EXIT_KEPT;
}

int cmd_diff(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    struct options *options = options_parse(arena, tables, 1, argc, argv, &err);
    struct strbuf help = STRBUF_INIT(LIMIT_MESSAGE);
    int code = EXIT_KEPT;
    if (!options) {
        code = complain(&err);
    } else if (options_is_given(options, "help")) {
        options_help(tables, 1, &help);
        printf(
            "usage: dryrun diff FIRST SECOND [OPTIONS]\n\n"
            "What a client made for the first OpenAPI document meets in the second. Exit code 1\n"
            "when something breaks it, 0 when nothing does, 2 for what cannot be read.\n\n%s",
            help.buf);
    } else {
        code = diff(arena, options);
    }
    strbuf_release(&help);
    arena_free(arena);
    return code;
}
