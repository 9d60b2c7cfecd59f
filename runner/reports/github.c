/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workflow commands of GitHub Actions ("::error file=...,line=...::text"): a failed step at its
 * place in the scenario, a verdict at the rule that it breaks. Files are named from the working
 * directory.
 */
#include "core/base/str.h"
#include "runner/reports/reports.h"

#include <unistd.h>

enum { PATH_BYTES = 4096 };

/* Properties escape more than messages do. */
static void add_escaped(const char *text, bool is_property, struct strbuf *out)
{
    for (; *text; text++)
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (is_property && (*text == ':' || *text == ',')))
            strbuf_addf(out, "%%%02X", (unsigned)*text);
        else
            strbuf_addch(out, *text);
}

static void add_file(const char *file, struct strbuf *out)
{
    char here[PATH_BYTES];
    size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (len && strncmp(file, here, len) == 0 && file[len] == '/')
        file += len + 1;
    add_escaped(file, true, out);
}

struct annotation {
    const char *level; /* error warning notice */
    struct place place;
    const char *title, *text;
};

static void add_annotation(const struct annotation *annotation,
                           const struct report_context *context, struct strbuf *out)
{
    strbuf_addf(out, "::%s ", annotation->level);
    if (annotation->place.file) {
        strbuf_adds(out, "file=");
        add_file(annotation->place.file, out);
        if (annotation->place.line)
            strbuf_addf(out, ",line=%d", annotation->place.line);
        if (annotation->place.line && annotation->place.column)
            strbuf_addf(out, ",col=%d", annotation->place.column);
        strbuf_addch(out, ',');
    }
    strbuf_adds(out, "title=");
    add_escaped(report_text(context, str_from(annotation->title)), true, out);
    strbuf_adds(out, "::");
    add_escaped(report_text(context, str_from(annotation->text)), false, out);
    strbuf_addch(out, '\n');
}

static void add_verdict(const struct run_result *result, const struct played_step *played,
                        const struct verdict *verdict, const struct report_context *context,
                        struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    struct annotation annotation = {
        .level = report_verdict_breaks(result, verdict) ? "error"
                 : verdict->kind == VERDICT_DEVIATION   ? "warning"
                                                        : "notice",
        .place = verdict->place.file ? verdict->place : played->step->place,
        .title = arena_printf(context->arena, "%s of the contract: %s",
                              report_kind_name(verdict->kind), verdict->rule ? verdict->rule : "")};
    strbuf_addf(&text, "workflow %s, step %s\n", played->workflow->id, played->step->id);
    report_verdict(verdict, context, &text);
    annotation.text = text.buf;
    add_annotation(&annotation, context, out);
    strbuf_release(&text);
}

static void add_step(const struct run_result *result, const struct played_workflow *workflow,
                     const struct played_step *played, const struct report_context *context,
                     struct strbuf *out)
{
    for (size_t i = 0; i < played->attempts.count; i++)
        for (size_t j = 0; j < played->attempts.items[i]->verdict_count; j++)
            add_verdict(result, played,
                        &result->verdicts.items[played->attempts.items[i]->first_verdict + j],
                        context, out);
    if (played->result != PLAYED_FAILED || played->is_handled)
        return;
    struct annotation annotation = {.level = "error",
                                    .place = played->step->place,
                                    .title = arena_printf(context->arena, "%s: step %s failed",
                                                          workflow->workflow->id, played->step->id),
                                    .text = played->reason ? played->reason : "it failed"};
    add_annotation(&annotation, context, out);
}

void report_github(const struct run_result *result, const struct report_context *context,
                   struct strbuf *out)
{
    if (result->unreachable)
        add_annotation(&(struct annotation){.level = "error",
                                            .title = "the target cannot be judged",
                                            .text = result->unreachable},
                       context, out);
    for (size_t i = 0; i < result->workflows.count; i++) {
        const struct played_workflow *played = result->workflows.items[i];
        for (size_t j = 0; j < played->steps.count; j++)
            add_step(result, played, played->steps.items[j], context, out);
    }
}
