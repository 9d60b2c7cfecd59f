/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that write a kept state share. */
#pragma once

#include "core/base/strbuf.h"
#include "core/data/tree.h"
#include "mock/keep/snapshot.h"

/* ---- snapshot_text.c: members, each behind a comma where one is due ---- */

void state_put_name(struct strbuf *text, const char *name);
void state_put_text(struct strbuf *text, const char *name, const char *value); /* NULL: nothing */
void state_put_number(struct strbuf *text, const char *name, int64_t value);
void state_put_count(struct strbuf *text, const char *name, uint64_t value); /* 0: nothing */
void state_put_flag(struct strbuf *text, const char *name, bool value);      /* false: nothing */
void state_put_instant(struct strbuf *text, const char *name, nanos instant);
void state_put_tree(struct strbuf *text, const char *name, const cJSON *tree); /* NULL: nothing */
void state_put_json(struct strbuf *text, const char *name, const struct text *json); /* the same */
void state_put_hex(struct strbuf *text, const char *name, uint64_t value);
void state_open(struct strbuf *text, const char *name, char bracket); /* a list or an object */
void state_open_item(struct strbuf *text);                            /* an object in a list */
void state_put_time(struct strbuf *text, nanos instant); /* the value alone, without a name */

/* ---- snapshot_resource.c ---- */

void snapshot_put_resource(struct strbuf *text, const struct snap_resource *snap);

/* ---- snapshot_outcome.c ---- */

void snapshot_put_outcome(struct strbuf *text, const struct snap_outcome *outcome);
/* Of the outcome and of the scripts that it is in: while it holds, its position means the same. */
uint64_t outcome_fingerprint(const struct outcome *outcome, const struct step_frame *frames,
                             size_t count);
