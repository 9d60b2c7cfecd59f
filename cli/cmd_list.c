/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun list [WHAT [PROVIDER...]]: what data there is, one thing a line, for people and scripts.
 */
#include "cli/commands.h"
#include "cli/data_dirs.h"
#include "cli/list_faults.h"
#include "cli/list_operations.h"
#include "core/base/findings.h"
#include "core/base/log.h"
#include "core/base/options.h"
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/expr/function.h"
#include "core/provider/provider.h"

#include <stdio.h>

static const struct option_row list_rows[] = {
    {.name = "contracts", .argument = "DIR", .help = "where NAME/openapi.yaml is"},
    {.name = "fixtures", .argument = "DIR", .help = "where NAME/service.yaml is"},
    {.name = "unreached",
     .help = "of operations: those alone that no workflow or no client test reaches; exit code 1 "
             "when there is one"},
    {.name = "help", .letter = 'h', .help = "print this help"},
};
static const struct option_table tables[] = {OPTION_TABLE("List", list_rows)};

static void list_provider(struct listing *listing, const struct provider *provider)
{
    (void)listing;
    printf("%-16s %3zu operations  %s\n", provider->name, provider->operation_count,
           provider->contract->title ? provider->contract->title : "");
}

static void list_outcomes(struct listing *listing, const struct provider *provider)
{
    (void)listing;
    for (size_t i = 0; i < provider->kind_count; i++) {
        const struct kind *kind = &provider->kinds[i];
        for (size_t j = 0; j < kind->outcomes.count; j++)
            printf("%s.%s=%-20s %s\n", provider->name, kind->name, kind->outcomes.items[j].name,
                   kind->outcomes.items[j].summary ? kind->outcomes.items[j].summary : "");
    }
}

static void list_states(struct listing *listing, const struct provider *provider)
{
    (void)listing;
    for (size_t i = 0; i < provider->lifecycle->machine_count; i++) {
        const struct machine *machine = &provider->lifecycle->machines[i];
        for (size_t j = 1; j < machine->state_count; j++) {
            const struct state *state = &machine->states[j];
            printf("%s.%s=%s%s%s%s\n", provider->name, machine->name, state->name,
                   state->initial ? " initial" : "", state->terminal ? " terminal" : "",
                   state->waits ? " waits" : "");
        }
    }
}

static void list_variants(struct listing *listing, const struct provider *provider)
{
    (void)listing;
    for (size_t i = 0; i < provider->lifecycle->variant_count; i++) {
        const struct variant *variant = &provider->lifecycle->variants[i];
        for (size_t j = 0; j < variant->value_count; j++)
            printf("%s.%s=%s%s\n", provider->name, variant->name, variant->values[j],
                   text_is(variant->values[j], variant->chosen) ? " default" : "");
    }
}

static void list_errors(struct listing *listing, const struct provider *provider)
{
    (void)listing;
    for (size_t i = 0; i < provider->lifecycle->refusal_count; i++)
        printf("%s.%-28s %d\n", provider->name, provider->lifecycle->refusals[i].name,
               provider->lifecycle->refusals[i].status);
}

static void list_signals(struct listing *listing, const struct provider *provider)
{
    (void)listing;
    for (size_t i = 0; i < provider->kind_count; i++)
        for (size_t j = 0; j < provider->kinds[i].timer_count; j++)
            if (provider->kinds[i].timers[j].signal)
                printf("%s.%s=%s\n", provider->name, provider->kinds[i].name,
                       provider->kinds[i].timers[j].signal);
}

static const struct list_subject {
    const char *name, *summary;
    void (*list)(struct listing *listing, const struct provider *provider);
} subjects[] = {
    {"providers", "services that can be played", list_provider},
    {"operations", "what can be asked, what it does, which workflow and client test reach it",
     list_operations},
    {"outcomes", "how things may unfold: values of --outcome", list_outcomes},
    {"states", "states of their machines", list_states},
    {"errors", "what they refuse with, and its status", list_errors},
    {"signals", "events from outside: what outcomes/signal of the admin API fires", list_signals},
    {"scenarios", "workflows that 'dryrun check' plays", list_scenarios},
    {"variants", "where upstream is unclear: values of --variant", list_variants},
    {"functions", "functions of templates in YAML", NULL},
    {"faults", "failures on demand and their parameters", NULL},
    {"plans", "fault plans that come along: values of --faults", NULL},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static void print_help(void)
{
    struct strbuf help = STRBUF_INIT(LIMIT_MESSAGE);
    options_help(tables, 1, &help);
    puts("usage: dryrun list [WHAT [PROVIDER...]]\n\nWhat:");
    for (size_t i = 0; i < SUBJECTS; i++)
        printf("  %-12s %s\n", subjects[i].name, subjects[i].summary);
    printf("\n%s", help.buf);
    strbuf_release(&help);
}

static int complain(const char *text)
{
    log_line(LEVEL_ERROR, "%s", text);
    return EXIT_USAGE;
}

static void list_functions(void)
{
    for (const struct function_table *table = &world_signatures; table; table = table->next)
        for (size_t i = 0; i < table->count; i++)
            printf("%-12s %s\n", table->rows[i].name, table->rows[i].summary);
}

/* What the program has, whatever data there is. */
static bool list_own(const char *name)
{
    static const struct {
        const char *name;
        void (*list)(void);
    } rows[] = {{"functions", list_functions}, {"faults", list_faults}, {"plans", list_plans}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_is(rows[i].name, name))
            return rows[i].list(), true;
    return false;
}

static const struct list_subject *find_subject(const char *name, struct error *err)
{
    const char *names[SUBJECTS];
    for (size_t i = 0; i < SUBJECTS; i++) {
        names[i] = subjects[i].name;
        if (text_is(subjects[i].name, name))
            return &subjects[i];
    }
    const char *near = text_nearest_of(name, names, SUBJECTS);
    fail(err, ERROR_INVALID, "cannot list '%s'%s%s%s", name, near ? " (did you mean '" : "",
         near ? near : ": see 'dryrun help list'", near ? "'?)" : "");
    return NULL;
}

static int list_each(struct arena *arena, const struct list_subject *subject,
                     const struct data_dirs *dirs, const char *const *names, bool only_unreached)
{
    struct findings findings = {0};
    struct listing listing = {.arena = arena,
                              .contracts_dir = dirs->contracts,
                              .only_unreached = only_unreached,
                              .findings = &findings};
    struct provider_options how = {.contracts_dir = dirs->contracts,
                                   .fixtures_dir = dirs->fixtures};
    for (size_t i = 0; names[i]; i++) {
        size_t errors = findings.errors;
        const struct provider *provider = provider_load(arena, names[i], &how, &findings);
        if (!provider || findings.errors != errors)
            continue;
        subject->list(&listing, provider);
    }
    int code = only_unreached && listing.unreached ? EXIT_BROKEN : EXIT_KEPT;
    if (findings.errors)
        code = EXIT_USAGE;
    findings_tell(&findings);
    findings_release(&findings);
    return code;
}

static int list(struct arena *arena, const struct options *options)
{
    struct error err = {0};
    struct data_dirs dirs;
    struct texts operands = options_operands(options);
    const struct list_subject *subject =
        operands.count ? find_subject(operands.items[0], &err) : &subjects[0];
    if (!subject)
        return complain(err.text);
    bool only_unreached = options_is_given(options, "unreached");
    if (only_unreached && !text_is(subject->name, "operations"))
        return complain("--unreached goes with 'dryrun list operations'");
    if (list_own(subject->name))
        return EXIT_KEPT;
    if (data_dirs_find(arena, options_text(options, "contracts"), options_text(options, "fixtures"),
                       &dirs, &err))
        return complain(err.text);
    const char *const *names = operands.count > 1 ? operands.items + 1 : NULL;
    if (names && data_dirs_check(arena, &dirs, names, operands.count - 1, &err))
        return complain(err.text);
    if (!names)
        names = data_dirs_providers(arena, &dirs, &err);
    return names ? list_each(arena, subject, &dirs, names, only_unreached) : complain(err.text);
}

int cmd_list(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    struct options *options = options_parse(arena, tables, 1, argc, argv, &err);
    int code = EXIT_KEPT;
    if (!options)
        code = complain(err.text);
    else if (options_is_given(options, "help"))
        print_help();
    else
        code = list(arena, options);
    arena_free(arena);
    return code;
}
