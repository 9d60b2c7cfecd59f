/* SPDX-License-Identifier: Apache-2.0 */
/* dryrun graph PROVIDER [MACHINE...]: its machines as pictures. */
#include "cli/commands.h"
#include "cli/data_dirs.h"
#include "core/base/findings.h"
#include "core/base/log.h"
#include "core/base/options.h"
#include "core/base/str.h"
#include "core/graph/graph.h"
#include "core/provider/provider.h"

#include <stdio.h>

enum format { FORMAT_SVG, FORMAT_MERMAID, FORMAT_DOT };
static const char *const format_names[] = {"svg", "mermaid", "dot", NULL};

static const struct option_row graph_rows[] = {
    {.name = "format",
     .argument = "FORMAT",
     .type = OPTION_CHOICE,
     .choices = format_names,
     .fallback = "svg",
     .help = "svg, mermaid (for Markdown) or dot (for Graphviz)"},
    {.name = "contracts", .argument = "DIR", .help = "where NAME/openapi.yaml is"},
    {.name = "fixtures", .argument = "DIR", .help = "where NAME/service.yaml is"},
    {.name = "help", .letter = 'h', .help = "print this help"},
};
static const struct option_table tables[] = {OPTION_TABLE("Graph", graph_rows)};

static int complain(const struct error *err)
{
    log_line(LEVEL_ERROR, "%s", err->text);
    return error_row(err->kind)->exit_code;
}

static void print_machine(struct arena *arena, const struct provider *provider,
                          const struct machine *machine, enum format format)
{
    struct graph *graph = graph_new(arena, provider, machine);
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    if (format == FORMAT_MERMAID)
        graph_print_mermaid(graph, &out);
    else if (format == FORMAT_DOT)
        graph_print_dot(graph, &out);
    else
        graph_print_svg(graph, &out);
    fputs(out.buf, stdout);
    strbuf_release(&out);
}

/* Only one document fits into a file of SVG: the machine that has most states, unless one is
 * named. */
static const struct machine *main_machine(const struct lifecycle *lifecycle)
{
    const struct machine *main = &lifecycle->machines[0];
    for (size_t i = 1; i < lifecycle->machine_count; i++)
        if (lifecycle->machines[i].state_count > main->state_count)
            main = &lifecycle->machines[i];
    return main;
}

static int print_named(struct arena *arena, const struct provider *provider, struct texts names,
                       enum format format)
{
    const struct lifecycle *lifecycle = provider->lifecycle;
    const char **known = arena_alloc(arena, (lifecycle->machine_count + 1) * sizeof *known);
    for (size_t i = 0; i < lifecycle->machine_count; i++)
        known[i] = lifecycle->machines[i].name;
    for (size_t i = 1; i < names.count; i++) {
        if (lifecycle_machine(lifecycle, names.items[i]))
            continue;
        const char *near = text_nearest_of(names.items[i], known, lifecycle->machine_count);
        log_line(LEVEL_ERROR, "'%s' has no machine '%s'%s%s%s", provider->name, names.items[i],
                 near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
        return EXIT_USAGE;
    }
    for (size_t i = 1; i < names.count; i++)
        print_machine(arena, provider, lifecycle_machine(lifecycle, names.items[i]), format);
    for (size_t i = 0; names.count < 2 && i < lifecycle->machine_count; i++)
        if (format == FORMAT_SVG ? &lifecycle->machines[i] == main_machine(lifecycle)
                                 : !lifecycle->machines[i].is_stateless)
            print_machine(arena, provider, &lifecycle->machines[i], format);
    return EXIT_KEPT;
}

static int run(struct arena *arena, const struct options *options, struct findings *findings)
{
    struct texts names = options_operands(options);
    struct data_dirs dirs;
    struct error err = {0};
    enum format format = (enum format)options_choice(options, "format");
    if (!names.count) {
        log_line(LEVEL_ERROR, "graph needs a provider: dryrun graph PROVIDER [MACHINE...]");
        return EXIT_USAGE;
    }
    if (format == FORMAT_SVG && names.count > 2) {
        log_line(LEVEL_ERROR, "an SVG shows one machine: name one, or take --format mermaid");
        return EXIT_USAGE;
    }
    if (data_dirs_find_contracts(arena, options_text(options, "contracts"),
                                 options_text(options, "fixtures"), &dirs, &err) ||
        data_dirs_check(arena, &dirs, names.items, 1, &err))
        return complain(&err);
    const struct provider_options how = {.contracts_dir = dirs.contracts,
                                         .fixtures_dir = dirs.fixtures};
    const struct provider *provider = provider_load(arena, names.items[0], &how, findings);
    if (!provider || findings->errors)
        return EXIT_USAGE;
    return print_named(arena, provider, names, format);
}

int cmd_graph(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    struct error err = {0};
    int code = EXIT_USAGE;
    const struct options *options = options_parse(arena, tables, 1, argc, argv, &err);
    if (!options) {
        complain(&err);
    } else if (options_is_given(options, "help")) {
        struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
        options_help(tables, 1, &text);
        printf("usage: dryrun graph PROVIDER [MACHINE...] [OPTIONS]\n\n"
               "Draws state machines: solid is what the service does by itself, dashed what "
               "requests do,\na dashed box waits for a client, a thick one is an end.\n\n%s",
               text.buf);
        strbuf_release(&text);
        code = EXIT_KEPT;
    } else {
        code = run(arena, options, &findings);
        findings_tell(&findings);
    }
    findings_release(&findings);
    arena_free(arena);
    return code;
}
