/* SPDX-License-Identifier: Apache-2.0 */
/* How a run is told: for people on the console, for machines in files. One row a form. */
#pragma once

#include "core/base/error.h"
#include "core/base/strbuf.h"
#include "runner/result.h"
#include "runner/secrets.h"

struct broken_causes; /* runner/reports/causes.h */

struct report_context {
    struct arena *arena;
    const struct secrets *secrets;
    const char *version; /* of this program */
    struct broken_causes *causes;
    bool is_colour;    /* for people, on a terminal */
    bool is_coloured;  /* texts are; a reporter for people turns it on */
    bool is_brief;     /* a cause that was told in full is told in a line from then on */
    size_t body_shown; /* bytes of a body; 0: as many as do on a console */
};

/* `out` may give away what it holds (strbuf_init_spilling): nothing looks back at it. */
typedef void report_writer(const struct run_result *result, const struct report_context *context,
                           struct strbuf *out);

struct reporter {
    const char *name; /* as --report spells it */
    const char *summary;
    bool needs_file; /* NAME=FILE */
    bool shows_all;  /* every exchange; else those that broke or failed something */
    report_writer *write;
};

/* Ended by a row without name. */
extern const struct reporter reporters[];
/* "console", "junit=FILE": its row; `file` NULL when none was given. NULL and `err`. */
const struct reporter *reporter_find(struct arena *arena, const char *text, const char **file,
                                     struct error *err);

void report_console(const struct run_result *result, const struct report_context *given,
                    struct strbuf *out);
void report_junit(const struct run_result *result, const struct report_context *context,
                  struct strbuf *out);
void report_json(const struct run_result *result, const struct report_context *context,
                 struct strbuf *out);
void report_tap(const struct run_result *result, const struct report_context *context,
                struct strbuf *out);
void report_github(const struct run_result *result, const struct report_context *context,
                   struct strbuf *out);
void report_html(const struct run_result *result, const struct report_context *given,
                 struct strbuf *out);
/* --har: HAR 1.2 of all exchanges; no reporter, since it says nothing about what they were worth.
 */
void report_har(const struct run_result *result, const struct report_context *context,
                struct strbuf *out);

/* ---- parts that several reports share; texts are masked ---- */

/* "violation", "deviation", "note" */
const char *report_kind_name(enum verdict_kind kind);
/* The workflow failed, or something in it breaks the contract. */
bool report_is_broken(const struct run_result *result, const struct played_workflow *played);
/* The same of one step, with all that it sent. A failure that an action handled breaks nothing. */
bool report_step_is_broken(const struct run_result *result, const struct played_step *played);
bool report_verdict_breaks(const struct run_result *result, const struct verdict *verdict);
/* In one line, not masked; "" when there is nothing to say. */
const char *report_why(const struct run_result *result, const struct played_workflow *played);
const char *report_first_line(const struct report_context *context, const char *text);
/* Readable whatever it was: masked, UTF-8, without control characters but newlines and tabs. */
const char *report_text(const struct report_context *context, struct str text);
/* One line of progress: "to-the-end create passed". */
void report_progress(const struct played_workflow *workflow, const struct played_step *step,
                     const struct report_context *context, struct strbuf *out);
/* report_text of it, into `out`: what a service says never steers a terminal. */
void report_masked(const struct report_context *context, const char *text, struct strbuf *out);
/* What begins the colour of "violation", "passed" and the like, "" ends it; "" where there is none.
 */
const char *report_colour(const struct report_context *context, const char *what);
/* The text of a verdict without the name of its rule before it. */
const char *report_verdict_words(const struct verdict *verdict);
/* It stands on a request of the workflow, not on a call of the service's own; by its index. */
bool report_verdict_is_of_request(const struct played_workflow *workflow, size_t verdict);
/* The request and the answer, each line behind `indent`. */
void report_request(const struct sent_request *sent, const struct report_context *context,
                    const char *indent, struct strbuf *out);
void report_answer(const struct raw_response *raw, const struct report_context *context,
                   const char *indent, struct strbuf *out);
void report_body(const struct report_context *context, const char *indent, struct str body,
                 struct strbuf *out);
/* "violation row: text (file:line:column)", and what it contradicts. */
void report_verdict(const struct verdict *verdict, const struct report_context *context,
                    struct strbuf *out);
/* A step that failed, and the verdicts on it, in full; nothing of a step that went well. */
void report_step(const struct run_result *result, const struct played_step *played,
                 const struct report_context *context, struct strbuf *out);
/* The failed steps of a workflow and the verdicts on it, in full. */
void report_failures(const struct run_result *result, const struct played_workflow *workflow,
                     const struct report_context *context, struct strbuf *out);
/* An annotation of a GitHub workflow, a line. */
struct report_annotation {
    const char *level; /* error warning notice */
    struct place place;
    const char *title, *text;
};
void report_annotate(const struct report_annotation *annotation,
                     const struct report_context *context, struct strbuf *out);
/* As text of XML, or of an attribute; not masked. */
void report_xml(const char *text, struct strbuf *out);
/* As the description of a TAP line: its first line, escaped. */
void report_tap_text(const struct report_context *context, const char *text, struct strbuf *out);
/* Operations of the provider that only skipped steps ask for: neither met nor judged. Ends by NULL.
 */
const char **report_skipped(struct arena *arena, const struct run_result *result,
                            const struct run_coverage *coverage);
/* "3 workflows (3 passed ...", a line. */
void report_counts(const struct run_result *result, struct strbuf *out);
/* That, and a line of coverage for each provider. */
void report_summary(const struct run_result *result, struct strbuf *out);
