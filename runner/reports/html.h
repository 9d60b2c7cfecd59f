/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of pages in HTML: the report, and what differs between two sides. */
#pragma once

#include "runner/reports/reports.h"

/* All up to the body of a page: its style, nothing fetched. */
void html_begin(struct strbuf *out);
/* Masked, readable, `& < > "` escaped. */
void html_text(const struct report_context *context, const char *text, struct strbuf *out);
/* What of each contract was met: numbers, machines, tables of cells and answers. */
void html_coverage(const struct run_result *result, const struct report_context *context,
                   struct strbuf *out);
