/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exchange held against the OpenAPI document and the catalogue of errors: status documented
 * (or a row's of the lifecycle), headers and body valid, the error one that is known, every event
 * valid. What the lifecycle says about the order of things is the monitor's.
 */
#pragma once

#include "runner/play/target.h"
#include "runner/result.h"

struct judged {
    struct arena *arena; /* what is seen lives in it */
    const struct target *target;
    const struct sent_request *sent;
    const struct http_reply *reply; /* an answer came; copied */
};

/* Fills request, answer, observations of `seen` (zeroed, but for orders, times and names), and adds
 * what is wrong to `verdicts`. */
void checks_exchange(const struct judged *judged, struct seen *seen, struct verdicts *verdicts);

/* The status stands in the operation's responses, in one of its rows, or is that of an error that
 * they answer. */
bool checks_status_is_known(const struct provider *provider,
                            const struct provider_operation *operation, int status);

/* Where schema_visit and the checks put what they find; `data` of checks_note_observed. */
struct noting {
    struct arena *arena; /* what they allocate in, too: pointers are kept */
    struct observed_list *list;
};
void checks_note_observed(void *data, const char *name, const struct schema *schema,
                          const cJSON *value, const char *pointer);
