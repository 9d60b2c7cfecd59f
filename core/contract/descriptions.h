/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the parts of an operation; private to core/contract. */
#pragma once

#include "core/contract/document.h"

struct reader {
    struct contract *contract;
    struct loaded *loaded;
    struct arena *arena;
    struct findings *findings;
    int depth; /* of callbacks in callbacks */
};

/* Adds what makes a document wrong but not unreadable: a warning where it is not ours. */
typedef void soft_finding_fn(struct findings *findings, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static inline soft_finding_fn *soft_finding(const struct reader *reader)
{
    return reader->loaded->is_foreign ? findings_warn : findings_add;
}

/* False and a finding when it cannot be used. */
bool read_parameter(struct reader *reader, const struct spot *spot, struct parameter *out);
void read_parameters(struct reader *reader, const struct spot *list, struct parameters *out);
void read_headers(struct reader *reader, const struct spot *map, struct parameters *out);
void read_media_types(struct reader *reader, const struct spot *map, struct media_types *out);
const struct request_body *read_request_body(struct reader *reader, const struct spot *spot);
/* By status, or of the components by any name. */
void read_responses(struct reader *reader, const struct spot *map, struct responses *out);
void read_named_responses(struct reader *reader, const struct spot *map, struct responses *out);

/* All operations of a Path Item, added one by one. */
typedef void operation_sink(struct reader *reader, void *data, const struct operation *operation);
void read_path_item(struct reader *reader, const char *path, const struct spot *spot,
                    operation_sink *sink, void *data);
/* A list of Security Requirement Objects. */
void read_security(struct reader *reader, const cJSON *list, struct operation *operation);
