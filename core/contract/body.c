/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/body.h"

#include "core/contract/coerce.h"
#include "core/contract/media.h"
#include "core/data/json.h"
#include "core/data/utf8.h"

/* A member that comes again makes an array; "name[]" is always one. */
static void add_text(struct arena *arena, cJSON *object, const char *name, cJSON *value,
                     const struct schema *schema)
{
    size_t len = strlen(name);
    bool is_list = len > 2 && text_ends_with(name, "[]");
    const char *key = is_list ? arena_strndup(arena, name, len - 2) : name;
    const struct schema *member = schema ? schema_property(schema, key) : NULL;
    cJSON *old = (cJSON *)tree_get(object, key);
    is_list = is_list || (member && schema_types(member) == SCHEMA_ARRAY);
    if (cJSON_IsArray(old)) {
        tree_append(old, value);
        return;
    }
    if (old || is_list) {
        cJSON *list = tree_array(arena);
        if (old)
            tree_append(list, tree_copy(arena, old));
        tree_append(list, value);
        value = list;
    }
    tree_set(arena, object, key, value);
}

static cJSON *read_form(struct arena *arena, struct str bytes, const struct schema *schema)
{
    struct pairs pairs = {0};
    const struct pair *pair;
    cJSON *object = tree_object(arena);
    pairs_parse(arena, bytes, &pairs);
    vec_foreach (pair, &pairs)
        add_text(arena, object, pair->name, tree_string(arena, pair->value), schema);
    return coerce_tree(arena, schema, object);
}

static bool is_utf8(struct str bytes)
{
    if (!bytes.len)
        return true;
    const char *at = bytes.ptr, *end = bytes.ptr + bytes.len;
    while (at < end) {
        size_t length = utf8_length(at, end);
        if (!length)
            return false;
        at += length;
    }
    return true;
}

/* Bytes that are no text, in base64 (RFC 4648 section 4). */
static cJSON *show_bytes(struct arena *arena, struct str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = arena_alloc(arena, (bytes.len + 2) / 3 * 4 + 1), *at = out;
    for (size_t i = 0; i < bytes.len; i += 3) {
        unsigned left = (unsigned)(bytes.len - i), word = (unsigned char)bytes.ptr[i] << 16u;
        word |= left > 1 ? (unsigned)(unsigned char)bytes.ptr[i + 1] << 8 : 0;
        word |= left > 2 ? (unsigned char)bytes.ptr[i + 2] : 0;
        *at++ = digits[word >> 18];
        *at++ = digits[word >> 12 & 63];
        *at++ = left > 1 ? digits[word >> 6 & 63] : '=';
        *at++ = left > 2 ? digits[word & 63] : '=';
    }
    return tree_string(arena, out);
}

static cJSON *read_part(struct arena *arena, const struct part *part, const struct schema *schema)
{
    cJSON *value = NULL;
    const struct schema *member = schema ? schema_property(schema, part->name) : NULL;
    bool wants_json = member && !(schema_types(member) & (SCHEMA_STRING | SCHEMA_ARRAY)) &&
                      (schema_types(member) & SCHEMA_OBJECT);
    if (!part->filename && (media_is_json(part->media_type) || wants_json))
        value = json_parse(arena, part->bytes.ptr, part->bytes.len, NULL, NULL);
    if (value)
        return value;
    return is_utf8(part->bytes) ? tree_string_n(arena, part->bytes.ptr, part->bytes.len)
                                : show_bytes(arena, part->bytes);
}

static cJSON *read_multipart(struct arena *arena, const char *content_type, struct str bytes,
                             const struct schema *schema, struct parts *parts, struct error *err)
{
    struct parts own = {0};
    const struct part *part;
    const char *boundary = multipart_boundary(arena, content_type, err);
    parts = parts ? parts : &own;
    if (!boundary)
        return NULL;
    struct multipart *multipart = multipart_new(arena, boundary, NULL, parts);
    if (multipart_feed(multipart, bytes.ptr, bytes.len, err) || multipart_end(multipart, err))
        return NULL;
    cJSON *object = tree_object(arena);
    vec_foreach (part, parts)
        add_text(arena, object, part->name, read_part(arena, part, schema), schema);
    return coerce_tree(arena, schema, object);
}

cJSON *body_read(struct arena *arena, struct sent_body sent, const struct schema *schema,
                 struct parts *parts, enum body_kind *kind, struct error *err)
{
    const char *content_type = sent.content_type;
    struct str bytes = sent.bytes;
    error_clear(err);
    *kind = BODY_NONE;
    if (!bytes.len)
        return NULL;
    if (media_is_json(content_type)) {
        *kind = BODY_JSON;
        return json_parse(arena, bytes.ptr, bytes.len, NULL, err);
    }
    if (media_is(content_type, "application/x-www-form-urlencoded")) {
        *kind = BODY_FORM;
        return read_form(arena, bytes, schema);
    }
    if (media_is(content_type, "multipart/form-data")) {
        *kind = BODY_MULTIPART;
        return read_multipart(arena, content_type, bytes, schema, parts, err);
    }
    *kind = media_is_text(content_type) && is_utf8(bytes) ? BODY_TEXT : BODY_BYTES;
    return *kind == BODY_TEXT ? tree_string_n(arena, bytes.ptr, bytes.len) : NULL;
}
