/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a request keeps the document: one that does not may be refused without any row. */
#include "core/contract/openapi.h"
#include "runner/monitor/parts.h"

static const cJSON *sent_values(const struct seen *seen, enum parameter_in in)
{
    switch (in) {
    case IN_PATH:
        return seen->path;
    case IN_QUERY:
        return seen->query;
    case IN_HEADER:
        return seen->header;
    default:
        return NULL;
    }
}

static const cJSON *sent_value(const struct seen *seen, const struct parameter *parameter)
{
    const cJSON *value;

    if (parameter->in != IN_HEADER)
        return tree_get(sent_values(seen, parameter->in), parameter->name);
    cJSON_ArrayForEach (value, seen->header)
        if (text_is_any_case(value->string, parameter->name))
            return value;
    return NULL;
}

static bool parameter_is_valid(struct looking *looking, const struct parameter *parameter)
{
    struct schema_options options = {.direction = SCHEMA_REQUEST};
    const struct schema *schema =
        parameter->content ? parameter->content->schema : parameter->schema;
    const cJSON *value = sent_value(looking->seen, parameter);

    if (parameter->in == IN_COOKIE || parameter->in == IN_QUERYSTRING)
        return true;
    if (!value)
        return !parameter->required;
    return !schema || schema_valid(schema, value, &options, looking->arena);
}

static const struct media_type *body_media(const struct seen *seen)
{
    const struct media_types *types = &seen->operation->operation->body->content;
    const cJSON *header;

    cJSON_ArrayForEach (header, seen->header)
        if (text_is_any_case(header->string, "content-type"))
            return media_types_find(types, tree_text(header));
    return media_types_preferred(types);
}

static bool body_is_valid(struct looking *looking)
{
    const struct seen *seen = looking->seen;
    const struct request_body *body = seen->operation->operation->body;
    struct schema_options options = {.direction = SCHEMA_REQUEST};
    const struct media_type *media;

    if (!body)
        return true;
    if (!seen->sent)
        return !body->required;
    media = body_media(seen);
    return media &&
           (!media->schema || schema_valid(media->schema, seen->sent, &options, looking->arena));
}

bool request_is_valid(struct looking *looking)
{
    const struct parameter *parameter;

    vec_foreach (parameter, &looking->seen->operation->operation->parameters)
        if (!parameter_is_valid(looking, parameter))
            return false;
    return body_is_valid(looking);
}
