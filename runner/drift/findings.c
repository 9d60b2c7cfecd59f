/* SPDX-License-Identifier: Apache-2.0 */
/* What differs, told once: the same at the same place of an operation is counted. */
#include "core/base/str.h"
#include "runner/drift/parts.h"

#include <stdint.h>

const char *const drift_kind_names[DRIFT_KINDS] = {"breach", "difference", "variation", "note"};
const char *const drift_aspect_names[DRIFT_ASPECTS] = {"step",   "status", "media type", "header",
                                                       "member", "type",   "format",     "value",
                                                       "rule",   "states", "events"};

/* '*' is any text, '?' any byte; brackets are themselves, since paths have them. */
static bool matches(const char *pattern, const char *text)
{
    const char *star = NULL, *again = NULL;
    while (*text)
        if (*pattern == '*') {
            star = ++pattern;
            again = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++again;
        } else {
            return false;
        }
    return !pattern[strspn(pattern, "*")];
}

static bool fits(const char *pattern, const char *operation, const char *part)
{
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    strbuf_addf(&text, "%s#%s", operation, part);
    bool result = matches(pattern, text.buf);
    strbuf_release(&text);
    return result;
}

bool drift_is_ignored(const struct drift_finding *finding, const struct texts *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const char *pattern = patterns->items[i];
        if (text_is(pattern, drift_kind_names[finding->kind]) ||
            fits(pattern, finding->operation, drift_aspect_names[finding->aspect]) ||
            fits(pattern, finding->operation, finding->path))
            return true;
    }
    return false;
}

enum drift_kind drift_kind_of(const struct drift_finding *finding, enum drift_kind otherwise)
{
    return finding->side[DRIFT_LEFT].broken || finding->side[DRIFT_RIGHT].broken ? DRIFT_BREACH
                                                                                 : otherwise;
}

struct drift_operation *drift_operation_row(struct drifting *drifting,
                                            const struct provider *provider, const char *name)
{
    struct drift *drift = drifting->drift;
    struct drift_operation *row;
    const char *of = provider ? provider->name : "";
    vec_foreach (row, &drift->operations)
        if (text_is(row->name, name) && text_is(row->provider, of))
            return row;
    struct drift_operation made = {.provider = of, .name = name};
    vec_push_arena(drifting->arena, &drift->operations, made);
    return &drift->operations.items[drift->operations.count - 1];
}

static const char *key_of(struct arena *arena, const struct drift_finding *finding)
{
    return arena_printf(arena, "%s %s %d %d %s\n%s\n%s\n%d%d", finding->provider,
                        finding->operation, (int)finding->kind, (int)finding->aspect, finding->path,
                        finding->side[DRIFT_LEFT].text, finding->side[DRIFT_RIGHT].text,
                        finding->side[DRIFT_LEFT].broken != NULL,
                        finding->side[DRIFT_RIGHT].broken != NULL);
}

size_t drift_told(const struct drift *drift)
{
    const struct drift_finding *finding;
    size_t told = drift->counts.ignored;
    vec_foreach (finding, &drift->findings)
        told += finding->count;
    return told;
}

struct drift_finding *drift_tell(const struct spot_of_drift *at, struct drift_finding finding)
{
    struct drifting *drifting = at->drifting;
    struct drift *drift = drifting->drift;
    const struct unit *unit = at->unit[DRIFT_LEFT] ? at->unit[DRIFT_LEFT] : at->unit[DRIFT_RIGHT];
    finding.provider = at->provider ? at->provider->name : "";
    finding.operation = at->operation ? at->operation->name : unit->step->id;
    finding.path = finding.path ? finding.path : "";
    finding.place = unit->step->place;
    finding.workflow = unit->workflow->id;
    finding.step = unit->step->id;
    finding.count = 1;
    if (drift_is_ignored(&finding, drifting->ignored)) {
        drift->counts.ignored++;
        return NULL;
    }
    const char *key = key_of(drifting->arena, &finding);
    uintptr_t index = (uintptr_t)map_get(drifting->known, key);
    if (index) {
        struct drift_finding *known = &drift->findings.items[index - 1];
        known->count++;
        return known;
    }
    vec_push_arena(drifting->arena, &drift->findings, finding);
    map_put(drifting->known, key, (void *)(uintptr_t)drift->findings.count);
    drift->counts.kinds[finding.kind]++;
    drift_operation_row(drifting, at->provider, finding.operation)->told[finding.kind]++;
    return &drift->findings.items[drift->findings.count - 1];
}
