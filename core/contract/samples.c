/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/samples.h"

#include "core/contract/document.h"
#include "core/contract/media.h"

#include <stdlib.h>

/* ---- examples ---- */

/* An Example Object, also behind a reference; its document is the file in which it stands. */
static const cJSON *example_object(const struct contract *contract, const cJSON *node)
{
    const struct loaded *loaded = contract->loaded;
    const char *file = tree_place(node).file;
    if (!file || !map_get(loaded->documents, file))
        file = contract->file;
    struct arena *scratch = arena_new();
    struct findings findings = {0};
    struct loaded here = *loaded;
    here.arena = scratch;
    here.findings = &findings;
    const cJSON *end = spot_follow(&here, (struct spot){node, file, ""}).node;
    findings_release(&findings);
    arena_free(scratch);
    return end;
}

static bool read_example(const struct contract *contract, const cJSON *member,
                         struct sample *sample)
{
    const cJSON *object = example_object(contract, member);
    const cJSON *value = tree_get(object, "value");
    sample->name = member->string;
    sample->value = value ? value : tree_get(object, "dataValue");
    sample->text = tree_get_text(object, "serializedValue");
    return sample->value || sample->text;
}

bool sample_find(const struct contract *contract, const cJSON *object, const char *name,
                 struct sample *sample)
{
    const cJSON *examples = tree_get(object, "examples"), *member;
    *sample = (struct sample){0};
    if (!name)
        sample->value = tree_get(object, "example");
    if (sample->value)
        return true;
    if (cJSON_IsObject(examples))
        cJSON_ArrayForEach (member, examples)
            if ((!name || text_is(member->string, name)) && read_example(contract, member, sample))
                return true;
    return false;
}

const char *sample_names(struct arena *arena, const cJSON *object)
{
    const cJSON *examples = tree_get(object, "examples"), *member;
    const char *text = "";
    if (cJSON_IsObject(examples))
        cJSON_ArrayForEach (member, examples)
            text = arena_printf(arena, "%s%s'%s'", text, *text ? ", " : "", member->string);
    return text;
}

/* ---- Accept (RFC 9110 section 12.5.1) ---- */

enum { QUALITY_FULL = 1000 };

/* In thousandths; QUALITY_FULL without a `q`. */
static int quality_of(struct str range)
{
    for (size_t i = 0; i + 2 < range.len; i++) {
        const char *at = range.ptr + i;
        if (*at != ';')
            continue;
        at++;
        while (at < range.ptr + range.len && (*at == ' ' || *at == '\t'))
            at++;
        if (at + 1 < range.ptr + range.len && (*at | 32) == 'q' && at[1] == '=') {
            char text[16] = "";
            size_t len = (size_t)(range.ptr + range.len - at - 2);
            memcpy(text, at + 2, len < sizeof text - 1 ? len : sizeof text - 1);
            double q = strtod(text, NULL);
            return q < 0 ? 0 : q > 1 ? QUALITY_FULL : (int)(q * QUALITY_FULL + 0.5);
        }
    }
    return QUALITY_FULL;
}

/* How the header ranks one type: by the range that fits it best. -1: nothing fits. */
static int rank(struct arena *scratch, const char *type, const char *accept)
{
    int best_fit = 0, best = -1;
    while (*accept) {
        struct str range = {accept, strcspn(accept, ",")};
        struct str essence = media_essence(arena_strndup(scratch, range.ptr, range.len));
        const char *asked = arena_strndup(scratch, essence.ptr, essence.len);
        int forth = media_fit(asked, type), back = media_fit(type, asked);
        int fit = forth > back ? forth : back; /* the document may name a range, too */
        if (fit > best_fit) {
            best_fit = fit;
            best = quality_of(range);
        }
        accept += range.len + (accept[range.len] == ',');
    }
    return best;
}

const struct media_type *media_types_accepted(const struct media_types *types, const char *accept)
{
    const struct media_type *media, *best = NULL;
    int highest = 0;
    if (!accept || !accept[strspn(accept, " ,\t")])
        return media_types_preferred(types);
    struct arena *scratch = arena_new();
    vec_foreach (media, types) {
        int here = rank(scratch, media->name, accept);
        bool is_nicer =
            best && here == highest && media_is_json(media->name) && !media_is_json(best->name);
        if (here > highest || (here > 0 && is_nicer)) {
            highest = here;
            best = media;
        }
    }
    arena_free(scratch);
    return best;
}
