/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/structure.h"

#include "core/base/str.h"
#include "core/contract/structure_rows.h"

enum {
    STRUCTURE_DEPTH_MAX = 64,
    NAMES_MAX = 40, /* members of one object in the table */
};

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
    for (size_t i = 0; i < openapi_row_count; i++) {
        if (openapi_rows[i].owner != object)
            continue;
        if (text_is(openapi_rows[i].name, member->string) &&
            openapi_rows[i].since > checking->minor) {
            findings_warn(checking->findings, tree_key_place(member),
                          "'%s' is a member of %s only from OpenAPI 3.%d on", member->string,
                          name_of(object), openapi_rows[i].since);
            return;
        }
        if (text_is(openapi_rows[i].name, member->string)) {
            checking->add(checking->findings, tree_key_place(member),
                          "'%s' is no member of %s in OpenAPI 3.%d", member->string,
                          name_of(object), checking->minor);
            return;
        }
        if (is_current(&openapi_rows[i], checking->minor) && count < NAMES_MAX)
            names[count++] = openapi_rows[i].name;
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
    for (size_t i = 0; i < openapi_row_count; i++) {
        if (openapi_rows[i].owner != object || !is_current(&openapi_rows[i], checking->minor))
            continue;
        const cJSON *value = tree_get(node, openapi_rows[i].name);
        if (value)
            check_value(checking, &openapi_rows[i], value, depth + 1);
        else if (openapi_rows[i].flags & REQUIRED)
            need(checking, node, object, openapi_rows[i].name);
    }
    const cJSON *member = tree_get(node, "example");
    if (member && tree_get(node, "examples"))
        checking->add(checking->findings, tree_key_place(member),
                      "'example' and 'examples' exclude each other");
    cJSON_ArrayForEach (member, node) {
        bool known = text_starts_with(member->string, "x-");
        for (size_t i = 0; i < openapi_row_count && !known; i++)
            known = openapi_rows[i].owner == object &&
                    is_current(&openapi_rows[i], checking->minor) &&
                    text_is(openapi_rows[i].name, member->string);
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
