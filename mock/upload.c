/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/upload.h"

#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "core/base/vec.h"
#include "core/contract/openapi.h"
#include "core/net/digest.h"

static cJSON *describe(struct arena *arena, const struct part *part)
{
    cJSON *file = tree_object(arena);
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    base64_encode(&text, part->bytes.ptr, part->bytes.len);
    if (part->filename)
        tree_set_string(arena, file, "filename", part->filename);
    if (part->media_type)
        tree_set_string(arena, file, "media_type", part->media_type);
    tree_set(arena, file, "size", tree_integer(arena, (int64_t)part->bytes.len));
    tree_set(arena, file, "base64", tree_string_n(arena, text.len ? text.buf : "", text.len));
    strbuf_release(&text);
    return file;
}

/* Some clients send the bytes of a file without its name. */
static bool is_binary(const struct exchange *exchange, const struct part *part)
{
    const struct request_body *body = exchange->operation->operation->body;
    const struct media_type *media =
        body ? media_types_find(&body->content, "multipart/form-data") : NULL;
    const struct schema *schema =
        media && media->schema ? schema_property(media->schema, part->name) : NULL;
    return schema && text_is(tree_get_text(schema_node(schema), "format"), "binary");
}

void upload_bind(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    const struct part *part;
    cJSON *files = NULL;
    vec_foreach (part, &exchange->checked.parts) {
        if (!part->filename && !is_binary(exchange, part))
            continue;
        files = files ? files : tree_object(arena);
        if (!tree_get(files, part->name)) /* the first of a name */
            tree_set(arena, files, part->name, describe(arena, part));
    }
    if (files)
        play_bind(&exchange->play, "files", files);
}
