/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/structure.h"

#include "core/base/str.h"

enum {
    STRUCTURE_DEPTH_MAX = 64,
    NAMES_MAX = 40, /* members of one object in the table */
};

enum type { TEXT = 1, FLAG = 2, NUMBER = 4, LIST = 8, MAP = 16, NULLS = 32, ANY = 63, SCHEMA = 80 };
enum shape { ONE, EACH_ITEM, EACH_MEMBER, EACH_PATH, EACH_STATUS };
enum { REQUIRED = 1, MAY_REFER = 2, NOT_EMPTY = 4 };

struct member_row {
    enum object owner;
    const char *name;
    unsigned types;     /* of the member itself */
    enum object object; /* of it, or of what it holds */
    enum shape shape;
    unsigned flags;
    int since, until; /* minor versions; until 0 = still there */
};

/* clang-format off */
static const struct member_row rows[] = {
    {OBJECT_OPENAPI, "openapi", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_OPENAPI, "$self", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_OPENAPI, "info", MAP, OBJECT_INFO, ONE, REQUIRED, 0, 0},
    {OBJECT_OPENAPI, "jsonSchemaDialect", TEXT, 0, ONE, 0, 1, 0},
    {OBJECT_OPENAPI, "servers", LIST, OBJECT_SERVER, EACH_ITEM, 0, 0, 0},
    {OBJECT_OPENAPI, "paths", MAP, OBJECT_PATH_ITEM, EACH_PATH, 0, 0, 0},
    {OBJECT_OPENAPI, "webhooks", MAP, OBJECT_PATH_ITEM, EACH_MEMBER, MAY_REFER, 1, 0},
    {OBJECT_OPENAPI, "components", MAP, OBJECT_COMPONENTS, ONE, 0, 0, 0},
    {OBJECT_OPENAPI, "security", LIST, 0, ONE, 0, 0, 0},
    {OBJECT_OPENAPI, "tags", LIST, OBJECT_TAG, EACH_ITEM, 0, 0, 0},
    {OBJECT_OPENAPI, "externalDocs", MAP, OBJECT_EXTERNAL_DOCS, ONE, 0, 0, 0},

    {OBJECT_INFO, "title", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_INFO, "summary", TEXT, 0, ONE, 0, 1, 0},
    {OBJECT_INFO, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_INFO, "termsOfService", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_INFO, "contact", MAP, OBJECT_CONTACT, ONE, 0, 0, 0},
    {OBJECT_INFO, "license", MAP, OBJECT_LICENSE, ONE, 0, 0, 0},
    {OBJECT_INFO, "version", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_CONTACT, "name", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_CONTACT, "url", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_CONTACT, "email", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_LICENSE, "name", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_LICENSE, "identifier", TEXT, 0, ONE, 0, 1, 0},
    {OBJECT_LICENSE, "url", TEXT, 0, ONE, 0, 0, 0},

    {OBJECT_SERVER, "url", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_SERVER, "name", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_SERVER, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_SERVER, "variables", MAP, OBJECT_SERVER_VARIABLE, EACH_MEMBER, 0, 0, 0},
    {OBJECT_SERVER_VARIABLE, "enum", LIST, 0, ONE, NOT_EMPTY, 0, 0},
    {OBJECT_SERVER_VARIABLE, "default", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_SERVER_VARIABLE, "description", TEXT, 0, ONE, 0, 0, 0},

    {OBJECT_COMPONENTS, "schemas", MAP, 0, ONE, 0, 0, 0},
    {OBJECT_COMPONENTS, "responses", MAP, OBJECT_RESPONSE, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "parameters", MAP, OBJECT_PARAMETER, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "examples", MAP, OBJECT_EXAMPLE, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "requestBodies", MAP, OBJECT_REQUEST_BODY, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "headers", MAP, OBJECT_HEADER, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "securitySchemes", MAP, OBJECT_SECURITY_SCHEME, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "links", MAP, OBJECT_LINK, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "callbacks", MAP, OBJECT_CALLBACK, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_COMPONENTS, "pathItems", MAP, OBJECT_PATH_ITEM, EACH_MEMBER, MAY_REFER, 1, 0},
    {OBJECT_COMPONENTS, "mediaTypes", MAP, OBJECT_MEDIA_TYPE, EACH_MEMBER, MAY_REFER, 2, 0},

    {OBJECT_PATH_ITEM, "$ref", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "summary", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "get", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "put", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "post", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "delete", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "options", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "head", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "patch", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "trace", MAP, OBJECT_OPERATION, ONE, 0, 0, 0},
    {OBJECT_PATH_ITEM, "query", MAP, OBJECT_OPERATION, ONE, 0, 2, 0},
    {OBJECT_PATH_ITEM, "additionalOperations", MAP, OBJECT_OPERATION, EACH_MEMBER, 0, 2, 0},
    {OBJECT_PATH_ITEM, "servers", LIST, OBJECT_SERVER, EACH_ITEM, 0, 0, 0},
    {OBJECT_PATH_ITEM, "parameters", LIST, OBJECT_PARAMETER, EACH_ITEM, MAY_REFER, 0, 0},

    {OBJECT_OPERATION, "tags", LIST, 0, ONE, 0, 0, 0},
    {OBJECT_OPERATION, "summary", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_OPERATION, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_OPERATION, "externalDocs", MAP, OBJECT_EXTERNAL_DOCS, ONE, 0, 0, 0},
    {OBJECT_OPERATION, "operationId", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_OPERATION, "parameters", LIST, OBJECT_PARAMETER, EACH_ITEM, MAY_REFER, 0, 0},
    {OBJECT_OPERATION, "requestBody", MAP, OBJECT_REQUEST_BODY, ONE, MAY_REFER, 0, 0},
    {OBJECT_OPERATION, "responses", MAP, OBJECT_RESPONSE, EACH_STATUS, MAY_REFER, 0, 0},
    {OBJECT_OPERATION, "callbacks", MAP, OBJECT_CALLBACK, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_OPERATION, "deprecated", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_OPERATION, "security", LIST, 0, ONE, 0, 0, 0},
    {OBJECT_OPERATION, "servers", LIST, OBJECT_SERVER, EACH_ITEM, 0, 0, 0},
    {OBJECT_EXTERNAL_DOCS, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_EXTERNAL_DOCS, "url", TEXT, 0, ONE, REQUIRED, 0, 0},

    {OBJECT_PARAMETER, "name", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_PARAMETER, "in", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_PARAMETER, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "required", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "deprecated", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "allowEmptyValue", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "style", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "explode", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "allowReserved", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "schema", MAP | FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "example", ANY, 0, ONE, 0, 0, 0},
    {OBJECT_PARAMETER, "examples", MAP, OBJECT_EXAMPLE, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_PARAMETER, "content", MAP, OBJECT_MEDIA_TYPE, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_HEADER, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_HEADER, "required", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_HEADER, "deprecated", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_HEADER, "allowEmptyValue", FLAG, 0, ONE, 0, 0, 1},
    {OBJECT_HEADER, "allowReserved", FLAG, 0, ONE, 0, 0, 1},
    {OBJECT_HEADER, "style", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_HEADER, "explode", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_HEADER, "schema", MAP | FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_HEADER, "example", ANY, 0, ONE, 0, 0, 0},
    {OBJECT_HEADER, "examples", MAP, OBJECT_EXAMPLE, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_HEADER, "content", MAP, OBJECT_MEDIA_TYPE, EACH_MEMBER, MAY_REFER, 0, 0},

    {OBJECT_REQUEST_BODY, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_REQUEST_BODY, "content", MAP, OBJECT_MEDIA_TYPE, EACH_MEMBER, REQUIRED | MAY_REFER, 0, 0},
    {OBJECT_REQUEST_BODY, "required", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_MEDIA_TYPE, "description", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_MEDIA_TYPE, "schema", MAP | FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_MEDIA_TYPE, "itemSchema", MAP | FLAG, 0, ONE, 0, 2, 0},
    {OBJECT_MEDIA_TYPE, "example", ANY, 0, ONE, 0, 0, 0},
    {OBJECT_MEDIA_TYPE, "examples", MAP, OBJECT_EXAMPLE, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_MEDIA_TYPE, "encoding", MAP, OBJECT_ENCODING, EACH_MEMBER, 0, 0, 0},
    {OBJECT_MEDIA_TYPE, "prefixEncoding", LIST, OBJECT_ENCODING, EACH_ITEM, 0, 2, 0},
    {OBJECT_MEDIA_TYPE, "itemEncoding", MAP, OBJECT_ENCODING, ONE, 0, 2, 0},
    {OBJECT_ENCODING, "contentType", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_ENCODING, "headers", MAP, OBJECT_HEADER, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_ENCODING, "style", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_ENCODING, "explode", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_ENCODING, "allowReserved", FLAG, 0, ONE, 0, 0, 0},
    {OBJECT_ENCODING, "encoding", MAP, OBJECT_ENCODING, EACH_MEMBER, 0, 2, 0},
    {OBJECT_ENCODING, "prefixEncoding", LIST, OBJECT_ENCODING, EACH_ITEM, 0, 2, 0},
    {OBJECT_ENCODING, "itemEncoding", MAP, OBJECT_ENCODING, ONE, 0, 2, 0},

    {OBJECT_RESPONSE, "summary", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_RESPONSE, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_RESPONSE, "headers", MAP, OBJECT_HEADER, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_RESPONSE, "content", MAP, OBJECT_MEDIA_TYPE, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_RESPONSE, "links", MAP, OBJECT_LINK, EACH_MEMBER, MAY_REFER, 0, 0},
    {OBJECT_EXAMPLE, "summary", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_EXAMPLE, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_EXAMPLE, "value", ANY, 0, ONE, 0, 0, 0},
    {OBJECT_EXAMPLE, "dataValue", ANY, 0, ONE, 0, 2, 0},
    {OBJECT_EXAMPLE, "serializedValue", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_EXAMPLE, "externalValue", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_LINK, "operationRef", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_LINK, "operationId", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_LINK, "parameters", MAP, 0, ONE, 0, 0, 0},
    {OBJECT_LINK, "requestBody", ANY, 0, ONE, 0, 0, 0},
    {OBJECT_LINK, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_LINK, "server", MAP, OBJECT_SERVER, ONE, 0, 0, 0},
    {OBJECT_TAG, "name", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_TAG, "summary", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_TAG, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_TAG, "externalDocs", MAP, OBJECT_EXTERNAL_DOCS, ONE, 0, 0, 0},
    {OBJECT_TAG, "parent", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_TAG, "kind", TEXT, 0, ONE, 0, 2, 0},

    {OBJECT_SECURITY_SCHEME, "type", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_SECURITY_SCHEME, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_SECURITY_SCHEME, "name", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_SECURITY_SCHEME, "in", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_SECURITY_SCHEME, "scheme", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_SECURITY_SCHEME, "bearerFormat", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_SECURITY_SCHEME, "flows", MAP, OBJECT_FLOWS, ONE, 0, 0, 0},
    {OBJECT_SECURITY_SCHEME, "openIdConnectUrl", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_SECURITY_SCHEME, "oauth2MetadataUrl", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_SECURITY_SCHEME, "deprecated", FLAG, 0, ONE, 0, 2, 0},
    {OBJECT_FLOWS, "implicit", MAP, OBJECT_FLOW, ONE, 0, 0, 0},
    {OBJECT_FLOWS, "password", MAP, OBJECT_FLOW, ONE, 0, 0, 0},
    {OBJECT_FLOWS, "clientCredentials", MAP, OBJECT_FLOW, ONE, 0, 0, 0},
    {OBJECT_FLOWS, "authorizationCode", MAP, OBJECT_FLOW, ONE, 0, 0, 0},
    {OBJECT_FLOWS, "deviceAuthorization", MAP, OBJECT_FLOW, ONE, 0, 2, 0},
    {OBJECT_FLOW, "authorizationUrl", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_FLOW, "deviceAuthorizationUrl", TEXT, 0, ONE, 0, 2, 0},
    {OBJECT_FLOW, "tokenUrl", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_FLOW, "refreshUrl", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_FLOW, "scopes", MAP, 0, ONE, REQUIRED, 0, 0},

    {OBJECT_OVERLAY, "overlay", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_OVERLAY, "info", MAP, OBJECT_INFO, ONE, REQUIRED, 0, 0},
    {OBJECT_OVERLAY, "extends", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_OVERLAY, "actions", LIST, OBJECT_OVERLAY_ACTION, EACH_ITEM, REQUIRED, 0, 0},
    {OBJECT_OVERLAY_ACTION, "target", TEXT, 0, ONE, REQUIRED, 0, 0},
    {OBJECT_OVERLAY_ACTION, "description", TEXT, 0, ONE, 0, 0, 0},
    {OBJECT_OVERLAY_ACTION, "update", ANY, 0, ONE, 0, 0, 0},
    {OBJECT_OVERLAY_ACTION, "remove", FLAG, 0, ONE, 0, 0, 0},
};
/* clang-format on */

static const struct {
    enum object object;
    const char *name;
} object_names[] = {
    {OBJECT_OPENAPI, "an OpenAPI document"},
    {OBJECT_INFO, "the info"},
    {OBJECT_CONTACT, "a contact"},
    {OBJECT_LICENSE, "a licence"},
    {OBJECT_SERVER, "a server"},
    {OBJECT_SERVER_VARIABLE, "a server variable"},
    {OBJECT_COMPONENTS, "the components"},
    {OBJECT_PATH_ITEM, "a path item"},
    {OBJECT_OPERATION, "an operation"},
    {OBJECT_EXTERNAL_DOCS, "external documentation"},
    {OBJECT_PARAMETER, "a parameter"},
    {OBJECT_REQUEST_BODY, "a request body"},
    {OBJECT_MEDIA_TYPE, "a media type"},
    {OBJECT_ENCODING, "an encoding"},
    {OBJECT_RESPONSE, "a response"},
    {OBJECT_CALLBACK, "a callback"},
    {OBJECT_EXAMPLE, "an example"},
    {OBJECT_LINK, "a link"},
    {OBJECT_HEADER, "a header"},
    {OBJECT_TAG, "a tag"},
    {OBJECT_SECURITY_SCHEME, "a security scheme"},
    {OBJECT_FLOWS, "OAuth flows"},
    {OBJECT_FLOW, "an OAuth flow"},
    {OBJECT_OVERLAY, "an overlay"},
    {OBJECT_OVERLAY_ACTION, "an action"},
};

typedef void add_finding(struct findings *findings, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct checking {
    int minor;
    struct findings *findings;
    add_finding *add; /* for what can be read nevertheless */
};

static const char *name_of(enum object object)
{
    for (size_t i = 0; i < sizeof object_names / sizeof *object_names; i++)
        if (object_names[i].object == object)
            return object_names[i].name;
    return "an object";
}

static unsigned type_of(const cJSON *node)
{
    return cJSON_IsString(node)   ? TEXT
           : cJSON_IsBool(node)   ? FLAG
           : cJSON_IsNumber(node) ? NUMBER
           : cJSON_IsArray(node)  ? LIST
           : cJSON_IsObject(node) ? MAP
                                  : NULLS;
}

static const char *type_name(unsigned types)
{
    return types == TEXT           ? "a string"
           : types == FLAG         ? "true or false"
           : types == LIST         ? "an array"
           : types == MAP          ? "an object"
           : types == (MAP | FLAG) ? "a schema (an object, true or false)"
                                   : "something else";
}

static bool is_current(const struct member_row *row, int minor)
{
    return minor >= row->since && (!row->until || minor < row->until);
}

static void check_node(struct checking *checking, const cJSON *node, enum object object,
                       bool may_refer, int depth);

static bool is_status(const char *key)
{
    if (text_is(key, "default"))
        return true;
    return strlen(key) == 3 && *key >= '1' && *key <= '5' &&
           (text_is(key + 1, "XX") ||
            (key[1] >= '0' && key[1] <= '9' && key[2] >= '0' && key[2] <= '9'));
}

static bool check_key(struct checking *checking, const cJSON *member, enum shape shape)
{
    if (shape == EACH_PATH && *member->string != '/') {
        findings_add(checking->findings, tree_key_place(member), "path '%s' must begin with '/'",
                     member->string);
        return false;
    }
    if (shape == EACH_STATUS && !is_status(member->string)) {
        findings_add(checking->findings, tree_key_place(member),
                     "'%s' is no status: expected 200, 4XX or default", member->string);
        return false;
    }
    return true;
}

static void check_value(struct checking *checking, const struct member_row *row, const cJSON *value,
                        int depth)
{
    bool may_refer = row->flags & MAY_REFER;
    if (!(type_of(value) & row->types)) {
        findings_add(checking->findings, tree_place(value), "'%s' must be %s, not %s", row->name,
                     type_name(row->types), type_name(type_of(value)));
        return;
    }
    if ((row->flags & NOT_EMPTY) && !value->child)
        findings_add(checking->findings, tree_place(value), "'%s' must not be empty", row->name);
    if (!row->object)
        return;
    if (row->shape == ONE) {
        check_node(checking, value, row->object, may_refer, depth);
        return;
    }
    const cJSON *child;
    cJSON_ArrayForEach (child, value) {
        bool is_map = row->shape != EACH_ITEM;
        bool is_extension =
            is_map && row->shape != EACH_MEMBER && text_starts_with(child->string, "x-");
        if (!is_extension && (!is_map || check_key(checking, child, row->shape)))
            check_node(checking, child, row->object, may_refer, depth);
    }
}

static void report_unknown(struct checking *checking, const cJSON *member, enum object object)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].owner != object)
            continue;
        if (text_is(rows[i].name, member->string) && rows[i].since > checking->minor) {
            findings_warn(checking->findings, tree_key_place(member),
                          "'%s' is a member of %s only from OpenAPI 3.%d on", member->string,
                          name_of(object), rows[i].since);
            return;
        }
        if (text_is(rows[i].name, member->string)) {
            checking->add(checking->findings, tree_key_place(member),
                          "'%s' is no member of %s in OpenAPI 3.%d", member->string,
                          name_of(object), checking->minor);
            return;
        }
        if (is_current(&rows[i], checking->minor) && count < NAMES_MAX)
            names[count++] = rows[i].name;
    }
    const char *nearest = text_nearest_of(member->string, names, count);
    checking->add(checking->findings, tree_key_place(member), "%s has no member '%s'%s%s%s",
                  name_of(object), member->string, nearest ? " (did you mean '" : "",
                  nearest ? nearest : "", nearest ? "'?)" : "");
}

/* Without its name and place a parameter is nothing, and so a security scheme without its type. */
static void need(struct checking *checking, const cJSON *node, enum object object, const char *name)
{
    bool is_vital = object == OBJECT_PARAMETER || object == OBJECT_SECURITY_SCHEME;
    (is_vital ? findings_add : checking->add)(checking->findings, tree_place(node),
                                              "%s needs the member '%s'", name_of(object), name);
}

static void check_members(struct checking *checking, const cJSON *node, enum object object,
                          int depth)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].owner != object || !is_current(&rows[i], checking->minor))
            continue;
        const cJSON *value = tree_get(node, rows[i].name);
        if (value)
            check_value(checking, &rows[i], value, depth + 1);
        else if (rows[i].flags & REQUIRED)
            need(checking, node, object, rows[i].name);
    }
    const cJSON *member = tree_get(node, "example");
    if (member && tree_get(node, "examples"))
        checking->add(checking->findings, tree_key_place(member),
                      "'example' and 'examples' exclude each other");
    cJSON_ArrayForEach (member, node) {
        bool known = text_starts_with(member->string, "x-");
        for (size_t i = 0; i < sizeof rows / sizeof *rows && !known; i++)
            known = rows[i].owner == object && is_current(&rows[i], checking->minor) &&
                    text_is(rows[i].name, member->string);
        if (!known)
            report_unknown(checking, member, object);
    }
}

static void check_node(struct checking *checking, const cJSON *node, enum object object,
                       bool may_refer, int depth)
{
    const cJSON *member;
    if (!cJSON_IsObject(node)) {
        findings_add(checking->findings, tree_place(node), "%s must be an object, not %s",
                     name_of(object), type_name(type_of(node)));
        return;
    }
    const cJSON *reference = tree_get(node, "$ref");
    if (reference && may_refer) {
        if (!cJSON_IsString(reference))
            findings_add(checking->findings, tree_place(reference), "'$ref' must be a string");
        return;
    }
    if (depth > STRUCTURE_DEPTH_MAX)
        return;
    if (object == OBJECT_CALLBACK) {
        cJSON_ArrayForEach (member, node)
            if (!text_starts_with(member->string, "x-"))
                check_node(checking, member, OBJECT_PATH_ITEM, checking->minor > 0, depth + 1);
        return;
    }
    check_members(checking, node, object, depth);
}

static int check(const cJSON *node, enum object object, int minor, add_finding *add,
                 struct findings *findings)
{
    struct checking checking = {minor, findings, add};
    size_t before = findings->errors;
    check_node(&checking, node, object, false, 0);
    return findings->errors > before ? -1 : 0;
}

int structure_check(const cJSON *node, enum object object, int minor, struct findings *findings)
{
    return check(node, object, minor, findings_add, findings);
}

int structure_check_foreign(const cJSON *node, enum object object, int minor,
                            struct findings *findings)
{
    return check(node, object, minor, findings_warn, findings);
}
