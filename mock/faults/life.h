/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of mock/faults/life.c are made of these; nobody else includes this. */
#pragma once

#include "mock/faults/act.h"

/* Reads that show what is not so: life_reads.c */
extern const struct fault_parameter stale_parameters[], regress_parameters[], vanish_parameters[],
    early_parameters[], page_parameters[];
void name_stale(struct exchange *exchange, struct fault_hit *hit);
void name_regress(struct exchange *exchange, struct fault_hit *hit);
void name_vanished(struct exchange *exchange, struct fault_hit *hit);
void name_early(struct exchange *exchange, struct fault_hit *hit);
void name_page(struct exchange *exchange, struct fault_hit *hit);

/* Requests that do not do what their answer says: life_writes.c */
extern const struct fault_parameter lost_parameters[], double_parameters[], stuck_parameters[];
struct text *lose_response(struct exchange *exchange, struct fault_hit *hit, struct text *body);
bool send_nothing(struct exchange *exchange, struct fault_hit *hit, struct http_response *response);
void ignore_cancel(struct exchange *exchange, struct fault_hit *hit);
void ignore_update(struct exchange *exchange, struct fault_hit *hit);
void end_ignoring(struct exchange *exchange, struct fault_hit *hit);
void start_twice(struct exchange *exchange, struct fault_hit *hit);
void tell_twin(struct exchange *exchange, struct fault_hit *hit);
void note_started(struct exchange *exchange, struct fault_hit *hit);
void stick(struct exchange *exchange, struct fault_hit *hit);

/* Bodies that are not what the document says: life_clock.c, life_schema.c */
extern const struct fault_parameter skew_parameters[], mutation_parameters[];
struct text *skew_clock(struct exchange *exchange, struct fault_hit *hit, struct text *body);
struct text *mutate(struct exchange *exchange, struct fault_hit *hit, struct text *body);

/* The schema that the document has for the answer; NULL: none. */
const struct schema *answer_schema(const struct exchange *exchange);
/* The body as a tree; NULL when it is none. */
cJSON *answer_tree(const struct exchange *exchange, const struct text *body);
/* A body made of a tree, for `old`, which is given back. */
struct text *answer_text(const cJSON *tree, struct text *old);
