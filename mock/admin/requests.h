/* SPDX-License-Identifier: Apache-2.0 */
/* The journal as the admin API shows and filters it. */
#pragma once

#include "mock/verify/request_filter.h"

enum { RECORD_SHORT, RECORD_WITH_BODIES };
/* #3 cancelRun POST /cancels/runs/1/cancel -> 409, run SUCCEEDED */
void request_line(const struct journal_record *record, struct strbuf *out);
cJSON *request_json(struct arena *arena, const struct journal_record *record, int form);

/* A reference to the session's world; NULL and a problem: there is none. Without name the call's.
 */
struct world *request_world(struct admin_call *call, const char *name);
/* Nothing that the filter asks for had to make room in the journal. */
bool request_view_is_complete(struct journal *journal, const struct request_filter *filter);
