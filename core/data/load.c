/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/load.h"

#include "core/base/file.h"
#include "core/data/json.h"
#include "core/data/yaml.h"

#include <stdlib.h>

/* json_parse says "line:column: text": the place goes where findings have it. */
static void add_json_error(struct findings *findings, const char *path, const struct error *err)
{
    char *at;
    struct place place = {path, (unsigned)strtoul(err->text, &at, 10), 0};
    if (*at == ':')
        place.column = (unsigned)strtoul(at + 1, &at, 10);
    findings_add(findings, place, "%s", text_starts_with(at, ": ") ? at + 2 : err->text);
}

typedef cJSON *yaml_reader(struct arena *arena, const char *bytes, size_t len, const char *file,
                           struct findings *findings);

static cJSON *load(struct arena *arena, const char *path, yaml_reader *read_yaml,
                   struct findings *findings)
{
    struct error err = {0};
    size_t len;
    char *bytes = file_read(arena, path, LIMIT_DOCUMENT, &len, &err);
    if (!bytes) {
        findings_add(findings, (struct place){path, 0, 0}, "%s", err.text);
        return NULL;
    }
    if (!text_ends_with(path, ".json") && !text_ends_with(path, ".har"))
        return read_yaml(arena, bytes, len, path, findings);
    cJSON *root = json_parse(arena, bytes, len, path, &err);
    if (!root)
        add_json_error(findings, path, &err);
    return root;
}

cJSON *load_document(struct arena *arena, const char *path, struct findings *findings)
{
    return load(arena, path, yaml_parse, findings);
}

cJSON *load_foreign(struct arena *arena, const char *path, struct findings *findings)
{
    return load(arena, path, yaml_parse_foreign, findings);
}
