/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads providers as the mock and the judge would, with every value of every variant, and prints
 * what was found. Findings go to standard output, a line each; usage errors to standard error.
 */
#include "cli/cmd_lint.h"

#include "cli/data_dirs.h"
#include "cli/lint_plans.h"
#include "cli/lint_scenarios.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/options.h"
#include "core/base/str.h"
#include "core/data/load.h"
#include "core/lifecycle/formats.h"
#include "core/provider/provider.h"
#include "runner/monitor/monitor.h"

#include <stdio.h>
#include <string.h>

static const struct option_row lint_rows[] = {
    {.name = "contracts",
     .argument = "DIR",
     .help = "where NAME/openapi.yaml and NAME/lifecycle.yaml are"},
    {.name = "fixtures",
     .argument = "DIR",
     .help = "where NAME/service.yaml, resources.yaml and outcomes.yaml are"},
    {.name = "faults",
     .argument = "PLAN",
     .is_repeated = true,
     .help = "a fault plan that is checked, too; without, those in the fixtures' folder faults"},
    {.name = "help", .letter = 'h', .help = "print this help"},
};
static const struct option_table tables[] = {OPTION_TABLE("Lint", lint_rows)};

/* One more load for each value of a variant that the first one did not choose. */
static void lint_variants(const char *name, const struct provider_options *options,
                          const struct lifecycle *lifecycle, struct findings *findings)
{
    size_t i, j;

    for (i = 0; i < lifecycle->variant_count; i++)
        for (j = 0; j < lifecycle->variants[i].value_count; j++) {
            struct variant_choice choice = {lifecycle->variants[i].name,
                                            lifecycle->variants[i].values[j]};
            struct provider_options other = *options;
            struct arena *arena;

            if (text_is(choice.value, lifecycle->variants[i].chosen))
                continue;
            other.choices = &choice;
            other.choice_count = 1;
            arena = arena_new();
            provider_load(arena, name, &other, findings);
            arena_free(arena);
        }
}

/* What the program itself reads of it is checked here; operations by `dryrun list operations`. */
static void lint_clients(const char *name, const struct data_dirs *dirs, struct findings *findings)
{
    struct arena *arena = arena_new();
    const char *folder = file_join(arena, dirs->contracts, name);
    const char *path = file_join(arena, folder, "clients.yaml");
    const cJSON *document = file_exists(path) ? load_document(arena, path, findings) : NULL;

    if (document)
        format_check(arena, "clients", document, findings);
    arena_free(arena);
}

static void lint_unreachable(const struct provider *provider, const struct data_dirs *dirs,
                             struct arena *arena, struct findings *findings)
{
    const char *folder = file_join(arena, dirs->contracts, provider->name);
    const char *path = file_join(arena, folder, "unreachable.yaml");

    if (file_exists(path))
        coverage_excuse(coverage_new(arena, provider), path, findings);
}

static void lint_provider(const char *name, const struct data_dirs *dirs, struct findings *findings)
{
    struct provider_options how = {
        .contracts_dir = dirs->contracts, .fixtures_dir = dirs->fixtures, .lint = true};
    struct arena *arena = arena_new();
    size_t errors = findings->errors;
    const struct provider *provider = provider_load(arena, name, &how, findings);

    if (provider && findings->errors == errors)
        lint_variants(name, &how, provider->lifecycle, findings);
    if (provider && findings->errors == errors)
        lint_scenarios(arena, provider, dirs->contracts, findings);
    if (provider && findings->errors == errors)
        lint_unreachable(provider, dirs, arena, findings);
    lint_clients(name, dirs, findings);
    arena_free(arena);
}

static int report(struct findings *findings, size_t providers)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t i, errors = 0;

    findings_sort(findings);
    for (i = 0; i < findings->count; i++)
        errors += !findings->items[i].is_warning;
    findings_print(findings, &out);
    if (errors)
        strbuf_addf(&out, "%zu error%s, %zu warning%s\n", errors, errors == 1 ? "" : "s",
                    findings->count - errors, findings->count - errors == 1 ? "" : "s");
    else
        strbuf_addf(&out, "%zu provider%s without errors, %zu warning%s\n", providers,
                    providers == 1 ? "" : "s", findings->count, findings->count == 1 ? "" : "s");
    fwrite(out.buf, 1, out.len, stdout);
    strbuf_release(&out);
    return errors ? EXIT_USAGE : EXIT_KEPT;
}

static int complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return EXIT_USAGE;
}

/* A name that is no provider's is a slip of the hand, not a document with errors. */
static int check_names(const struct texts *names, const char *const *known, const char *contracts,
                       struct error *err)
{
    size_t i, j, count = 0;

    while (known[count])
        count++;
    for (i = 0; i < names->count; i++) {
        const char *near = text_nearest_of(names->items[i], known, count);

        for (j = 0; j < count && !text_is(known[j], names->items[i]); j++)
            ;
        if (j == count)
            return fail(err, ERROR_NOT_FOUND, "unknown provider '%s'%s%s%s", names->items[i],
                        near ? " (did you mean '" : ": there is none of that name in '",
                        near ? near : contracts, near ? "'?)" : "'");
    }
    return 0;
}

static int lint(struct arena *arena, const struct options *options)
{
    struct findings findings = {0};
    struct texts names = options_operands(options), plans = options_all(options, "faults");
    struct data_dirs dirs;
    struct error err = {0};
    const char *const *items = names.items, *const * known;
    size_t i, count = names.count;
    int code;

    if (data_dirs_find_contracts(arena, options_text(options, "contracts"),
                                 options_text(options, "fixtures"), &dirs, &err))
        return complain(&err);
    known = provider_list(arena, dirs.contracts, &err);
    if (!known || check_names(&names, known, dirs.contracts, &err))
        return complain(&err);
    if (!count) {
        items = known;
        while (items[count])
            count++;
    }
    if (!count) {
        fail(&err, ERROR_NOT_FOUND, "no provider in '%s'", dirs.contracts);
        return complain(&err);
    }
    for (i = 0; i < count; i++)
        lint_provider(items[i], &dirs, &findings);
    if ((plans.count || !names.count) && lint_plans(arena, plans, &dirs, known, &findings, &err)) {
        findings_release(&findings);
        return complain(&err);
    }
    code = report(&findings, count);
    findings_release(&findings);
    return code;
}

int cmd_lint(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    struct options *options = options_parse(arena, tables, 1, argc, argv, &err);
    struct strbuf help = STRBUF_INIT(LIMIT_MESSAGE);
    int code;

    if (!options) {
        code = complain(&err);
    } else if (options_is_given(options, "help")) {
        options_help(tables, 1, &help);
        printf("usage: dryrun lint [PROVIDER...]\n%s", help.buf);
        code = EXIT_KEPT;
    } else {
        code = lint(arena, options);
    }
    strbuf_release(&help);
    arena_free(arena);
    return code;
}
