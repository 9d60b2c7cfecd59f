/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workflow commands of GitHub Actions ("::error file=...,line=...::text"): each cause once, at the
 * rule that it breaks; then failed steps, at their place in the scenario. Files are named from the
 * working directory.
 */
#include "core/base/str.h"
#include "runner/reports/causes.h"

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

void report_annotate(const struct report_annotation *annotation,
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

/* What was sent where it was met first, and what came back. */
static void add_sent(const struct broken_cause *cause, const struct report_context *context,
                     struct strbuf *out)
{
    const struct attempt *attempt = cause->attempt;
    if (!attempt)
        return;
    strbuf_addf(out, "\n%s %s -> ", attempt->sent.method, attempt->sent.url);
    if (!attempt->seen) {
        strbuf_adds(out, attempt->failure ? attempt->failure : "no answer");
        return;
    }
    strbuf_addf(out, "%d\n", attempt->seen->response->status);
    report_body(context, "", attempt->seen->response->body, out);
}

/* The service shows ten annotations of a kind: so each cause is one, the worst first. */
static void add_cause(const struct broken_cause *cause, const struct report_context *context,
                      struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(LIMIT_REPORT);
    struct report_annotation annotation = {
        .level = cause->breaks ? "error" : "warning",
        .place = cause->place.file || !cause->step ? cause->place : cause->step->step->place,
        .title =
            cause->step && text_is(cause->kind, "failure")
                ? arena_printf(context->arena, "%s: step %s failed", cause->workflow->workflow->id,
                               cause->step->step->id)
                : arena_printf(context->arena, "%s of the contract: %s", cause->kind, cause->rule)};
    strbuf_addf(&text, "%s\n", cause->text);
    cause_where(cause, &text);
    add_sent(cause, context, &text);
    annotation.text = text.buf;
    report_annotate(&annotation, context, out);
    strbuf_release(&text);
}

/* A step that failed by what a verdict says: where it stands in the scenario, after all causes. */
static void add_step(const struct played_workflow *workflow, const struct played_step *played,
                     const struct report_context *context, struct strbuf *out)
{
    if (played->result != PLAYED_FAILED || played->is_handled || played->step->workflow)
        return;
    const struct broken_cause *cause;
    for (size_t i = 0; i < context->causes->count; i++) {
        cause = context->causes->items[i];
        if (cause->step == played && text_is(cause->kind, "failure"))
            return; /* is one */
    }
    struct report_annotation annotation = {
        .level = "error",
        .place = played->step->place,
        .title = arena_printf(context->arena, "%s: step %s failed", workflow->workflow->id,
                              played->step->id),
        .text = played->reason ? played->reason : "it failed"};
    report_annotate(&annotation, context, out);
}

void report_github(const struct run_result *result, const struct report_context *context,
                   struct strbuf *out)
{
    if (result->unreachable)
        report_annotate(&(struct report_annotation){.level = "error",
                                                    .title = "the target cannot be judged",
                                                    .text = result->unreachable},
                        context, out);
    for (size_t i = 0; i < context->causes->count; i++)
        add_cause(context->causes->items[i], context, out);
    for (size_t i = 0; i < result->workflows.count; i++) {
        const struct played_workflow *played = result->workflows.items[i];
        for (size_t j = 0; j < played->steps.count; j++)
            add_step(played, played->steps.items[j], context, out);
    }
}
