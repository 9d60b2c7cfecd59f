/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metaschemas of JSON Schema 2020-12 and draft 4: what is true of a schema, as their publisher
 * defines it, without titles and remarks. They stand as JSON text, so that they load as any
 * document.
 */
#include "core/schema/metaschemas.h"

#include "core/data/json.h"

#include <assert.h>

static const char draft2020_12[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/schema\",\"$vocabulary\":{"
    "\"https://json-schema.org/draft/2020-12/vocab/core\":true,"
    "\"https://json-schema.org/draft/2020-12/vocab/applicator\":true,"
    "\"https://json-schema.org/draft/2020-12/vocab/unevaluated\":true,"
    "\"https://json-schema.org/draft/2020-12/vocab/validation\":true,"
    "\"https://json-schema.org/draft/2020-12/vocab/meta-data\":true,"
    "\"https://json-schema.org/draft/2020-12/vocab/format-annotation\":true,"
    "\"https://json-schema.org/draft/2020-12/vocab/content\":true},\"$dynamicAnchor\":"
    "\"meta\",\"allOf\":[{\"$ref\":\"meta/core\"},{\"$ref\":\"meta/applicator\"},{\"$ref\":"
    "\"meta/unevaluated\"},{\"$ref\":\"meta/validation\"},{\"$ref\":\"meta/meta-data\"},{"
    "\"$ref\":\"meta/format-annotation\"},{\"$ref\":\"meta/content\"}],\"type\":[\"object\","
    "\"boolean\"],\"properties\":{\"definitions\":{\"$comment\":"
    "\"\\\"definitions\\\" has been replaced by \\\"$defs\\\".\",\"type\":\"object\","
    "\"additionalProperties\":{\"$dynamicRef\":\"#meta\"},\"deprecated\":true,\"default\":{}}"
    ",\"dependencies\":{\"$comment\":"
    "\"\\\"dependencies\\\" has been split and replaced by \\\"dependentSchemas\\\" and "
    "\\\"dependentRequired\\\" in order to serve their differing semantics.\""
    ",\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[{\"$dynamicRef\":\"#meta\"},{"
    "\"$ref\":\"meta/validation#/$defs/stringArray\"}]},\"deprecated\":true,\"default\":{}},"
    "\"$recursiveAnchor\":{\"$ref\":\"meta/core#/$defs/anchorString\",\"deprecated\":true},"
    "\"$recursiveRef\":{\"$ref\":\"meta/core#/$defs/uriReferenceString\",\"deprecated\":true}"
    "}}";

static const char meta_core[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/core\",\"$dynamicAnchor\":\"meta\",\"type\""
    ":[\"object\",\"boolean\"],\"properties\":{\"$id\":{\"$ref\":"
    "\"#/$defs/uriReferenceString\",\"pattern\":\"^[^#]*#?$\"},\"$schema\":{\"$ref\":"
    "\"#/$defs/uriString\"},\"$ref\":{\"$ref\":\"#/$defs/uriReferenceString\"},\"$anchor\":{"
    "\"$ref\":\"#/$defs/anchorString\"},\"$dynamicRef\":{\"$ref\":"
    "\"#/$defs/uriReferenceString\"},\"$dynamicAnchor\":{\"$ref\":\"#/$defs/anchorString\"},"
    "\"$vocabulary\":{\"type\":\"object\",\"propertyNames\":{\"$ref\":\"#/$defs/uriString\"},"
    "\"additionalProperties\":{\"type\":\"boolean\"}},\"$comment\":{\"type\":\"string\"},"
    "\"$defs\":{\"type\":\"object\",\"additionalProperties\":{\"$dynamicRef\":\"#meta\"}}},"
    "\"$defs\":{\"anchorString\":{\"type\":\"string\",\"pattern\":"
    "\"^[A-Za-z_][-A-Za-z0-9._]*$\"},\"uriString\":{\"type\":\"string\",\"format\":\"uri\"},"
    "\"uriReferenceString\":{\"type\":\"string\",\"format\":\"uri-reference\"}}}";

static const char meta_applicator[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/applicator\",\"$dynamicAnchor\":\"meta\","
    "\"type\":[\"object\",\"boolean\"],\"properties\":{\"prefixItems\":{\"$ref\":"
    "\"#/$defs/schemaArray\"},\"items\":{\"$dynamicRef\":\"#meta\"},\"contains\":{"
    "\"$dynamicRef\":\"#meta\"},\"additionalProperties\":{\"$dynamicRef\":\"#meta\"},"
    "\"properties\":{\"type\":\"object\",\"additionalProperties\":{\"$dynamicRef\":\"#meta\"}"
    ",\"default\":{}},\"patternProperties\":{\"type\":\"object\",\"additionalProperties\":{"
    "\"$dynamicRef\":\"#meta\"},\"propertyNames\":{\"format\":\"regex\"},\"default\":{}},"
    "\"dependentSchemas\":{\"type\":\"object\",\"additionalProperties\":{\"$dynamicRef\":"
    "\"#meta\"},\"default\":{}},\"propertyNames\":{\"$dynamicRef\":\"#meta\"},\"if\":{"
    "\"$dynamicRef\":\"#meta\"},\"then\":{\"$dynamicRef\":\"#meta\"},\"else\":{"
    "\"$dynamicRef\":\"#meta\"},\"allOf\":{\"$ref\":\"#/$defs/schemaArray\"},\"anyOf\":{"
    "\"$ref\":\"#/$defs/schemaArray\"},\"oneOf\":{\"$ref\":\"#/$defs/schemaArray\"},\"not\":{"
    "\"$dynamicRef\":\"#meta\"}},\"$defs\":{\"schemaArray\":{\"type\":\"array\",\"minItems\":"
    "1,\"items\":{\"$dynamicRef\":\"#meta\"}}}}";

static const char meta_unevaluated[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/unevaluated\",\"$dynamicAnchor\":\"meta\","
    "\"type\":[\"object\",\"boolean\"],\"properties\":{\"unevaluatedItems\":{\"$dynamicRef\":"
    "\"#meta\"},\"unevaluatedProperties\":{\"$dynamicRef\":\"#meta\"}}}";

static const char meta_validation[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/validation\",\"$dynamicAnchor\":\"meta\","
    "\"type\":[\"object\",\"boolean\"],\"properties\":{\"type\":{\"anyOf\":[{\"$ref\":"
    "\"#/$defs/simpleTypes\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/simpleTypes\""
    "},\"minItems\":1,\"uniqueItems\":true}]},\"const\":true,\"enum\":{\"type\":\"array\","
    "\"items\":true},\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},\"maximum\":"
    "{\"type\":\"number\"},\"exclusiveMaximum\":{\"type\":\"number\"},\"minimum\":{\"type\":"
    "\"number\"},\"exclusiveMinimum\":{\"type\":\"number\"},\"maxLength\":{\"$ref\":"
    "\"#/$defs/nonNegativeInteger\"},\"minLength\":{\"$ref\":"
    "\"#/$defs/nonNegativeIntegerDefault0\"},\"pattern\":{\"type\":\"string\",\"format\":"
    "\"regex\"},\"maxItems\":{\"$ref\":\"#/$defs/nonNegativeInteger\"},\"minItems\":{\"$ref\""
    ":\"#/$defs/nonNegativeIntegerDefault0\"},\"uniqueItems\":{\"type\":\"boolean\","
    "\"default\":false},\"maxContains\":{\"$ref\":\"#/$defs/nonNegativeInteger\"},"
    "\"minContains\":{\"$ref\":\"#/$defs/nonNegativeInteger\",\"default\":1},"
    "\"maxProperties\":{\"$ref\":\"#/$defs/nonNegativeInteger\"},\"minProperties\":{\"$ref\":"
    "\"#/$defs/nonNegativeIntegerDefault0\"},\"required\":{\"$ref\":\"#/$defs/stringArray\"},"
    "\"dependentRequired\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":"
    "\"#/$defs/stringArray\"}}},\"$defs\":{\"nonNegativeInteger\":{\"type\":\"integer\","
    "\"minimum\":0},\"nonNegativeIntegerDefault0\":{\"$ref\":\"#/$defs/nonNegativeInteger\","
    "\"default\":0},\"simpleTypes\":{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\","
    "\"number\",\"object\",\"string\"]},\"stringArray\":{\"type\":\"array\",\"items\":{"
    "\"type\":\"string\"},\"uniqueItems\":true,\"default\":[]}}}";

static const char meta_meta_data[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/meta-data\",\"$dynamicAnchor\":\"meta\","
    "\"type\":[\"object\",\"boolean\"],\"properties\":{\"title\":{\"type\":\"string\"},"
    "\"description\":{\"type\":\"string\"},\"default\":true,\"deprecated\":{\"type\":"
    "\"boolean\",\"default\":false},\"readOnly\":{\"type\":\"boolean\",\"default\":false},"
    "\"writeOnly\":{\"type\":\"boolean\",\"default\":false},\"examples\":{\"type\":\"array\","
    "\"items\":true}}}";

static const char meta_format_annotation[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/format-annotation\",\"$dynamicAnchor\":"
    "\"meta\",\"type\":[\"object\",\"boolean\"],\"properties\":{\"format\":{\"type\":"
    "\"string\"}}}";

static const char meta_format_assertion[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/format-assertion\",\"$dynamicAnchor\":"
    "\"meta\",\"type\":[\"object\",\"boolean\"],\"properties\":{\"format\":{\"type\":"
    "\"string\"}}}";

static const char meta_content[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":"
    "\"https://json-schema.org/draft/2020-12/meta/content\",\"$dynamicAnchor\":\"meta\","
    "\"type\":[\"object\",\"boolean\"],\"properties\":{\"contentEncoding\":{\"type\":"
    "\"string\"},\"contentMediaType\":{\"type\":\"string\"},\"contentSchema\":{"
    "\"$dynamicRef\":\"#meta\"}}}";

static const char draft4[] =
    "{\"id\":\"http://json-schema.org/draft-04/schema#\",\"$schema\":"
    "\"http://json-schema.org/draft-04/schema#\",\"definitions\":{\"schemaArray\":{\"type\":"
    "\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#\"}},\"positiveInteger\":{\"type\":"
    "\"integer\",\"minimum\":0},\"positiveIntegerDefault0\":{\"allOf\":[{\"$ref\":"
    "\"#/definitions/positiveInteger\"},{\"default\":0}]},\"simpleTypes\":{\"enum\":["
    "\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"object\",\"string\"]},"
    "\"stringArray\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1,"
    "\"uniqueItems\":true}},\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},"
    "\"$schema\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"description\":{"
    "\"type\":\"string\"},\"default\":{},\"multipleOf\":{\"type\":\"number\",\"minimum\":0,"
    "\"exclusiveMinimum\":true},\"maximum\":{\"type\":\"number\"},\"exclusiveMaximum\":{"
    "\"type\":\"boolean\",\"default\":false},\"minimum\":{\"type\":\"number\"},"
    "\"exclusiveMinimum\":{\"type\":\"boolean\",\"default\":false},\"maxLength\":{\"$ref\":"
    "\"#/definitions/positiveInteger\"},\"minLength\":{\"$ref\":"
    "\"#/definitions/positiveIntegerDefault0\"},\"pattern\":{\"type\":\"string\",\"format\":"
    "\"regex\"},\"additionalItems\":{\"anyOf\":[{\"type\":\"boolean\"},{\"$ref\":\"#\"}],"
    "\"default\":{}},\"items\":{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":"
    "\"#/definitions/schemaArray\"}],\"default\":{}},\"maxItems\":{\"$ref\":"
    "\"#/definitions/positiveInteger\"},\"minItems\":{\"$ref\":"
    "\"#/definitions/positiveIntegerDefault0\"},\"uniqueItems\":{\"type\":\"boolean\","
    "\"default\":false},\"maxProperties\":{\"$ref\":\"#/definitions/positiveInteger\"},"
    "\"minProperties\":{\"$ref\":\"#/definitions/positiveIntegerDefault0\"},\"required\":{"
    "\"$ref\":\"#/definitions/stringArray\"},\"additionalProperties\":{\"anyOf\":[{\"type\":"
    "\"boolean\"},{\"$ref\":\"#\"}],\"default\":{}},\"definitions\":{\"type\":\"object\","
    "\"additionalProperties\":{\"$ref\":\"#\"},\"default\":{}},\"properties\":{\"type\":"
    "\"object\",\"additionalProperties\":{\"$ref\":\"#\"},\"default\":{}},"
    "\"patternProperties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"},"
    "\"default\":{}},\"dependencies\":{\"type\":\"object\",\"additionalProperties\":{"
    "\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#/definitions/stringArray\"}]}},\"enum\":{"
    "\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true},\"type\":{\"anyOf\":[{\"$ref\":"
    "\"#/definitions/simpleTypes\"},{\"type\":\"array\",\"items\":{\"$ref\":"
    "\"#/definitions/simpleTypes\"},\"minItems\":1,\"uniqueItems\":true}]},\"format\":{"
    "\"type\":\"string\"},\"allOf\":{\"$ref\":\"#/definitions/schemaArray\"},\"anyOf\":{"
    "\"$ref\":\"#/definitions/schemaArray\"},\"oneOf\":{\"$ref\":"
    "\"#/definitions/schemaArray\"},\"not\":{\"$ref\":\"#\"}},\"dependencies\":{"
    "\"exclusiveMaximum\":[\"maximum\"],\"exclusiveMinimum\":[\"minimum\"]},\"default\":{}}";

static const struct {
    const char *uri, *text;
    enum schema_dialect dialect;
} metaschemas[] = {
    {"https://json-schema.org/draft/2020-12/schema", draft2020_12, SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/core", meta_core, SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/applicator", meta_applicator, SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/unevaluated", meta_unevaluated, SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/validation", meta_validation, SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/meta-data", meta_meta_data, SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/format-annotation", meta_format_annotation,
     SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/format-assertion", meta_format_assertion,
     SCHEMA_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/content", meta_content, SCHEMA_2020_12},
    {"http://json-schema.org/draft-04/schema", draft4, SCHEMA_DRAFT4},
};

struct resource *metaschema_find(struct schema_set *set, const char *uri)
{
    struct findings findings = {0};
    size_t i = 0, count = sizeof metaschemas / sizeof *metaschemas;
    const cJSON *document;

    while (i < count && !text_is(metaschemas[i].uri, uri))
        i++;
    if (i == count)
        return NULL;
    document = json_parse(set->arena, metaschemas[i].text, strlen(metaschemas[i].text), NULL, NULL);
    assert(document);
    schema_set_add(set, uri, document, metaschemas[i].dialect, &findings);
    assert(!findings.errors);
    findings_release(&findings);
    return map_get(set->resources, uri);
}
