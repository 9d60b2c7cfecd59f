/* SPDX-License-Identifier: Apache-2.0 */
/* unreachable.yaml: what of a contract no scenario can meet, and why. */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/load.h"
#include "core/lifecycle/formats.h"
#include "runner/monitor/monitor.h"

#include <fnmatch.h>
#include <string.h>

struct excuse {
    const char *glob, *reason;
    struct place place;
};

static const char *nearest(const struct coverage *coverage, enum coverage_kind kind,
                           const char *given)
{
    struct {
        VEC(const char *);
    } names = {0};
    for (const struct map_entry *entry = map_first(coverage->counts[kind]); entry;
         entry = entry->next)
        vec_push_arena(coverage->arena, &names, entry->key);
    return text_nearest_of(given, names.items, names.count);
}

static void excuse_kind(const struct coverage *coverage, enum coverage_kind kind,
                        const struct excuse *excuse, struct findings *findings)
{
    const int length = (int)strlen(coverage_names[kind]) - 1;
    size_t fits = 0;
    for (const struct map_entry *entry = map_first(coverage->counts[kind]); entry;
         entry = entry->next) {
        struct coverage_count *count = entry->value;
        if (fnmatch(excuse->glob, entry->key, 0) != 0)
            continue;
        fits++;
        if (count->met)
            findings_add(findings, excuse->place,
                         "the %.*s '%s' was met after all: it is not unreachable", length,
                         coverage_names[kind], entry->key);
        count->excuse = excuse->reason;
    }
    const char *near = fits ? NULL : nearest(coverage, kind, excuse->glob);
    if (!fits)
        findings_add(findings, excuse->place, "the contract has no %.*s '%s'%s%s%s", length,
                     coverage_names[kind], excuse->glob, near ? " (did you mean '" : "",
                     near ? near : "", near ? "'?)" : "");
}

void coverage_excuse(struct coverage *coverage, const char *file, struct findings *findings)
{
    const cJSON *document = load_document(coverage->arena, file, findings), *item;
    if (!document || !format_check(coverage->arena, "unreachable", document, findings))
        return;
    for (int kind = 0; kind < COVERAGE_KINDS; kind++) {
        cJSON_ArrayForEach (item, tree_get(document, coverage_names[kind])) {
            const struct excuse excuse = {item->string, tree_text(item), tree_key_place(item)};
            excuse_kind(coverage, (enum coverage_kind)kind, &excuse, findings);
        }
    }
}
