/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that decode parameters share; private to core/contract. */
#pragma once

#include "core/contract/parameters.h"

struct decoding {
    struct arena *arena;
    const struct operation *operation;
    struct pairs query, cookies;
    const struct header_fields *headers;
    const cJSON *path;
    struct decoded *out;
    struct problems *problems;
};

bool parameter_takes(const struct parameter *parameter, unsigned types);
bool parameter_takes_only(const struct parameter *parameter, unsigned types); /* and null */
bool parameter_fits(struct decoding *decoding, const struct parameter *parameter,
                    const cJSON *value);
/* The texts between separators; blanks after a comma are dropped. */
cJSON *split_text(struct arena *arena, const char *text, char separator);
/* One text that may hold several values, between separators. */
cJSON *type_delimited(struct decoding *decoding, const struct parameter *parameter,
                      const char *text, char separator);
/* A value in a media type of its own. */
cJSON *read_content(struct arena *arena, const struct parameter *parameter, const char *text);
/* All pairs of the parameter's name as one value; NULL when there is none. */
cJSON *type_pairs(struct decoding *decoding, const struct parameter *parameter,
                  struct pairs *pairs);
/* The parameter from the query, or NULL. */
/* Whether it can be in the query at all: most parameters are not, and cost no more than this. */
bool query_may_hold(const struct decoding *decoding, const struct parameter *parameter);
cJSON *decode_query(struct decoding *decoding, const struct parameter *parameter);
