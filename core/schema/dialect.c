/* SPDX-License-Identifier: Apache-2.0 */
/* What `$schema` (and OpenAPI's `openapi` and `jsonSchemaDialect`) says about a schema's keywords.
 */
#include "core/schema/model.h"
#include "core/schema/uri.h"

static const struct {
    const char *uri;
    enum schema_dialect dialect;
} known[] = {
    {"https://json-schema.org/draft/2020-12/schema", SCHEMA_2020_12},
    {"http://json-schema.org/draft-04/schema", SCHEMA_DRAFT4},
    {"http://json-schema.org/schema", SCHEMA_DRAFT4},
};

#define VOCAB_2020 "https://json-schema.org/draft/2020-12/vocab/"

static const struct {
    const char *uri;
    enum vocabulary vocabulary;
} vocabularies[] = {
    {VOCAB_2020 "core", VOCABULARY_CORE},
    {VOCAB_2020 "applicator", VOCABULARY_APPLICATOR},
    {VOCAB_2020 "unevaluated", VOCABULARY_UNEVALUATED},
    {VOCAB_2020 "validation", VOCABULARY_VALIDATION},
    {VOCAB_2020 "meta-data", VOCABULARY_METADATA},
    {VOCAB_2020 "format-annotation", VOCABULARY_FORMAT},
    {VOCAB_2020 "format-assertion", VOCABULARY_FORMAT | VOCABULARY_FORMAT_ASSERTION},
    {VOCAB_2020 "content", VOCABULARY_CONTENT},
};

static bool is_oas_dialect(const char *uri)
{
    return text_starts_with(uri, "https://spec.openapis.org/oas/3.") && strstr(uri, "/dialect/");
}

static unsigned find_vocabulary(const char *uri)
{
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++)
        if (text_is(vocabularies[i].uri, uri))
            return vocabularies[i].vocabulary;
    if (text_starts_with(uri, "https://spec.openapis.org/oas/3."))
        return VOCABULARY_OAS;
    return 0;
}

/* A metaschema of somebody's own: its `$vocabulary` says which keywords there are. */
static bool select_custom(const struct resource *metaschema, struct resource *resource,
                          const char **problem)
{
    const cJSON *listed = tree_get(metaschema->root, "$vocabulary"), *entry;

    resource->dialect = metaschema->dialect;
    if (!cJSON_IsObject(listed)) {
        resource->vocabularies = metaschema->vocabularies;
        return true;
    }
    resource->vocabularies = VOCABULARY_CORE;
    cJSON_ArrayForEach (entry, listed) {
        unsigned vocabulary = find_vocabulary(entry->string);

        if (!vocabulary && cJSON_IsTrue(entry)) {
            *problem = entry->string;
            return false;
        }
        resource->vocabularies |= vocabulary;
    }
    return true;
}

bool dialect_select(struct schema_set *set, const char *uri, struct resource *resource,
                    const char **problem)
{
    const char *bare = uri_resolve(set->arena, "", uri);
    const struct resource *metaschema;

    *problem = uri;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (text_is(known[i].uri, bare)) {
            bool same = (known[i].dialect == SCHEMA_2020_12 && resource->dialect == SCHEMA_OAS31);

            resource->dialect = same ? SCHEMA_OAS31 : known[i].dialect;
            resource->vocabularies = VOCABULARIES_USUAL;
            return true;
        }
    }
    if (is_oas_dialect(bare)) {
        resource->dialect = SCHEMA_OAS31;
        resource->vocabularies = VOCABULARIES_USUAL;
        return true;
    }
    metaschema = resource_find(set, bare);
    return metaschema && select_custom(metaschema, resource, problem);
}
