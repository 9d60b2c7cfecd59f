/* SPDX-License-Identifier: Apache-2.0 */
/* How a run is told: for people on the console, for machines in files. One row a form. */
#pragma once

#include "core/base/error.h"
#include "core/base/strbuf.h"
#include "runner/result.h"
#include "runner/secrets.h"

struct report_context {
    struct arena *arena;
    const struct secrets *secrets;
    bool is_colour;
};

struct reporter {
    const char *name; /* as --report spells it */
    const char *summary;
    bool needs_file; /* NAME=FILE */
    void (*write)(const struct run_result *result, const struct report_context *context,
                  struct strbuf *out);
};

/* Ended by a row without name. */
extern const struct reporter reporters[];
/* "console", "junit=FILE": its row; `file` NULL when none was given. NULL and `err`. */
const struct reporter *reporter_find(struct arena *arena, const char *text, const char **file,
                                     struct error *err);

void report_console(const struct run_result *result, const struct report_context *context,
                    struct strbuf *out);
void report_junit(const struct run_result *result, const struct report_context *context,
                  struct strbuf *out);
void report_json(const struct run_result *result, const struct report_context *context,
                 struct strbuf *out);

/* ---- parts that several reports share; texts are masked ---- */

/* "violation", "deviation", "note" */
const char *report_kind_name(enum verdict_kind kind);
/* One line of progress: "to-the-end create passed". */
void report_progress(const struct played_workflow *workflow, const struct played_step *step,
                     const struct report_context *context, struct strbuf *out);
/* The request and the answer, each line behind `indent`. */
void report_request(const struct sent_request *sent, const struct report_context *context,
                    const char *indent, struct strbuf *out);
void report_answer(const struct seen *seen, const struct report_context *context,
                   const char *indent, struct strbuf *out);
/* "violation row: text (file:line:column)", and what it contradicts. */
void report_verdict(const struct verdict *verdict, const struct report_context *context,
                    struct strbuf *out);
/* The failed steps of a workflow and the verdicts on it, in full. */
void report_failures(const struct run_result *result, const struct played_workflow *workflow,
                     const struct report_context *context, struct strbuf *out);
void report_summary(const struct run_result *result, struct strbuf *out);
